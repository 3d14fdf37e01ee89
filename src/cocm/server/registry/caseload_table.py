"""The caseload as a table of the page: which columns, and what stands in each cell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Final

from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString

from cocm.basics.months import Month
from cocm.care.flags import CareFlag
from cocm.server.contacts.minutes import minutes_bar
from cocm.server.contacts.models import MonthMinutes
from cocm.server.look.badges import badge, flag
from cocm.server.look.html import joined
from cocm.server.look.tables import Column, Row, Table
from cocm.server.registry.caseload import CaseloadRow
from cocm.server.registry.models import EpisodeStatus
from cocm.server.rules_in_force import rulebook

STATUS_TONES: Final = {
    EpisodeStatus.Status.MAINTENANCE: "success",
    EpisodeStatus.Status.GRADUATED: "success",
    EpisodeStatus.Status.PENDING_CONSENT: "attention",
    EpisodeStatus.Status.REFERRED: "info",
    EpisodeStatus.Status.ENROLLED: "info",
}
STATUS_WORDS: Final = dict(EpisodeStatus.Status.choices)


@dataclass(frozen=True, slots=True)
class Shown:
    """A column with what stands in its cells."""

    column: Column
    cell: Callable[[CaseloadRow, date], object]
    sets: frozenset[str]


def status_badge(status: str) -> SafeString:
    """The status as a word in its tone."""
    return _status_badge(status) if status else joined("")


@lru_cache(maxsize=64)
def _status_badge(status: str) -> SafeString:
    return badge(STATUS_WORDS.get(status, status), STATUS_TONES.get(status, "neutral"))  # type: ignore[call-overload]


_KEY: Final = "KEY-OF-THE-FLAG"


@lru_cache(maxsize=8192)
def _flag(label: str, reason: str, tone: str) -> str:
    """A flag's markup with a place for its key; the same reason is written once a day."""
    return str(flag(label, reason, key=_KEY, tone=tone))


FLAGS_SHOWN: Final = 2
"""Flags of a row that stand there themselves; the others are one button, which tells them all."""


def flag_tags(flags: Sequence[CareFlag], key: str, *, shown_max: int = 99) -> SafeString:
    """The flags in their order; each opens its reason. Those beyond `shown_max` are told together."""
    if not flags:
        return joined('<span class="quiet">stable</span>')
    return joined(
        '<span class="tags">',
        *[
            _flag(item.rule.label, item.reason, item.rule.tone).replace(_KEY, f"{key}-{item.kind}")
            for item in flags[:shown_max]
        ],
        _further(flags[shown_max:], key),
        "</span>",
    )


def _further(flags: Sequence[CareFlag], key: str) -> str:
    if not flags:
        return ""
    told = ". ".join(f"{item.rule.label}: {item.reason}" for item in flags)
    return _flag(f"+{len(flags)}", told, "neutral").replace(_KEY, f"{key}-more")


def _flags(row: CaseloadRow, today: date) -> object:
    return flag_tags(row.flags, f"f{row.values['key'].replace('-', '')[:12]}", shown_max=FLAGS_SHOWN)


def _status(row: CaseloadRow, today: date) -> object:
    return status_badge(row.status)


def _first(instrument: str) -> Callable[[CaseloadRow, date], object]:
    def cell(row: CaseloadRow, today: date) -> object:
        scores = row.scores(instrument)
        return scores[0].score if scores else ""

    return cell


def _last(instrument: str) -> Callable[[CaseloadRow, date], object]:
    """The latest score; how much it has changed since the first one, in percent, and its day on hover."""

    def cell(row: CaseloadRow, today: date) -> object:
        scores = row.scores(instrument)
        if len(scores) < 2:
            return ""
        first, last = scores[0].score, scores[-1].score
        change = f"{round(100 * (last - first) / first):+d} %" if first else ""
        sign = change.replace("-", "\u2212")
        return joined(
            f'<span title="{scores[-1].taken_on}">{last}</span> <small class="change">{sign}</small>'
        )

    return cell


def _minutes(row: CaseloadRow, today: date) -> object:
    if row.minutes is None:
        return ""
    month = row.minutes
    tiers = tuple([tuple(tier) for tier in month.tiers])
    return _minutes_cell(month.month_index, month.seconds_counted, month.seconds_excluded, tiers, today)


