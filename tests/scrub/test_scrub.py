"""A scrub of files that any system made: what is found, what is left alone, what is not known."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from scrub_samples import (
    ENVELOPE,
    FIRST_LINE,
    LATER_LINE,
    OFFICE_VISIT,
    claim_file,
    failures,
    line,
    medicare,
    person,
    scrubbed,
)

from cocm.basics.errors import UnknownPayer, UnusableInput
from cocm.edits.edit import Verdict
from cocm.scrub.report import ClaimReport, FileReport, UnusableFile
from cocm.x12 import Delimiters

C1, C2, C3 = (f"C-{number:014d}" for number in (1, 2, 3))


def only_claim(*files: Path, **options: object) -> ClaimReport:
    _, reports = scrubbed(*files, **options)  # type: ignore[arg-type]  # the options of scrubbed
    (claim,) = (report for report in reports if isinstance(report, ClaimReport))
    return claim


def test_other_claims_and_lines_are_left_alone_and_counted(tmp_path: Path) -> None:
    visit, addon = replace(OFFICE_VISIT), line("99494", 2)
    path = claim_file(
        tmp_path,
        "march.837",
        person(1, lines=(visit,)),
        person(2, lines=(FIRST_LINE, addon, replace(OFFICE_VISIT, claim_line_number=3))),
    )

    scrub, reports = scrubbed(path)

    assert [type(report) for report in reports] == [ClaimReport, FileReport]
    assert (scrub.totals.claims_read, scrub.totals.claims_checked, scrub.totals.claims_left_alone) == (
        2,
        1,
        1,
    )
    assert (scrub.totals.lines_checked, scrub.totals.lines_left_alone) == (2, 2)


def test_what_a_file_cannot_know_is_no_data_and_never_clean(tmp_path: Path) -> None:
    scrub, reports = scrubbed(claim_file(tmp_path, "one.837", person(1)))

    assert isinstance(reports[0], ClaimReport) and not reports[0].result.is_clean
    assert scrub.totals.verdicts[Verdict.NO_DATA] > 0 and not scrub.totals.has_failures
    assert {"minutes_counted", "has_consent"} <= scrub.totals.claims_by_unknown_fact.keys()
    assert ("filing.limit_days", "cpt") in scrub.totals.claims_by_unknown_rule


def test_more_units_than_the_payer_allows_fail_with_rule_and_source(tmp_path: Path) -> None:
    path = claim_file(tmp_path, "one.837", medicare(1, lines=(FIRST_LINE, line("99494", 2, 5))))

    claim = only_claim(path)

    (failure,) = (one for one in claim.result.failures if one.edit_id == "addon.over_limit")
    assert failure.claim_line_number == 2 or failure.claim_line_number is None
    assert any(rule.rule_id == "limit.addon_units" and rule.source for rule in failure.rules)
    assert failure.fix


class TestWithinTheFile:
    """Claims of one patient and month are each other's history."""

    def test_the_same_month_billed_twice(self, tmp_path: Path) -> None:
        path = claim_file(tmp_path, "two.837", person(1), person(1, claim_number=2), person(3))

        found = failures(path)

        assert "duplicate.already_billed" in found[C1] and "duplicate.already_billed" in found[C2]
        assert "duplicate.already_billed" not in found[C3]

    def test_twins_with_one_member_id_are_two_persons(self, tmp_path: Path) -> None:
        from claim_samples import make_dependent

        twins = [
            make_dependent(number, member_id="GHP000000001", patient_first_name=name)
            for number, name in ((1, "AVERY"), (2, "BLAKE"))
        ]

        assert failures(claim_file(tmp_path, "twins.837", *twins)) == {C1: set(), C2: set()}

    def test_both_base_codes_on_two_claims(self, tmp_path: Path) -> None:
        path = claim_file(
            tmp_path,
            "two.837",
            person(1, lines=(FIRST_LINE,)),
            person(1, claim_number=2, lines=(LATER_LINE,)),
        )

        found = failures(path)

        assert "base.both_codes" in found[C1] & found[C2]

    def test_an_add_on_finds_its_base_on_another_claim(self, tmp_path: Path) -> None:
        alone = claim_file(tmp_path, "alone.837", person(1, lines=(line("99494"),)))
        split = claim_file(
            tmp_path,
            "split.837",
            person(1, lines=(line("99494"),)),
            person(1, claim_number=2, lines=(FIRST_LINE,)),
        )

        assert "addon.without_base" in failures(alone)[C1]
        assert "addon.without_base" not in failures(split)[C1]

    def test_a_claim_id_that_repeats_does_not_hide_the_repeat(self, tmp_path: Path) -> None:
        path = tmp_path / "same.837"
        once = claim_file(tmp_path, "two.837", person(1), person(1, claim_number=2)).read_bytes()
        path.write_bytes(once.replace(C2.encode(), C1.encode()))

        _, reports = scrubbed(path)

        claims = [report for report in reports if isinstance(report, ClaimReport)]
        assert [claim.claim_id for claim in claims] == [C1, C1]
        assert all(
            "duplicate.already_billed" in {finding.edit_id for finding in claim.result.failures}
            for claim in claims
        )

    def test_the_next_payers_claim_is_no_duplicate(self, tmp_path: Path) -> None:
        path = claim_file(tmp_path, "cob.837", medicare(1), person(1, claim_number=2, member_id="OTHER1"))
        first, second = path.read_bytes().split(C1.encode(), 1)
        path.write_bytes(first + C1.encode() + second.replace(b"SBR*P*", b"SBR*S*"))

        assert failures(path) == {C1: set(), C2: set()}


