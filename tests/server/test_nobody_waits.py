"""What makes people wait for one another without need is kept out of the site."""

from pathlib import Path

import pytest

import cocm.server

pytestmark = pytest.mark.once


def test_no_page_waits_for_another_practices_page() -> None:
    """Python 3.11 holds one lock for a `functools.cached_property` of all objects while it is worked out.

    With it the boards of all practices would be read one after the other, and two threads that also wait for rows of
    the database could wait for each other for ever. Django's own has no lock.
    """
    sources = Path(cocm.server.__file__).parent.rglob("*.py")
    assert [one.name for one in sources if "from functools import cached_property" in one.read_text()] == []
