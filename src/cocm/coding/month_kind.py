"""First or later month of an episode, from what the records prove; unknown where they cannot tell.

Any documented countable minute or any claim line of the model is service; a run of empty months as long as
the payer's `episode.gap_months` ends the episode, so that the next month of service is a first month again.
Absence of contacts proves nothing before the day from which the practice's contacts are complete.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from cocm.basics.months import Month
from cocm.basics.records import quickly_made
from cocm.care.casefile import CaseFile
from cocm.care.exclusions import (
    Circumstances,
    ContactLog,
    circumstances,
    contact_log,
    counting_rules,
    grounds_to_exclude,
)
from cocm.care.minutes import SECONDS_PER_MINUTE, count_logged
from cocm.care.records import ClaimStatus, HistoryLine
from cocm.coding.records import MonthKind, Reason
from cocm.rules import PackOn, Rulebook, RuleValue

_NOT_SERVICE: Final = frozenset({ClaimStatus.REJECTED, ClaimStatus.VOIDED})
_VOID_FREQUENCY: Final = "8"


@quickly_made
@dataclass(frozen=True, slots=True)
class MonthKindDecision:
    """First, later or unknown, with the reason and the rule values it rests on."""

    kind: MonthKind
    reason: Reason


def decide_month_kind(case: CaseFile, policy: PackOn, log: ContactLog | None = None) -> MonthKindDecision:
    """Which kind of month the case file's month is under a payer's rules.

    `policy` is the payer's pack on the month's date; earlier months are counted by the rules of their own
    dates. `log` spares sorting the contacts again.
    """
    return _Records(case, policy, log if log is not None else contact_log(case.contacts)).decide()


def stands(line: HistoryLine) -> bool:
    """Whether a line of claim history stands for a service: not rejected, not voided, not itself a void."""
    return line.status not in _NOT_SERVICE and line.frequency_code != _VOID_FREQUENCY


@lru_cache(maxsize=4096)
def policy_in_month(policy: PackOn, index: int) -> PackOn:
    """The same payer's pack on the last day of another month."""
    return policy.pack.on(Month.from_index(index).last_day)


@lru_cache(maxsize=4096)
def model_codes(rulebook: Rulebook, index: int) -> Mapping[str, MonthKind | None]:
    """Every code by which some pack reports the model in a month, and the kind of month that it proves.

    `UNKNOWN` is a base code of first and later months alike (a clinic's one code): service, and no evidence
    which of the two. None is a code that is no base code (add-on, short month). All packs are asked, because
    the history may hold another payer's claims.
    """
    day = Month.from_index(index).last_day
    codes: dict[str, MonthKind | None] = {}
    for payer_id in rulebook.payer_ids:
        on_day = rulebook.pack(payer_id).on(day)
        for rule_id, kind in _CODE_RULES.items():
            code = on_day.text(rule_id)
            if code is not None:
                known = codes.setdefault(code, kind)
                if known is not kind and kind is not None:
                    codes[code] = kind if known is None else MonthKind.UNKNOWN
    return codes


_CODE_RULES: Final = MappingProxyType(
    {
        "codes.first_month": MonthKind.FIRST,
        "codes.later_month": MonthKind.LATER,
        "codes.short_month": None,
        "codes.addon": None,
    }
)
_CERTAIN: Final = True
_POSSIBLE: Final = False


@lru_cache(maxsize=1024)
def _episode_rules(policy: PackOn) -> tuple[RuleValue, RuleValue, RuleValue, bool]:
    """The gap, the basis, the yearly maximum, and whether the gap alone decides (the literal reading, no maximum)."""
    gap = policy.value("episode.gap_months")
    basis = policy.value("episode.first_month_basis")
    yearly = policy.value("episode.first_month_per_calendar_year_max")
    is_literal = basis.text == "first_service_month" and yearly.is_known and yearly.integer is None
    return gap, basis, yearly, is_literal