class TestHistory:
    """What was sent before, as files, folders or the claim history table."""

    def test_a_file_and_a_folder_of_files(self, tmp_path: Path) -> None:
        sent = tmp_path / "sent"
        sent.mkdir()
        before = replace(ENVELOPE, interchange_control_number=7, created_at=datetime(2026, 4, 1, 8, 0))
        earlier = claim_file(sent, "sent.837", person(1, claim_number=9), envelope=before)
        now = claim_file(tmp_path, "now.837", person(1), person(2))

        for history in (earlier, sent):
            found = failures(now, history=history)
            assert "duplicate.already_billed" in found[C1] and not found[C2]

    def test_a_voided_claim_leaves_the_month_free(self, tmp_path: Path) -> None:
        sent = tmp_path / "sent"
        sent.mkdir()
        for number, (day, frequency) in enumerate(((1, "1"), (2, "8")), start=1):
            claim_file(
                sent,
                f"{number}.837",
                person(
                    1,
                    claim_number=8 + number,
                    frequency_code=frequency,
                    payer_claim_control_number="ICN1" if frequency == "8" else "",
                ),
                envelope=replace(ENVELOPE, created_at=datetime(2026, 4, day, 8, 0)),
            )
        now = claim_file(tmp_path, "now.837", person(1))

        assert failures(now, history=sent) == {C1: set()}

    def test_the_checked_file_itself_is_no_history(self, tmp_path: Path) -> None:
        now = claim_file(tmp_path, "now.837", person(1))
        claim_file(tmp_path, "copy.837", person(1))

        scrub, _ = scrubbed(now, history=tmp_path)

        assert scrub.totals.claims_failed == 0
        assert [note for note in scrub.history.notes if "not used as history" in note]

    def test_a_claim_history_table_tells_what_the_payer_answered(self, tmp_path: Path) -> None:
        now = claim_file(tmp_path, "now.837", person(1))
        earlier = claim_file(tmp_path, "before.837", person(1, claim_number=9))
        table = tmp_path / "claim_history.csv"

        def with_status(status: str) -> set[str]:
            table.write_text(
                "patient_id,payer_id,claim_id,service_date,hcpcs_code,billing_npi,status\n"
                f"P1,GHP01,C-{9:014d},2026-03-31,99492,1234567893,{status}\n"
                f"P1,GHP01,C-{9:014d},2026-03-31,99494,1234567893,{status}\n"
                "P77,GHP01,X9,2026-03-31,99492,1234567893,paid\n"
            )
            folder = tmp_path / "history"
            folder.mkdir(exist_ok=True)
            for source in (earlier, table):
                (folder / source.name).write_bytes(source.read_bytes())
            scrub, _ = scrubbed(now, history=folder)
            assert (scrub.history.table_rows, scrub.history.table_rows_of_others) == (2, 1)
            return set(scrub.totals.failed_by_edit)

        assert "duplicate.already_billed" not in with_status("rejected")
        assert "duplicate.already_billed" in with_status("paid")

    def test_a_table_alone_is_known_by_the_patients_id_on_the_claim(self, tmp_path: Path) -> None:
        now = claim_file(tmp_path, "now.837", person(1, lines=(FIRST_LINE,)))
        table = tmp_path / "claim_history.csv"
        table.write_text(
            "patient_id,payer_id,claim_id,service_date,hcpcs_code,billing_npi,status\n"
            "GHP000000001,GHP01,C-OLD,2026-03-15,99493,1234567893,paid\n"
        )

        assert "base.both_codes" in failures(now, history=table)[C1]

    def test_a_table_of_nobody_known_says_what_to_do(self, tmp_path: Path) -> None:
        now = claim_file(tmp_path, "now.837", person(1))
        table = tmp_path / "claim_history.csv"
        table.write_text(
            "patient_id,payer_id,claim_id,service_date,hcpcs_code,billing_npi,status\n"
            "P77,GHP01,X9,2026-03-31,99492,1234567893,paid\n"
        )

        scrub, _ = scrubbed(now, history=table)

        assert scrub.history.table_rows_of_others == 1
        assert "837P files of the earlier claims" in scrub.history.notes[0]

    def test_a_folder_without_claims_is_refused(self, tmp_path: Path) -> None:
        now = claim_file(tmp_path, "now.837", person(1))
        empty = tmp_path / "empty"
        empty.mkdir()
        with pytest.raises(UnusableInput, match="empty folder"):
            scrubbed(now, history=empty)
        (empty / "letter.txt").write_text("Dear payer")
        with pytest.raises(UnusableInput, match="no professional claims"):
            scrubbed(now, history=empty)