@lru_cache(maxsize=8192)
def _minutes_cell(
    month_index: int, counted: int, excluded: int, tiers: tuple[tuple[int, str, int], ...], today: date
) -> SafeString:
    """The bar of a month's minutes; the same minutes are drawn once a day."""
    month = MonthMinutes(
        month_index=month_index, seconds_counted=counted, seconds_excluded=excluded, tiers=tiers
    )
    small = minutes_bar(month, today=today).small()
    tier = month.next_tier
    note = (
        f'<small class="change">{tier[0]} to {escape(tier[1])}</small>'
        if tier
        else '<small class="change"></small>'
    )
    return joined('<span class="minutes-cell">', small, note, "</span>")


def _patient(row: CaseloadRow, today: date) -> object:
    return row.listed_name


def route_words(pack_id: str, day: date) -> str:
    """Which side of the benefit the payer's pack says pays for the model; empty where nobody has established it."""
    return _route(pack_id, Month.of(day).index)


@lru_cache(maxsize=512)
def _route(pack_id: str, month_index: int) -> str:
    found = rulebook().pack(pack_id).on(Month.from_index(month_index).last_day).value("claim.benefit_side")
    return found.text or "not established"


def _consent(row: CaseloadRow, today: date) -> object:
    if row.is_consent_revoked:
        return badge("revoked", "danger")
    return row.consent_date or badge("missing", "attention")


def _claim(row: CaseloadRow, today: date) -> object:
    if row.last_claim is None:
        return ""
    day, status = row.last_claim
    return f"{Month.of(day)} {status}"


def _place(row: CaseloadRow, today: date) -> object:
    site, code = row.values["site"], row.values["place_of_service_code"]
    return f"{site} ({code})" if site else badge("missing", "attention")


def _earned(row: CaseloadRow, today: date) -> object:
    if row.minutes is None:
        return ""
    return " + ".join(code if units == 1 else f"{units} \u00d7 {code}" for code, units in row.minutes.earned)


def _payer(row: CaseloadRow, today: date) -> object:
    return row.cover.payer if row.cover is not None else badge("missing", "attention")


def _benefit(row: CaseloadRow, today: date) -> object:
    return route_words(row.cover.pack_id, today) if row.cover is not None else ""


def _verified(row: CaseloadRow, today: date) -> object:
    return row.cover.verified_on if row.cover is not None else None


def _share_told(row: CaseloadRow, today: date) -> object:
    return row.cost_share_explained if row.cost_share_explained != "unknown" else ""


def _first_month(row: CaseloadRow, today: date) -> object:
    began = row.values["first_service_date"]
    return str(Month.of(began)) if began else ""


CARE, BILLING, ALL = "care", "billing", "all"
COLUMN_SETS: Final = ((CARE, "Care"), (BILLING, "Billing"), (ALL, "All columns"))
_BOTH: Final = frozenset((CARE, BILLING))
_CARE: Final = frozenset((CARE,))
_BILLING: Final = frozenset((BILLING,))
_NEITHER: Final[frozenset[str]] = frozenset()


def _value(name: str) -> Callable[[CaseloadRow, date], object]:
    return lambda row, today: row.values[name]


