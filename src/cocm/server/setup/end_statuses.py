"""How an ended episode's own words say where it ended; words that say nothing known leave it simply ended."""

from __future__ import annotations

from typing import Final

from cocm.server.registry.models import EpisodeStatus

Status = EpisodeStatus.Status
_ENDINGS: Final = (
    Status.GRADUATED,
    Status.TRANSFERRED,
    Status.LOST,
    Status.DECLINED,
    Status.DECEASED,
    Status.SCREENED_OUT,
)
_OTHER_WORDS: Final = {
    "goals reached": Status.GRADUATED,
    "goals met": Status.GRADUATED,
    "treatment completed": Status.GRADUATED,
    "completed": Status.GRADUATED,
    "remission": Status.GRADUATED,
    "discharged to primary care": Status.GRADUATED,
    "referred to specialty care": Status.TRANSFERRED,
    "referred to psychiatry": Status.TRANSFERRED,
    "transferred": Status.TRANSFERRED,
    "lost": Status.LOST,
    "lost to follow up": Status.LOST,
    "unable to reach": Status.LOST,
    "patient declined": Status.DECLINED,
    "withdrew": Status.DECLINED,
    "withdrew consent": Status.DECLINED,
    "consent revoked": Status.DECLINED,
    "died": Status.DECEASED,
    "not eligible": Status.SCREENED_OUT,
}
_WORDS: Final = (
    {str(status.value).replace("_", " "): status for status in _ENDINGS}
    | {str(status.label).casefold(): status for status in _ENDINGS}
    | _OTHER_WORDS
)


def end_status(end_reason: str) -> EpisodeStatus.Status:
    """The status that the reason names by itself; `ENDED` where it does not."""
    words = " ".join(end_reason.casefold().replace("_", " ").rstrip(".").split())
    return _WORDS.get(words, Status.ENDED)
