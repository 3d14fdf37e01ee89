"""docs/operate.md is what the settings say."""

from pathlib import Path

from cocm.server.environment import VARIABLES
from cocm.server.operate import operate_page

PAGE = Path(__file__).parents[2] / "docs" / "operate.md"


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == operate_page(), "run `make docs`"


def test_each_setting_is_told_and_no_secret_has_a_default() -> None:
    page = operate_page()
    for variable in VARIABLES:
        assert f"`{variable.name}`" in page
        assert not (variable.is_secret and variable.default)
