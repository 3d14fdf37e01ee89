"""`make demo` tells its story to the end, and what the documents show of it is what it prints."""

from __future__ import annotations

import csv
import io
import re
import sys
from contextlib import redirect_stdout
from pathlib import Path

import pytest
from pypdf import PdfReader

ROOT = Path(__file__).resolve().parents[2]
PAGES = (ROOT / "README.md", ROOT / "docs" / "after-the-claim.md")
SHOWN = [
    (page.name, block)
    for page in PAGES
    for block in re.findall(r"```text\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """What the demo prints, and the folder it made."""
    sys.path.append(str(ROOT / "tools"))
    import demo  # found by the path above

    folder = tmp_path_factory.mktemp("demo")
    printed = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(printed):
        patch.chdir(folder)
        assert demo.main() == 0
    return printed.getvalue(), folder / "demo"


def test_every_cent_of_the_two_claims_is_accounted_for(told: tuple[str, Path]) -> None:
    printed, folder = told
    assert "\n6 entries; debits less credits $0.00\n" in printed
    assert printed.count("open with the payer $0.00") == 2
    assert "\n0 items, $0.00\n" in printed
    with (folder / "ariana" / "books.csv").open(encoding="utf-8", newline="") as stream:
        assert list(csv.DictReader(stream))


def test_the_places_it_names_are_there(told: tuple[str, Path]) -> None:
    printed, folder = told
    places = re.findall(r"demo(/\S+)", printed.split("\nWhere everything is\n", 1)[1])
    assert len(places) == 7
    for place in places:
        assert (folder / place.strip("/")).exists(), place


def test_the_psychotherapy_note_went_to_nobody(told: tuple[str, Path]) -> None:
    printed, folder = told
    pages = PdfReader(folder / "ariana" / "to-payers" / "packet" / "packet.pdf").pages
    packet = "\n".join(page.extract_text() for page in pages)
    assert "withheld: D4" in printed
    assert "Weekly contact, behavioral activation" in packet and "therapist" not in packet.lower()


def test_the_example_remittance_is_the_demos(told: tuple[str, Path]) -> None:
    _, folder = told
    made = (folder / "ariana" / "from-payers" / "denied.835").read_bytes()
    assert made == (ROOT / "docs" / "examples" / "denied.835").read_bytes()


@pytest.mark.parametrize(("page", "block"), SHOWN, ids=[f"{page}-{at}" for at, (page, _) in enumerate(SHOWN)])
def test_what_a_page_shows_of_the_demo_is_what_it_prints(
    told: tuple[str, Path], page: str, block: str
) -> None:
    printed = told[0].splitlines()
    for line in block.splitlines():
        assert not line or line == "..." or line in printed, (
            f"{page} shows what the demo does not print: {line}"
        )


def test_both_pages_show_something_of_it() -> None:
    assert {page for page, _ in SHOWN} == {page.name for page in PAGES}
