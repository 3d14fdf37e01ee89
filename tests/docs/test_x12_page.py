"""The page of the guides shows what the maps hold."""

import re

from cocm.x12.document import x12_page
from cocm.x12.guide import guide_versions, load_guide

PAGE = x12_page()


def test_every_guide_loop_and_segment_is_on_the_page() -> None:
    for name in set(guide_versions().values()):
        guide = load_guide(name)
        section = PAGE.split(f"\n## {guide.transaction} {guide.label}, {guide.version}\n", 1)[1].split(
            "\n## ", 1
        )[0]
        for loop in guide.loops.values():
            assert f"\n### {loop.loop_id}: {loop.label}\n" in section
        assert section.count("\n| HL ") == sum(loop.first.tag == "HL" for loop in guide.loops.values())


def test_the_head_links_to_every_guide() -> None:
    for anchor in re.findall(r"\]\(#([^)]+)\)", PAGE):
        words = re.sub(r"[^a-z0-9 -]", "", " ".join(PAGE.lower().split("\n## ")[1:]))
        assert anchor.replace("-", " ") in words.replace("-", " ")


def test_an_element_reads_with_its_codes_and_lengths() -> None:
    assert "01 claim id R AN 1-38<br>02 charge amount R R 1-18" in PAGE
    assert "05-1 place of service code R AN 1-2, code set place of service" in PAGE
