"""The content security policy that every page keeps: all from our own address, nothing inline or evaluated.

In the settings:

    MIDDLEWARE = [..., "csp.middleware.CSPMiddleware", ...]
    CONTENT_SECURITY_POLICY = content_security_policy(sign_in_addresses=[...])
"""

from __future__ import annotations

from collections.abc import Sequence

SELF = "'self'"
NONE = "'none'"


def content_security_policy(*, sign_in_addresses: Sequence[str] = ()) -> dict[str, dict[str, list[str]]]:
    """The policy in the form django-csp reads.

    `img-src` admits `data:` because Bootstrap's check marks and arrows are pictures written into its style sheet.
    `sign_in_addresses` are the origins of single sign-on providers (`https://login.example.org`): a browser holds the
    redirect that answers a form to `form-action` too, so signing in elsewhere needs them there.
    """
    return {
        "DIRECTIVES": {
            "default-src": [SELF],
            "script-src": [SELF],
            "style-src": [SELF],
            "img-src": [SELF, "data:"],
            "font-src": [SELF],
            "connect-src": [SELF],
            "object-src": [NONE],
            "base-uri": [NONE],
            "frame-ancestors": [NONE],
            "form-action": [SELF, *sign_in_addresses],
        }
    }


CONTENT_SECURITY_POLICY = content_security_policy()
"""The policy where nobody signs in elsewhere."""