COLUMNS: Final = (
    Shown(Column("Patient", sort="name"), _patient, _BOTH),
    Shown(Column("Id", sort="id"), _value("patient_id"), _BILLING),
    Shown(Column("MRN"), _value("medical_record_number"), _NEITHER),
    Shown(Column("Why here", sort="need", help="Flags, the most pressing first"), _flags, _CARE),
    Shown(
        Column("Minutes", sort="minutes", help="Counted this month, and what is left to the next code"),
        _minutes,
        _BOTH,
    ),
    Shown(Column("PHQ-9", "number", sort="phq_first", help="PHQ-9 first"), _first("phq-9"), _CARE),
    Shown(
        Column("last", "number", sort="phq_last", help="PHQ-9 last, and its change since the first"),
        _last("phq-9"),
        _CARE,
    ),
    Shown(Column("GAD-7", "number", sort="gad_first", help="GAD-7 first"), _first("gad-7"), _CARE),
    Shown(
        Column("last", "number", sort="gad_last", help="GAD-7 last, and its change since the first"),
        _last("gad-7"),
        _CARE,
    ),
    Shown(
        Column("F/U", "date", sort="contact", help="Last contact that reached the patient"),
        lambda row, _: row.last_reached_on,
        _CARE,
    ),
    Shown(
        Column("P/C", "date", sort="review", help="Last caseload review with the consultant"),
        lambda row, _: row.last_reviewed_on,
        _CARE,
    ),
    Shown(Column("Status", sort="status"), _status, _BOTH),
    Shown(
        Column("I/A", "date", sort="start", help="Initial assessment: start of the episode"),
        _value("start_date"),
        _CARE,
    ),
    Shown(
        Column("Wk", "number", help="Weeks since the initial assessment"),
        lambda row, today: (today - row.values["start_date"]).days // 7,
        _CARE,
    ),
    Shown(
        Column("#", "number", sort="sessions", help="Contacts that reached the patient"),
        lambda row, _: row.sessions_total,
        _CARE,
    ),
    Shown(
        Column("RPP", "date", sort="plan", help="Relapse prevention plan"),
        lambda row, _: row.relapse_plan_date,
        _CARE,
    ),
    Shown(Column("Care manager", sort="bhcm"), lambda row, _: row.bhcm, _BOTH),
    Shown(Column("Consultant", sort="consultant"), lambda row, _: row.consultant, _NEITHER),
    Shown(Column("Earned", help="What the minutes earn so far this month"), _earned, _BILLING),
    Shown(Column("Payer", sort="payer"), _payer, _BILLING),
    Shown(Column("Benefit", help="Which side of the benefit pays, by the payer's pack"), _benefit, _BILLING),
    Shown(Column("Verified", "date", help="Benefits last verified"), _verified, _BILLING),
    Shown(Column("Consent", "date", sort="consent"), _consent, _BILLING),
    Shown(Column("Share told", help="Told of the cost share"), _share_told, _BILLING),
    Shown(
        Column("Visit", "date", sort="visit", help="Initiating visit"),
        lambda row, _: row.visit_date,
        _BILLING,
    ),
    Shown(
        Column("Practitioner", sort="practitioner"),
        lambda row, _: row.practitioner or badge("missing", "attention"),
        _BILLING,
    ),
    Shown(Column("Site (place of service)", sort="site"), _place, _BILLING),
    Shown(Column("First CoCM month", "date"), _first_month, _BILLING),
    Shown(
        Column("Other programmes", help="This month and the one before"),
        lambda row, _: ", ".join(row.programmes),
        _BILLING,
    ),
    Shown(Column("Last claim", sort="claim"), _claim, _BILLING),
)
"""Every column of the registry, in the order of the page."""


def caseload_table(
    rows: Sequence[CaseloadRow],
    *,
    today: date,
    columns: str,
    sort: str,
    query: Mapping[str, Sequence[str]],
    caption: str,
    empty: str,
) -> Table:
    """The rows as the look's table, with the columns of a set."""
    shown = [item for item in COLUMNS if columns == ALL or columns in item.sets]
    made = []
    for row in rows:
        top = row.flags[0].rule.tone.value if row.flags else ""
        made.append(
            Row(
                [item.cell(row, today) for item in shown],
                href=chart_address(row.values["patient_pk"]),
                tone=top if top in ("danger", "attention") else "",
            )
        )
    return Table(
        caption,
        [item.column for item in shown],
        made,
        key="caseload",
        layout="pane",
        sort=sort,
        query=query,
        empty=empty,
        caption_hidden=True,
    )


_SAMPLE: Final = "00000000-0000-4000-8000-000000000000"


@lru_cache(maxsize=1)
def _chart_pattern() -> str:
    return reverse("registry:chart", kwargs={"patient_id": _SAMPLE})


def chart_address(patient_pk: Any) -> str:
    """The address of a chart; made from one that was reversed once, since a list asks for hundreds."""
    return _chart_pattern().replace(_SAMPLE, str(patient_pk))