class _Records:
    """What one patient's records say about earlier months. Months are `Month.index`es."""

    def __init__(self, case: CaseFile, policy: PackOn, log: ContactLog) -> None:
        self.case = case
        self.policy = policy
        self.log = log
        self.index = case.month.index
        self.gap, self.basis, self.yearly, self.is_literal = _episode_rules(policy)
        self._claimed: dict[int, set[MonthKind | None]] | None = None
        self.stated_first = _index_of(case.episode.first_service_date)

    def decide(self) -> MonthKindDecision:
        decision = self._by_gap(self.index)
        if self.is_literal or decision.kind is MonthKind.UNKNOWN:
            return decision
        if decision.kind is MonthKind.LATER and self.basis.text == "first_threshold_month":
            decision = self._by_threshold(decision)
        elif decision.kind is MonthKind.LATER and not self.basis.is_known:
            decision = _unknown(
                "whether a short first month is the first month is not established", self.basis
            )
        if decision.kind is MonthKind.FIRST and (self.yearly.integer is not None or not self.yearly.is_known):
            decision = self._by_calendar_year(decision)
        return decision

    # Evidence of service ------------------------------------------------------------------------------------

    @property
    def claimed(self) -> dict[int, set[MonthKind | None]]:
        """Months with standing claim lines of the model, and which base codes they hold."""
        if self._claimed is None:
            self._claimed = {}
            rulebook = self.policy.pack.rulebook
            for line in self.case.history:
                day = line.service_date
                index = day.year * 12 + day.month - 1
                codes = model_codes(rulebook, index)
                if line.hcpcs_code in codes and stands(line):
                    self._claimed.setdefault(index, set()).add(codes[line.hcpcs_code])
        return self._claimed

    def _service_before(self, index: int, *, certain: bool) -> int | None:
        """The latest month of service before a month. Uncertain: time that an unknown rule counts or not."""
        if self._contacts_prove(index - 1) is _CERTAIN:
            return index - 1
        latest = max((month for month in self.claimed if month < index), default=None)
        if self.stated_first is not None and self.stated_first < index:
            latest = self.stated_first if latest is None else max(latest, self.stated_first)
        for month in sorted((month for month in self.log.by_month if month < index), reverse=True):
            if latest is not None and month <= latest:
                break
            proof = self._contacts_prove(month)
            if proof is _CERTAIN or (proof is _POSSIBLE and not certain):
                return month
        return latest

    def _contacts_prove(self, index: int) -> bool | None:
        """Whether a month's contacts are service: certainly, possibly (a rule is unknown) or not (None).

        Contacts before the episode began belong to an earlier course, whose consent is not in this file.
        """
        contacts = self.log.by_month.get(index)
        if not contacts:
            return None
        around = self._around(index)
        episode_start = self.case.episode.start_date
        possible = False
        for contact in contacts:
            if contact.service_seconds <= contact.billed_elsewhere_seconds:
                continue
            day = contact.started_at.date()
            grounds = grounds_to_exclude(contact, day, around if day >= episode_start else _any_day(around))
            if grounds is None:
                return _CERTAIN
            possible = possible or (grounds[1] is not None and not grounds[1].is_known)
        return _POSSIBLE if possible else None

    def _around(self, index: int) -> Circumstances:
        return circumstances(
            counting_rules(policy_in_month(self.policy, index)),
            self.case.episode.consent,
            self.case.episode.start_date,
            self.case.other_services,
            self.log.corrected_ids,
        )

    def _is_complete_from(self, index: int) -> bool:
        """Whether the contacts hold everything from a month on, up to the month that is decided."""
        complete_from = self.case.practice.contacts_complete_from
        return index >= self.index or (
            complete_from is not None and complete_from <= Month.from_index(index).first_day
        )

    # The gap ------------------------------------------------------------------------------------------------

    def _by_gap(self, index: int) -> MonthKindDecision:
        decision = self._gap_after(index, self._service_before(index, certain=True))
        if decision.kind is MonthKind.LATER:
            return decision
        possible = self._gap_after(index, self._service_before(index, certain=False))
        if possible.kind is not decision.kind:
            roles = self.policy.value("minutes.roles_counted")
            return _unknown(
                "whether the earlier contacts are service is not established for this payer", roles
            )
        return decision

    def _gap_after(self, index: int, last: int | None) -> MonthKindDecision:
        """The reading when the latest earlier month of service is `last`."""
        gap = self.gap
        if last is not None:
            empty = index - last - 1
            if empty == 0:
                return _after_service(self.policy, last)
            since = f"service in {Month.from_index(last)}, {_empty_months(empty)} before this one"
            if not gap.is_known:
                return _unknown(f"{since}, and how many end an episode is not established", gap)
            if gap.integer is None or empty < gap.integer:
                return MonthKindDecision(
                    MonthKind.LATER, Reason(f"{since}, fewer than end an episode: a later month", (gap,))
                )
        if self.stated_first == index:
            text = "the episode's first service lies in this month: a first month"
            return MonthKindDecision(MonthKind.FIRST, Reason(text, (gap,)))
        if gap.integer is None or not self._is_complete_from(index - gap.integer):
            return _unknown(
                "the contacts are not known to be complete for the months before, so that earlier service "
                "cannot be ruled out",
                gap,
            )
        if last is None:
            text = f"no service in the {gap.integer} months before: a first month"
        else:
            months = _empty_months(index - last - 1)
            text = f"service in {Month.from_index(last)}, {months} since: a first month again"
        return MonthKindDecision(MonthKind.FIRST, Reason(text, (gap,)))

    # The other readings -------------------------------------------------------------------------------------

    def _by_threshold(self, literal: MonthKindDecision) -> MonthKindDecision:
        """Where a payer moves the first month to the first that earns the first month's code."""
        earliest = self.index
        for month in self._run_before(self.index):
            reached = self._reaches_first_month(month)
            if reached is None:
                return _unknown(
                    f"whether {Month.from_index(month)} earned the first month's code is not known",
                    self.basis,
                )
            if reached:
                return MonthKindDecision(
                    MonthKind.LATER,
                    Reason(
                        f"{Month.from_index(month)} earned the first month's code: a later month",
                        (self.basis,),
                    ),
                )
            earliest = month
        if earliest != self.stated_first and not self._is_complete_from(earliest - (self.gap.integer or 0)):
            return _unknown(
                "the contacts are not known to be complete, so that an earlier month may have earned "
                "the first month's code",
                self.basis,
            )
        text = "no earlier month of the episode earned the first month's code: this is the first month"
        return MonthKindDecision(MonthKind.FIRST, Reason(text, (self.basis, *literal.reason.rules)))

    def _run_before(self, index: int) -> Iterator[int]:
        """The months of service before a month, latest first, back to a gap that ends an episode."""
        last = self._service_before(index, certain=False)
        while last is not None and (self.gap.integer is None or index - last - 1 < self.gap.integer):
            yield last
            index, last = last, self._service_before(last, certain=False)

    def _reaches_first_month(self, index: int) -> bool | None:
        """Whether a month's minutes earn the first month's code; None where records or rules cannot tell."""
        claimed = self.claimed.get(index, set())
        if MonthKind.FIRST in claimed or MonthKind.LATER in claimed:
            return True
        minimum = policy_in_month(self.policy, index).value("time.first_month_min")
        if not minimum.is_known:
            return None
        ledger = count_logged(self.log, Month.from_index(index), self._around(index))
        needed = (minimum.integer or 0) * SECONDS_PER_MINUTE
        if ledger.counted_seconds >= needed:
            return True
        if ledger.counted_seconds + ledger.undecided_seconds >= needed or not self._is_complete_from(index):
            return None
        return False

    def _by_calendar_year(self, first: MonthKindDecision) -> MonthKindDecision:
        """The payer's yearly maximum of first months, beside the gap: both must be met."""
        january = self.case.month.year * 12
        uses = possible_uses = 0
        for month in range(january, self.index):
            used = self._used_first_month(month)
            uses += used is True
            possible_uses += used is None
        limit = self.yearly.integer
        rules = (self.yearly, *first.reason.rules)
        if limit is not None and uses >= limit:
            text = f"{uses} first month in {self.case.month.year} already, all that the payer takes"
            return MonthKindDecision(MonthKind.LATER, Reason(text, rules))
        if not self._is_complete_from(january) or uses + possible_uses >= (limit or 1):
            return _unknown(
                "whether this year already had a first month is not known from the records", *rules
            )
        return MonthKindDecision(MonthKind.FIRST, Reason(first.reason.text, rules))

    def _used_first_month(self, index: int) -> bool | None:
        """Whether an earlier month was reported as a first month: by its claim, else by how we read it."""
        claimed = self.claimed.get(index)
        if claimed is not None and MonthKind.FIRST in claimed:
            return True
        if claimed is not None and MonthKind.UNKNOWN not in claimed:
            return False
        if claimed is None and (
            self._contacts_prove(index) is None or self._reaches_first_month(index) is False
        ):
            return False
        kind = self._by_gap(index).kind
        return None if kind is MonthKind.UNKNOWN else kind is MonthKind.FIRST


@lru_cache(maxsize=4096)
def _after_service(policy: PackOn, last: int) -> MonthKindDecision:
    """The everyday answer, remembered: service in the month before."""
    text = f"service in {Month.from_index(last)}, the month before: a later month"
    return MonthKindDecision(MonthKind.LATER, Reason(text, (policy.value("episode.gap_months"),)))


def _any_day(around: Circumstances) -> Circumstances:
    return Circumstances(around.rules, None, around.inpatient_stays, around.corrected_ids)


def _index_of(day: date | None) -> int | None:
    return None if day is None else day.year * 12 + day.month - 1


def _unknown(why: str, *rules: RuleValue) -> MonthKindDecision:
    return MonthKindDecision(MonthKind.UNKNOWN, Reason(f"{why}: first or later month unknown", rules))


def _empty_months(count: int) -> str:
    return {0: "no empty month", 1: "1 empty month"}.get(count, f"{count} empty months")
