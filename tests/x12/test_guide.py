import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cocm.basics.errors import RulebookError, X12Error
from cocm.x12 import Delimiters, guide
from cocm.x12.form import SegmentForm
from cocm.x12.guide import find_guide, guide_versions, load_envelope, load_guide

LEAST_DICTIONARY = """
elements: {"98": ID 2 3, "1035": AN 1 60}
composites: {}
segments: {NM1: "98 1065 1035", N3: "1035"}
syntax: {}
"""
LEAST_GUIDE = """
guide: X
transaction: "837"
label: least
functional_identifier: HC
dictionary: dictionary
loops:
  transaction:
    label: all
    segments:
      - NM1 R 1 name:
          - 01 R entity = 85
"""


@pytest.fixture(scope="module")
def professional() -> guide.Guide:
    return load_guide("005010X222A1")


def test_every_version_of_the_index_has_a_map_that_loads() -> None:
    assert set(guide_versions()) >= {"005010X222A1", "005010X222", "005010X222A2"}
    for version in guide_versions():
        loaded = load_guide(version)
        assert find_guide(loaded.transaction, loaded.version) == guide_versions()[version]
        assert loaded.root.first.tag == "ST"
    assert load_envelope().root.first.tag == "ISA"


def test_two_transactions_of_one_version_have_a_guide_each() -> None:
    assert find_guide("270", "005010X279A1") == "270-005010X279A1"
    assert find_guide(" 271", "005010x279a1 ") == "271-005010X279A1"
    assert find_guide("271", "005010X279") == "271-005010X279A1"
    assert find_guide("837", "005010X222") == "005010X222A1"
    assert find_guide("999", "005010X222A1") is None


def test_an_unknown_version_names_those_there_are() -> None:
    with pytest.raises(RulebookError, match=r"005010X999.*005010X222A1"):
        load_guide("005010X999")


def test_loading_the_map_takes_under_a_tenth_of_a_second(seconds_here: Callable[[float], float]) -> None:
    code = (
        "import time, cocm.x12.guide as guide\n"
        "start = time.process_time()\n"
        "guide.load_guide('005010X222A1')\n"
        "guide.load_envelope()\n"
        "print(time.process_time() - start)"
    )
    runs = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout)
        for _ in range(3)
    ]

    assert min(runs) < seconds_here(0.1)


def test_every_loop_is_reached_from_the_root(professional: guide.Guide) -> None:
    reached, waiting = set(), [professional.root]
    while waiting:
        loop = waiting.pop()
        reached.add(loop.loop_id)
        waiting.extend(child for child in professional.children(loop) if child.loop_id not in reached)

    assert reached == set(professional.loops)


def test_uses_of_one_tag_in_a_loop_can_be_told_apart(professional: guide.Guide) -> None:
    for loop in professional.loops.values():
        uses = (*loop.segments, *loop.closing)
        for use in uses:
            for other in uses:
                if use is not other and use.tag == other.tag:
                    pairs = zip(use.selectors, other.selectors, strict=False)
                    assert any(not (one.codes & two.codes) for one, two in pairs), (use.name, other.name)


def test_names_are_unique_in_their_loop(professional: guide.Guide) -> None:
    for loop in professional.loops.values():
        names = [use.name for use in (*loop.segments, *loop.closing)]
        assert len(names) == len(set(names))


def test_neighbours_of_one_tag_share_a_place(professional: guide.Guide) -> None:
    orders = {use.name: use.order for use in professional.loops["2300"].segments}

    assert orders["claim"] < orders["onset_date"] == orders["first_contact_date"] < orders["claim_paperwork"]
    assert professional.loop_orders["2300", "2310A"] == professional.loop_orders["2300", "2310F"]
    assert professional.loop_orders["2300", "2320"] < professional.loop_orders["2300", "2400"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("NM1 R 1 name", "NM1 Q 1 name", "TAG USAGE REPEAT name"),
        ("01 R entity = 85", "1 R entity", "is not an element line"),
        ("01 R entity = 85", "02 R entity_type", "1065"),
        ("01 R entity = 85", "05 R entity_type", "lacks"),
        ("01 R entity = 85", "+ shape", "shapes|shape"),
        ("- 01 R entity = 85", "- 01 R entity = 85\n          - 03 S entity", "two elements have one name"),
        ("label: least", "lable: least", "label"),
        ("    segments:", "    loops: [gone]\n    segments:", "gone"),
        ("NM1 R 1 name", "XX9 R 1 name", "XX9"),
    ],
)
def test_a_map_that_breaks_its_form_is_refused_with_its_file(
    old: str, new: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert old in LEAST_GUIDE
    (tmp_path / "index.yaml").write_text('guides: {X: {map: least, transaction: "837"}}')
    (tmp_path / "dictionary.yaml").write_text(LEAST_DICTIONARY)
    (tmp_path / "least.yaml").write_text(LEAST_GUIDE.replace(old, new))
    monkeypatch.setattr(guide, "_folder", lambda: tmp_path)

    with pytest.raises(RulebookError, match=expected) as refused:
        load_guide("X")

    assert "least.yaml" in str(refused.value)


def test_a_form_is_held_to_the_map_when_it_is_made(professional: guide.Guide) -> None:
    use = professional.use("2010AA", "billing_name")

    with pytest.raises(RulebookError, match="does not allow '99'"):
        SegmentForm(use, Delimiters(), {"entity": "99", "entity_type": "2"}, ("last_or_organization_name",))
    with pytest.raises(RulebookError, match="no element 'nickname'"):
        SegmentForm(use, Delimiters(), {"entity": "85", "entity_type": "2"}, ("nickname",))
    with pytest.raises(RulebookError, match="in their order"):
        SegmentForm(
            use,
            Delimiters(),
            {"entity": "85", "entity_type": "2"},
            ("first_name", "last_or_organization_name"),
        )
    with pytest.raises(X12Error, match=r"NM103.*missing"):
        SegmentForm(use, Delimiters(), {"entity": "85", "entity_type": "2"})
    with pytest.raises(X12Error, match=r"NM108, NM109.*all of"):
        SegmentForm(
            use,
            Delimiters(),
            {"entity": "85", "entity_type": "2", "identifier_type": "XX"},
            ("last_or_organization_name",),
        )


def test_a_form_leaves_out_what_is_empty_and_keeps_places(professional: guide.Guide) -> None:
    use = professional.use("2400", "service")
    form = SegmentForm(
        use,
        Delimiters(),
        {"code_type": "HC", "unit": "UN"},
        (
            "hcpcs_code",
            "modifier_1",
            "modifier_2",
            "charge_amount",
            "quantity",
            "pointer_1",
            "pointer_2",
            "emergency",
        ),
    )

    assert form.fill("99492", "25", "", "10", "1", "1", "", "") == "SV1*HC:99492:25*10*UN*1***1~"
    assert form.fill("99492", "", "59", "10", "1", "1", "2", "Y") == "SV1*HC:99492::59*10*UN*1***1:2**Y~"
    with pytest.raises(X12Error, match="SV102"):
        form.fill("99492", "", "", "ten", "1", "1", "", "")
    with pytest.raises(X12Error, match=r"SV102.*missing"):
        form.fill("99492", "", "", "", "1", "1", "", "")
