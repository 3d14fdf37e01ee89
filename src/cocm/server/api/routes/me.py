"""What the token at hand is."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest
from ninja import Router

from cocm.server.api.guard import any_token
from cocm.server.api.shapes import PROBLEMS, MeOut

router = Router(tags=["Token"])
_NOBODY: Final = "system"


@router.get(
    "/me", **any_token(), response={200: MeOut, **PROBLEMS}, url_name="me", summary="What this token is"
)
def me(request: HttpRequest) -> Any:
    """Whose organization the token is of, in which role it acts, what it opens and until when."""
    caller = request.caller
    return {
        "token": caller.token_id,
        "name": caller.name,
        "organization": caller.organization,
        "role": str(caller.actor.role or _NOBODY),
        "scopes": sorted(caller.scopes),
        "expires_at": caller.expires_at,
    }
