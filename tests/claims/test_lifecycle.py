"""A claim's timeline: the same from any order, nothing lost, what does not fit is flagged."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocm.claims.lifecycle import ClaimEvent, ClaimEventKind, ClaimState, timeline

K = ClaimEventKind
START = date(2026, 4, 2)


def life(*kinds: ClaimEventKind) -> list[ClaimEvent]:
    """Events a day apart."""
    return [
        ClaimEvent(f"E-{number}", "C-1", kind, START + timedelta(days=number))
        for number, kind in enumerate(kinds)
    ]


@pytest.mark.parametrize(
    ("kinds", "state"),
    [
        ((), ClaimState.BUILT),
        ((K.SENT,), ClaimState.SENT),
        ((K.SENT, K.FILE_ACCEPTED, K.ACCEPTED), ClaimState.ACCEPTED),
        ((K.SENT, K.FILE_REJECTED), ClaimState.REJECTED),
        ((K.SENT, K.ACCEPTED, K.DENIED, K.ESCALATED, K.PAID), ClaimState.PAID),
        ((K.SENT, K.ACCEPTED, K.RECORDS_REQUESTED), ClaimState.RECORDS_REQUESTED),
        ((K.SENT, K.ACCEPTED, K.RECORDS_REQUESTED, K.RECORDS_SENT), ClaimState.PENDED),
        ((K.SENT, K.DENIED, K.APPEALED), ClaimState.APPEALED),
        ((K.SENT, K.PAID, K.REVERSED, K.DENIED), ClaimState.DENIED),
        ((K.SENT, K.REJECTED, K.CORRECTED), ClaimState.CORRECTED),
    ],
)
def test_where_a_claim_stands(kinds: tuple[ClaimEventKind, ...], state: ClaimState) -> None:
    found = timeline("C-1", life(*kinds))
    assert found.state is state
    assert not any(entry.is_out_of_order for entry in found.entries)


@pytest.mark.parametrize(
    ("kinds", "flagged", "state"),
    [
        ((K.PAID,), [K.PAID], ClaimState.PAID),
        ((K.SENT, K.PAID, K.ACCEPTED), [K.ACCEPTED], ClaimState.PAID),
        ((K.SENT, K.REJECTED, K.PAID), [K.PAID], ClaimState.PAID),
        ((K.SENT, K.REVERSED), [K.REVERSED], ClaimState.REVERSED),
    ],
)
def test_what_does_not_fit_is_kept_and_flagged(
    kinds: tuple[ClaimEventKind, ...], flagged: list[ClaimEventKind], state: ClaimState
) -> None:
    found = timeline("C-1", life(*kinds))
    assert [entry.event.kind for entry in found.entries] == list(kinds)
    assert [entry.event.kind for entry in found.entries if entry.is_out_of_order] == flagged
    assert found.state is state


def test_a_request_is_open_until_something_is_sent_or_decided() -> None:
    asked = life(K.SENT, K.ACCEPTED, K.RECORDS_REQUESTED)
    assert timeline("C-1", asked).open_request == asked[2]
    assert timeline("C-1", life(K.SENT, K.RECORDS_REQUESTED, K.RECORDS_SENT)).open_request is None
    assert timeline("C-1", life(K.SENT, K.RECORDS_REQUESTED, K.DENIED)).open_request is None


def test_a_pended_claim_is_with_the_payer_and_a_rejected_one_is_not() -> None:
    assert timeline("C-1", life(K.SENT, K.PENDED)).is_with_payer
    assert not timeline("C-1", life(K.SENT, K.REJECTED)).is_with_payer


def test_a_reversal_and_its_correction_on_one_day_end_in_the_correction() -> None:
    events = [
        *life(K.SENT, K.PAID),
        *(ClaimEvent(f"Z{kind}", "C-1", kind, START + timedelta(9)) for kind in (K.DENIED, K.REVERSED)),
    ]
    assert timeline("C-1", events).state is ClaimState.DENIED


@given(
    kinds=st.lists(st.tuples(st.sampled_from(ClaimEventKind), st.integers(0, 5)), max_size=8),
    seed=st.integers(),
)
def test_any_order_of_arrival_gives_one_timeline(kinds: list[tuple[ClaimEventKind, int]], seed: int) -> None:
    events = [
        ClaimEvent(f"E-{number}", "C-1", kind, START + timedelta(days=day))
        for number, (kind, day) in enumerate(kinds)
    ]
    arrived = [*events, *events[:2]]
    random.Random(seed).shuffle(arrived)
    found = timeline("C-1", arrived)
    assert found == timeline("C-1", events)
    assert {entry.event for entry in found.entries} == set(events)
