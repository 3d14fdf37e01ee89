"""Reading the rulebook for pages: rules that were searched for, histories, values to read again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from cocm.edits.discovery import catalogue
from cocm.edits.edit import CatalogueEdit
from cocm.rules import Rulebook, RuleValue
from cocm.rules.compare import aged_values, rule_files
from cocm.rules.profile import ROOT_PAYER
from cocm.rules.values import DatedValue, Rule, show_value
from cocm.server.access.actor import Actor
from cocm.server.accounts.models import PayerProduct
from cocm.server.rulebook.models import Reading
from cocm.server.rulebook.words import area_of, one_line

READ_AGAIN_DAYS: Final = 365
ENDS_SOON_DAYS: Final = 90
DUE_SHOWN_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One dated row of one pack. `is_corrected`: a later reading of the same day's value has taken its place."""

    pack_id: str
    row: DatedValue
    effective_to: date | None
    is_corrected: bool


@dataclass(frozen=True, slots=True)
class DueValue:
    """A value in force that is to be read again: when it was last read, by whom, and since when that is due."""

    rule: Rule
    pack_id: str
    value: DatedValue
    read_on: date
    due_on: date
    is_read_here: bool
    ends_on: date | None = None


def words_match(query: str, texts: Sequence[str]) -> bool:
    """Whether each word of a query stands in one of the texts."""
    every = " ".join(texts).casefold()
    return all(word in every for word in query.casefold().split())


def rules_found(book: Rulebook, query: str, *, area: str = "", contradicted: bool = False) -> list[Rule]:
    """The rules in which the query's words stand: id, name, meaning, values, notes and sources of every pack."""
    found = []
    for rule_id in book.rule_ids:
        rule = book.rule(rule_id)
        if (area and area_of(rule_id) != area) or (contradicted and not rule.contradiction):
            continue
        if not query or words_match(query, _texts(book, rule)):
            found.append(rule)
    return found


def _texts(book: Rulebook, rule: Rule) -> list[str]:
    texts = [rule.rule_id, rule.label, rule.meaning, rule.none_means, rule.contradiction, rule.unit]
    for _, holder in holders(book, rule.rule_id):
        for row in holder.values:
            texts += [show_value(row.value), row.note, row.locator, row.source.title, row.source.ref]
    return texts


def edits_found(query: str) -> list[CatalogueEdit]:
    """The edits in which the query's words stand."""
    return [
        entry
        for entry in catalogue()
        if not query
        or words_match(
            query,
            [
                entry.id,
                entry.edit.title,
                entry.doc,
                entry.edit.fix,
                entry.edit.cites,
                *entry.rests_on,
                *entry.facts,
            ],
        )
    ]


def edits_resting_on(rule_id: str) -> list[CatalogueEdit]:
    """The edits that read or enforce a rule."""
    return [entry for entry in catalogue() if rule_id in entry.rests_on]


def holders(book: Rulebook, rule_id: str) -> Iterator[tuple[str, Rule]]:
    """Every pack's own statement of a rule, the root's first."""
    yield ROOT_PAYER, book.rule(rule_id)
    for pack_id in book.payer_ids:
        override = book.override(pack_id, rule_id)
        if override is not None:
            yield pack_id, override


def history(book: Rulebook, rule_id: str, packs: Sequence[str] = ()) -> list[HistoryRow]:
    """All dated rows of a rule: of some packs in their order, or of all; newest first."""
    rows: list[HistoryRow] = []
    for pack_id, holder in holders(book, rule_id):
        if packs and pack_id not in packs:
            continue
        standing = list({row.effective_from: row for row in holder.values}.values())
        for row in holder.values:
            following = [one.effective_from for one in standing if one.effective_from > row.effective_from]
            ends = min([*following, *([row.effective_to] if row.effective_to else [])], default=None)
            rows.append(HistoryRow(pack_id, row, ends, row not in standing))
    rows.sort(key=lambda one: (one.row.effective_from, one.row.observed), reverse=True)
    order = {pack_id: place for place, pack_id in enumerate(packs)}
    return sorted(rows, key=lambda one: order.get(one.pack_id, 0))


def answers_of_packs(
    book: Rulebook, rule_id: str, on: date, known_on: date | None = None
) -> list[tuple[str, RuleValue]]:
    """What every pack answers on a date."""
    return [
        (pack_id, book.pack(pack_id, known_on=known_on).on(on).value(rule_id)) for pack_id in book.payer_ids
    ]


def decides(value: RuleValue) -> tuple[object, ...]:
    """What makes two answers the same."""
    return value.state, value.value


def due_values(
    *, actor: Actor, book: Rulebook, as_of: date, pack_id: str = "", after_days: int = READ_AGAIN_DAYS
) -> list[DueValue]:
    """The values in force that nobody has read again for so long, and those that end soon; most overdue first."""
    read = {
        (one.pack_id, one.rule_id, one.effective_from): one.read_on
        for one in Reading.objects.of(actor).order_by("read_on")
    }
    found = []
    for aged in aged_values(book, as_of=as_of, older_than_days=-1):
        if pack_id and aged.payer_id != pack_id:
            continue
        here = read.get((aged.payer_id, aged.rule.rule_id, aged.value.effective_from))
        last = max(here, aged.value.observed) if here else aged.value.observed
        ends = aged.value.effective_to
        ends_soon = ends is not None and ends <= as_of + timedelta(days=ENDS_SOON_DAYS)
        due_on = last + timedelta(days=after_days)
        if due_on <= as_of or ends_soon:
            found.append(
                DueValue(
                    aged.rule, aged.payer_id, aged.value, last, min(due_on, ends) if ends_soon and ends else due_on,
                    here is not None, ends if ends_soon else None,
                )
            )  # fmt: skip
    return sorted(found, key=lambda one: (one.due_on, one.rule.rule_id, one.pack_id))


def packs_in_use(*, actor: Actor, book: Rulebook) -> set[str]:
    """The packs that the organization's payer products decide by, with those they rest on."""
    bound = PayerProduct.objects.of(actor).values_list("pack_id", flat=True).distinct()
    return {one for pack_id in bound if pack_id in book.payer_ids for one in book.chain(pack_id)}


def statements(book: Rulebook) -> int:
    """How many dated values there are."""
    return sum(len(rule.values) for _, rule in rule_files(book))


def meaning_of(rule: Rule) -> str:
    """A rule's meaning in one line."""
    return one_line(rule.meaning)