class TestPacks:
    """Whose rules hold."""

    @pytest.mark.parametrize(
        ("name", "identifier", "filing_code", "pack_id", "is_certain"),
        [
            ("MEDICARE", "12345", "MB", "medicare", True),
            ("NORIDIAN", "01112", "MB", "medicare", True),
            ("SOME PLAN", "99999", "16", "medicare-advantage", True),
            ("TEXAS MEDICAID", "86916", "MC", "tx-medicaid", True),
            ("BLUE CROSS BLUE SHIELD OF MICHIGAN", "00710", "BL", "mi-bcbsm", True),
            ("TEXAS MEDICAID", "86916", "CI", "cpt", False),
            ("MEDICARE", "12345", "16", "cpt", False),
            ("SOME MEDICAID", "SKXYZ", "MC", "cpt", False),
            ("GOLDEN HEALTH PLAN", "GHP01", "CI", "cpt", False),
        ],
    )
    def test_only_what_is_certain_is_taken(
        self, tmp_path: Path, name: str, identifier: str, filing_code: str, pack_id: str, is_certain: bool
    ) -> None:
        payer = replace(person(1).payer, name=name, identifier=identifier)
        claim = only_claim(
            claim_file(tmp_path, "one.837", person(1, payer=payer, claim_filing_code=filing_code))
        )

        assert (claim.pack.pack_id, claim.pack.is_certain) == (pack_id, is_certain)
        assert is_certain or "--payer" in claim.pack.why

    def test_the_codes_tell_medicares_paths_apart(self, tmp_path: Path) -> None:
        claim = only_claim(claim_file(tmp_path, "apcm.837", medicare(1, lines=(line("G0568"),))))

        assert claim.pack.pack_id == "medicare-apcm"

    def test_the_chosen_pack_holds_for_every_claim(self, tmp_path: Path) -> None:
        path = claim_file(tmp_path, "one.837", medicare(1))

        assert only_claim(path, pack_id="tx-medicaid").pack.pack_id == "tx-medicaid"
        with pytest.raises(UnknownPayer, match="no such pack"):
            scrubbed(path, pack_id="no-such")


