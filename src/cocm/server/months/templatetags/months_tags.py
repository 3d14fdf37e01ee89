"""`{% load months_tags %}`: the figures on top of a month's board."""

from __future__ import annotations

from typing import Final

from django import template
from django.utils.safestring import SafeString

from cocm.basics.money import dollars
from cocm.close.worklist import Status
from cocm.server.look.html import joined
from cocm.server.look.templatetags.look import stat_tile
from cocm.server.months.board import Board

register = template.Library()
TILES: Final = (
    ("Ready", "success", (Status.CLAIM,)),
    ("Held", "attention", (Status.HELD,)),
    ("Short of a code", "", (Status.CARE_DUE,)),
    ("Written before", "", (Status.ALREADY_SENT,)),
)
TILES_OF_A_CLOSE: Final = (
    ("Written", "success", (Status.CLAIM, Status.ALREADY_SENT)),
    ("Held", "attention", (Status.HELD,)),
    ("Short of a code", "", (Status.CARE_DUE,)),
)


@register.simple_tag
def month_tiles(board: Board) -> SafeString:
    """How many patient-months stand where, and their money for whoever sees it."""
    return joined(*(_tile(board, *tile) for tile in (TILES_OF_A_CLOSE if board.answered_by_close else TILES)))


def _tile(board: Board, label: str, tone: str, statuses: tuple[Status, ...]) -> str:
    count = board.count(*statuses)
    money = ""
    if board.sees_all and count:
        if Status.HELD in statuses:
            money = f"{dollars(board.held_cents)} at stake"
        elif Status.CARE_DUE not in statuses:
            money = f"{dollars(board.expected(*statuses))} expected"
    href = board.address("patients", **({"status": statuses[0].value} if len(statuses) == 1 else {}))
    return stat_tile(label, count, detail=money, tone=tone if count else "", href=href)
