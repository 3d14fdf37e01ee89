"""`{% load months_tags %}`: the figures on top of a month's board."""

from __future__ import annotations

from typing import Final

from django import template

from cocm.basics.money import dollars
from cocm.close.worklist import Status
from cocm.server.look.templatetags.look import stat_tile
from cocm.server.months.board import Board

register = template.Library()
LABELS: Final = {
    Status.CLAIM: ("Ready", "success"),
    Status.HELD: ("Held", "attention"),
    Status.CARE_DUE: ("Short of a code", ""),
    Status.ALREADY_SENT: ("Sent before", ""),
}


@register.simple_tag
def month_tile(board: Board, status: str) -> str:
    """How many patient-months stand there, and their money for whoever sees it."""
    which = Status(status)
    label, tone = LABELS[which]
    count = board.count(which)
    is_written = which is Status.CLAIM and board.answered_by_close
    if is_written:
        label = "Written"
    money = ""
    if board.sees_all and count:
        if which is Status.HELD:
            money = f"{dollars(board.held_cents)} at stake"
        elif which is not Status.CARE_DUE:
            money = f"{dollars(board.expected(which))} expected"
    return stat_tile(
        label, count, detail=money, tone=tone if count else "", href=board.address("patients", status=status)
    )