class TestFiles:
    """Files of every shape, and files that are none."""

    @pytest.mark.parametrize(
        "delimiters",
        [Delimiters("|", ">", "!", "\n"), Delimiters("*", ":", "^", "~"), Delimiters("+", "<", "=", "'")],
    )
    def test_any_delimiters_and_line_ends(self, tmp_path: Path, delimiters: Delimiters) -> None:
        envelope = replace(ENVELOPE, delimiters=delimiters)
        path = claim_file(tmp_path, "one.837", person(1), person(1, claim_number=2), envelope=envelope)

        assert "duplicate.already_billed" in failures(path)[C1]

    def test_several_interchanges_transactions_and_archives(self, tmp_path: Path) -> None:
        other = replace(ENVELOPE, interchange_control_number=2, group_control_number=2)
        parts = [
            claim_file(tmp_path, "a.837", person(1)).read_bytes(),
            claim_file(tmp_path, "b.837", person(1, claim_number=2), envelope=other).read_bytes(),
        ]
        joined = tmp_path / "joined.837.gz"
        joined.write_bytes(gzip.compress(b"\r\n".join(parts)))

        assert {claim_id for claim_id, found in failures(joined).items() if found} == {C1, C2}

    def test_an_institutional_file_is_refused_with_the_reason(self, tmp_path: Path) -> None:
        professional = claim_file(tmp_path, "p.837", person(1))
        institutional = tmp_path / "i.837"
        institutional.write_bytes(professional.read_bytes().replace(b"005010X222A1", b"005010X223A2"))

        with pytest.raises(UnusableInput, match="institutional claims"):
            scrubbed(institutional)
        scrub, reports = scrubbed(institutional, professional)
        assert scrub.totals.files_unusable == 1 and scrub.totals.claims_checked == 1
        assert any(isinstance(report, UnusableFile) and "837I" in report.why for report in reports)

    @pytest.mark.parametrize("content", [b"", b"hello", b"%PDF-1.7", b"ISA*00*"])
    def test_what_is_no_interchange_is_named(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "bad.837"
        path.write_bytes(content)

        with pytest.raises(UnusableInput, match=r"bad\.837"):
            scrubbed(path)

    def test_an_unreadable_claim_is_named_and_the_others_checked(self, tmp_path: Path) -> None:
        path = claim_file(tmp_path, "two.837", person(1), person(2), person(3))
        path.write_bytes(path.read_bytes().replace(b"*284.32*", b"*28X*", 1))

        scrub, reports = scrubbed(path)

        (file,) = (report for report in reports if isinstance(report, FileReport))
        assert [one.claim_id for one in file.unreadable] == [C1] and "CLM02" in file.unreadable[0].why
        assert scrub.totals.claims_checked == 2 and scrub.totals.claims_unreadable == 1
        assert scrub.totals.problems > 0 and scrub.totals.has_failures

    def test_a_file_cut_off_is_checked_up_to_there(self, tmp_path: Path) -> None:
        path = claim_file(tmp_path, "two.837", person(1), person(2))
        content = path.read_bytes()
        path.write_bytes(content[: content.rindex(b"SV1*") + 9])

        scrub, reports = scrubbed(path)

        assert isinstance(reports[-1], FileReport) and "cut off" in reports[-1].broke_off
        assert scrub.totals.claims_checked == 1 and scrub.totals.has_failures

    def test_structural_faults_stand_with_their_claim(self, tmp_path: Path) -> None:
        path = claim_file(tmp_path, "two.837", person(1), person(2))
        path.write_bytes(path.read_bytes().replace(b"HI*ABK:F321", b"HI*XXX:F321", 1))

        _, reports = scrubbed(path)

        first, second, _ = reports
        assert isinstance(first, ClaimReport) and first.problems
        assert isinstance(second, ClaimReport) and not second.problems

    def test_the_same_file_twice_is_checked_once(self, tmp_path: Path) -> None:
        path, copy = (claim_file(tmp_path, name, person(1)) for name in ("a.837", "b.837"))

        scrub, reports = scrubbed(path, copy)

        assert scrub.totals.claims_checked == 1 and scrub.totals.claims_failed == 0
        assert any(isinstance(report, FileReport) and report.repeats == "a.837" for report in reports)

    def test_one_path_named_twice_and_one_name_in_two_folders(self, tmp_path: Path) -> None:
        paths = []
        for folder in ("a", "b", "c"):
            (tmp_path / folder).mkdir()
            paths.append(claim_file(tmp_path / folder, "x.837", person(1 if folder != "c" else 2)))

        scrub, reports = scrubbed(paths[0], *paths)

        assert scrub.totals.claims_checked == 2 and scrub.totals.claims_failed == 0
        assert sum(isinstance(report, FileReport) and report.repeats == "x.837" for report in reports) == 2

    def test_a_fraction_on_another_line_does_not_stop_the_claim(self, tmp_path: Path) -> None:
        path = claim_file(
            tmp_path, "one.837", person(1, lines=(FIRST_LINE, replace(OFFICE_VISIT, claim_line_number=2)))
        )
        path.write_bytes(path.read_bytes().replace(b"99213*90*UN*1*", b"J1100*90*UN*0.5*"))

        assert failures(path) == {C1: set()}

    @pytest.mark.parametrize(("year", "fails"), [(2020, True), (2021, False)])
    def test_the_rules_of_the_day_of_service_hold(self, tmp_path: Path, year: int, fails: bool) -> None:
        short_month = line("G2214", day=date(year, 6, 30))
        claim = only_claim(claim_file(tmp_path, "old.837", medicare(1, lines=(short_month,))))

        assert claim.service_month == f"{year}-06"
        assert ("code.not_payers" in {one.edit_id for one in claim.result.failures}) is fails
