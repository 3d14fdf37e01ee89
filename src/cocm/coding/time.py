"""From a month's minutes to the lawful lines under one payer's rules, with what was not chosen and why.

The rules of a payer are resolved once for each kind of month into a `TierTable`; after that an answer is one
look-up by minutes. A value that nobody has established yields no data where it decides, and an assumed one a
review. What is earned whatever the missing value may be (the base code where only the add-on's limit is unknown)
is then offered for a person to choose, never chosen.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from cocm.coding.records import MonthKind, NextTier, ProposedLine, Reason, RejectedAlternative, TimeProposal
from cocm.coding.tiers import TierTable, tier_table
from cocm.rules import Confidence, PackOn, RuleValue, Severity
from cocm.rules.values import NOT_DEFINED, UNKNOWN

MINUTES_MAX: Final = 31 * 24 * 60
"""The minutes of the longest month: more cannot be real."""
_REMEMBERED_MINUTES_MAX: Final = 1000


def propose_for_minutes(minutes: int, month_kind: MonthKind, policy: PackOn) -> TimeProposal:
    """The lawful lines for whole minutes counted in a first or later month.

    Raises `ValueError` for an unknown kind of month and for minutes that are negative or more than a month
    has.
    """
    table = tier_table(policy, month_kind)
    answer = table.answers.get(minutes)
    if answer is None:
        if not 0 <= minutes <= MINUTES_MAX:
            raise ValueError(f"{minutes} minutes cannot be a month's; expected 0 to {MINUTES_MAX}")
        answer = _Answer(table, minutes).proposal()
        if minutes <= _REMEMBERED_MINUTES_MAX:
            table.answers[minutes] = answer
    return answer


class _NoData(Exception):
    """An early return within this module: the values that decide and that nobody has established."""

    def __init__(self, *rules: RuleValue) -> None:
        self.rules = rules


class _Answer:
    """Works out one answer, collecting what is chosen, what is not, and the values that decided."""

    def __init__(self, table: TierTable, minutes: int) -> None:
        self.table = table
        self.minutes = minutes
        self.lines: list[ProposedLine] = []
        self.rejected: list[RejectedAlternative] = []
        self.reasons: list[Reason] = []
        self.reviews: list[Reason] = []
        self.deciding: list[RuleValue] = []
        self.next_tier: NextTier | None = None

    def proposal(self) -> TimeProposal:
        try:
            self._choose()
        except _NoData as gap:
            return self._without_data(gap.rules)
        self._explain_lines()
        self._reject_other_base()
        self._offer_general_bhi()
        self.reviews += assumption_reviews(self.deciding)
        return TimeProposal(
            tuple(self.lines),
            tuple(self.rejected),
            tuple(self.reasons),
            tuple(self.reviews),
            self.next_tier,
            False,
        )

    def _without_data(self, rules: tuple[RuleValue, ...]) -> TimeProposal:
        """Nothing is proposed; what does not depend on the missing values is offered."""
        base = self.lines[0] if self.lines else None
        self.rejected = []
        if base is not None:
            text = f"{self.minutes} minutes earn it in any case; add-on units are given up with this choice"
            why = Reason(text, (base.code_rule, self.table.base_min))
            self.rejected.append(RejectedAlternative(base.hcpcs_code, 1, why, is_offered=True))
        self._offer_general_bhi()
        offered = tuple(item for item in self.rejected if item.is_offered)
        reasons = tuple(
            Reason(
                f"{rule.label}: nobody has established this for {rule.payer_id}, so no code is proposed",
                (rule,),
            )
            for rule in rules
        )
        return TimeProposal((), offered, reasons, (), None, True)

    # What is chosen -----------------------------------------------------------------------------------------

    def _choose(self) -> None:
        table = self.table
        if table.base_code.state == NOT_DEFINED:
            self._explain(f"{table.base_code.label}: not defined on this date", table.base_code)
            return
        if table.base_code.is_known and table.base_code.text is None:
            self._explain(f"{table.base_code.label}: the payer takes none", table.base_code)
            return
        if not self.minutes and _is_untimed(table.base_min):
            self._explain("no countable service in the month, so there is nothing to report", table.base_code)
            return
        if not self._reaches(table.base_min):
            self._choose_short_month()
            return
        code = self._code(table.base_code)
        assert code is not None  # a stated "none" was answered above
        self.lines.append(ProposedLine(code, 1, table.base_code))
        if _is_untimed(table.base_min):
            self._explain(
                f"{code} is not timed: the month's service earns it", table.base_code, table.base_min
            )
        else:
            self._explain(
                f"{self.minutes} minutes earn {code}, from {table.base_min.integer}",
                table.base_code,
                table.base_min,
            )
        self._reject_short_month()
        self._choose_addons(code)

    def _choose_short_month(self) -> None:
        """The base code is not earned: the short month's code where the payer has one, else nothing."""
        table = self.table
        short_is_met = self._would_reach(table.short_min)
        if table.short_code.state == UNKNOWN and short_is_met is not False:
            raise _NoData(table.short_code)
        short = table.short_code.text
        if short is not None and short_is_met is None:
            raise _NoData(table.short_min)
        if self.minutes and short is not None:
            self.deciding.append(table.short_min)
        if self.minutes and short_is_met:
            self.deciding.append(table.short_code)
        base, needed = table.base_code.text, table.base_min.integer
        base_name = base or "the month's code"
        if needed is not None:
            self._reject(base, 1, self._too_few(needed), table.base_min)
        if short is not None and short_is_met:
            self.lines.append(ProposedLine(short, 1, table.short_code))
            self._explain(
                f"{self.minutes} minutes earn {short}, from {table.short_min.integer}, but not {base_name}",
                table.short_code,
                table.short_min,
                table.base_min,
            )
            self._next(base, 1, needed)
        elif short is not None:
            self._explain(f"{self.minutes} minutes earn no code", table.short_min, table.base_min)
            self._reject(short, 1, self._too_few(table.short_min.integer), table.short_min)
            self._next(short, 1, table.short_min.integer)
        else:
            self._explain(
                f"{self.minutes} minutes earn no code: {base_name} begins at {needed}", table.base_min
            )
            if short_is_met and self.minutes:
                self._explain("the payer takes no code for a short month", table.short_code)
            self._next(base, 1, needed)
        self._reject(
            table.addon_code.text, 1, "an add-on needs its base code, which is not earned", table.addon_code
        )

    def _choose_addons(self, base: str) -> None:
        table = self.table
        if table.addon_code.is_known and table.addon_code.text is None:
            return
        if _is_untimed(table.base_min) or _is_untimed(table.base_full) or _is_untimed(table.addon_min):
            self._reject(
                table.addon_code.text, 1, "the base code is not timed, so no further time is reported"
            )
            return
        first_at = self._first_addon_at()
        earned, step = self._earned_units(first_at)
        addon = self._code(table.addon_code) if earned else table.addon_code.text
        if addon is None:
            return
        if not earned:
            self._reject(addon, 1, self._too_few(first_at), table.base_full, table.addon_min)
            self._next_addon(addon, 1, first_at)
            return
        units = min(earned, self._units_allowed(earned))
        if units:
            self.lines.append(ProposedLine(addon, units, table.addon_code))
            self._explain(
                f"{self.minutes} minutes earn {_units(earned)} of {addon} beside {base}: "
                + (f"the first at {first_at}, then one every {step} minutes" if step else f"from {first_at}"),
                table.base_full,
                table.addon_min,
                table.addon_full,
            )
        self._limit_units(addon, units, earned)
        if step:
            self._next_addon(addon, units + 1, first_at + step * units)

    def _first_addon_at(self) -> int:
        """The minutes at which the first add-on unit is earned."""
        table = self.table
        for rule in (table.base_full, table.addon_min):
            if rule.integer is None:
                raise _NoData(rule)
        self.deciding += [table.base_full, table.addon_min]
        return (table.base_full.integer or 0) + (table.addon_min.integer or 0)

    def _earned_units(self, first_at: int) -> tuple[int, int]:
        """Units earned before any limit, and the minutes from one unit to the next (0: no further unit)."""
        if self.minutes < first_at:
            return 0, 0
        if not self.table.addon_full.is_known:
            raise _NoData(self.table.addon_full)
        self.deciding.append(self.table.addon_full)
        step = self.table.addon_full.integer
        if not step:
            return 1, 0
        return 1 + (self.minutes - first_at) // step, step

    def _units_allowed(self, earned: int) -> int:
        limit = self.table.limit
        if limit.state == UNKNOWN:
            raise _NoData(limit)
        if limit.integer is None or not _blocks(limit):
            return earned
        return limit.integer

    def _limit_units(self, addon: str, units: int, earned: int) -> None:
        limit, level = self.table.limit, self.table.review_above
        if earned > units:
            self._reject(
                addon,
                earned - units,
                f"the payer takes at most {limit.integer} in a month: {_units(earned - units)} lost",
                limit,
            )
        elif limit.integer is not None and earned > limit.integer:
            self.reviews.append(
                Reason(
                    f"{_units(earned)} of {addon} are more than the {limit.integer} a payer may take",
                    (limit,),
                )
            )
        if level.integer is not None and units > level.integer:
            self.reviews.append(
                Reason(
                    f"{_units(units)} of {addon}: payers question more than {level.integer} in a month",
                    (level,),
                )
            )
        elif level.state == UNKNOWN and units:
            self.reviews.append(
                Reason(
                    f"{_units(units)} of {addon}: nobody has established how many the payer questions",
                    (level,),
                )
            )

    def _explain_lines(self) -> None:
        """What must stand beside the chosen code, and the law that names it."""
        if not self.lines:
            return
        required, mandated = self.table.required_base, self.table.mandated
        base = self.lines[0].hcpcs_code
        if required.members:
            codes = " or ".join(sorted(required.members))
            self._explain(
                f"{base} is paid only beside {codes}, reported by the same practitioner for the month",
                required,
            )
        elif required.state == UNKNOWN:
            self.reviews.append(
                Reason(f"whether another code must stand beside {base} is not established", (required,))
            )
        named = sorted(mandated.members.intersection([line.hcpcs_code for line in self.lines]))
        if named:
            self._explain(f"state law names {', '.join(named)} among the codes that plans cover", mandated)

    # What is not chosen -------------------------------------------------------------------------------------

    def _reject_other_base(self) -> None:
        table = self.table
        if table.kind is MonthKind.LATER:
            why = "only an episode's first month takes this code; this is a later month"
        else:
            why = "only months after the first take this code; this is a first month"
        self._reject(table.other_code.text, 1, why, table.other_code, table.base_code)

    def _reject_short_month(self) -> None:
        table = self.table
        if table.short_code.text is not None:
            self._reject(
                table.short_code.text,
                1,
                "only for a month too short for the base code, which is earned",
                table.short_code,
                table.base_min,
            )

    def _offer_general_bhi(self) -> None:
        """General behavioral health integration is another service: offered at its minutes, never chosen."""
        table = self.table
        code = table.bhi_code.text
        reached = self._would_reach(table.bhi_min)
        if code is None or reached is None or (reached and self.minutes == 0):
            return
        rules = (table.bhi_code, table.bhi_min)
        if reached:
            text = f"{self.minutes} minutes would also earn this other service instead; a person chooses it"
            self.rejected.append(RejectedAlternative(code, 1, Reason(text, rules), is_offered=True))
        else:
            self._reject(code, 1, self._too_few(table.bhi_min.integer), *rules)

    # Small helpers ------------------------------------------------------------------------------------------

    def _reaches(self, minimum: RuleValue) -> bool:
        """Whether the minutes meet a minimum that decides. Raises `_NoData` where it is unknown."""
        reached = self._would_reach(minimum)
        if reached is None:
            raise _NoData(minimum)
        if self.minutes:
            self.deciding.append(minimum)
        return reached

    def _would_reach(self, minimum: RuleValue) -> bool | None:
        """Whether the minutes meet a minimum; None where it is unknown and there are minutes to decide on."""
        if not minimum.is_known:
            return None if self.minutes else False
        return minimum.integer is None or self.minutes >= minimum.integer

    def _code(self, rule: RuleValue) -> str | None:
        if not rule.is_known:
            raise _NoData(rule)
        self.deciding.append(rule)
        return rule.text

    def _explain(self, text: str, *rules: RuleValue) -> None:
        self.reasons.append(Reason(text, rules))

    def _reject(self, code: str | None, units: int, text: str, *rules: RuleValue) -> None:
        if code is not None:
            self.rejected.append(RejectedAlternative(code, units, Reason(text, rules)))

    def _too_few(self, needed: int | None) -> str:
        return f"{self.minutes} minutes are fewer than the {needed} that earn it"

    def _next(self, code: str | None, units: int, at_minutes: int | None) -> None:
        if code is not None and at_minutes is not None:
            self.next_tier = NextTier(code, units, at_minutes - self.minutes)

    def _next_addon(self, addon: str, units: int, at_minutes: int) -> None:
        limit = self.table.limit
        is_open = limit.is_known and (limit.integer is None or units <= limit.integer or not _blocks(limit))
        if is_open or limit.state == NOT_DEFINED:
            self._next(addon, units, at_minutes)


def assumption_reviews(rules: Iterable[RuleValue]) -> list[Reason]:
    """A reason for a person to look for each assumed value among the deciding ones, once each."""
    assumed = {rule.rule_id: rule for rule in rules if rule.confidence is Confidence.ASSUMED}
    return [
        Reason(f"{rule.label}: the answer rests on an assumed value; confirm it with the payer", (rule,))
        for rule in assumed.values()
    ]


def _is_untimed(rule: RuleValue) -> bool:
    return rule.is_known and rule.integer is None


def _blocks(rule: RuleValue) -> bool:
    return rule.may_block and rule.severity is Severity.BLOCK


def _units(count: int) -> str:
    return "1 unit" if count == 1 else f"{count} units"
