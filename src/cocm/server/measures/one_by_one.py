"""One question at a time, for a phone: the answers so far travel with the page; nothing is kept before the end."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest

from cocm.care.scoring import items_asked
from cocm.server.measures.forms import AnswersForm, Question

NEXT, BACK, SKIP = "next", "back", "skip"
FIELD: Final = "one"
"""What a step sends back beside the answers: the place of its question among all of them."""
END: Final = -1


@dataclass(frozen=True, slots=True)
class Step:
    """One question, or (question None) the end, where the answers are sent."""

    place: int
    form: AnswersForm | None
    question: Question | None
    number: int
    total: int
    is_first: bool
    is_lacking: bool
    kept: tuple[tuple[str, int], ...]


def is_wanted(request: HttpRequest) -> bool:
    """Whether a link is opened question by question: as asked for, else on a phone."""
    asked = request.GET.get(FIELD)
    if asked is not None:
        return asked == "1"
    if "Sec-CH-UA-Mobile" in request.headers:
        return request.headers["Sec-CH-UA-Mobile"] == "?1"
    return "Mobi" in request.headers.get("User-Agent", "")


def first_step(forms: Collection[AnswersForm]) -> Step:
    """Where the filling-in begins."""
    return _step(forms, 0, is_lacking=False)


def step_after(forms: Collection[AnswersForm], sent: str, go: str) -> Step:
    """Where a step leads: on, back, or to itself where it is not answered and nobody said to skip it.

    The forms are bound and valid. A question whose condition the answers speak against is passed over either way.
    """
    asked = _asked(forms)
    place = int(sent) if sent.isdecimal() and len(sent) < 5 else END
    if go == BACK:
        before = [one for one in asked if place == END or one < place]
        return _step(forms, before[-1] if before else asked[0], is_lacking=False)
    if place != END and go != SKIP and place in asked and _lacks(forms, place):
        return _step(forms, place, is_lacking=True)
    after = [one for one in asked if place != END and one > place]
    return _step(forms, after[0] if after else END, is_lacking=False)


def _places(forms: Collection[AnswersForm]) -> Sequence[tuple[AnswersForm, int]]:
    return [(form, index) for form in forms for index in range(len(form.instrument.items))]


def _asked(forms: Collection[AnswersForm]) -> list[int]:
    """The places of the questions that these answers lead to."""
    found: list[int] = []
    start = 0
    for form in forms:
        items = form.instrument.items
        given = form.answers() if form.is_bound else {}
        asked = {item.item_id for item in items_asked(form.instrument, given)}
        found += [start + index for index, item in enumerate(items) if item.item_id in asked]
        start += len(items)
    return found


def _lacks(forms: Collection[AnswersForm], place: int) -> bool:
    form, index = _places(forms)[place]
    return form.instrument.items[index].item_id in form.lacking()


def _step(forms: Collection[AnswersForm], place: int, *, is_lacking: bool) -> Step:
    asked = _asked(forms)
    form, index = (None, 0) if place == END else _places(forms)[place]
    question = form.questions()[index] if form is not None else None
    kept = tuple(
        (one[item_id].html_name, value)
        for one in forms
        if one.is_bound
        for item_id, value in one.answers().items()
        if value is not None and (question is None or one[item_id].html_name != question.name)
    )
    return Step(
        place=place,
        form=form,
        question=question,
        number=len(asked) if place == END else asked.index(place) + 1,
        total=len(asked),
        is_first=place == asked[0],
        is_lacking=is_lacking,
        kept=kept,
    )
