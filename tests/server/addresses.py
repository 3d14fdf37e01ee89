"""Every address of the site, walked from the URLconf; and an example of each that names an object.

A colleague who adds an address with an argument adds a line to `EXAMPLES`: the test tells which is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from desk_rows import examples as desk_examples
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.exceptions import NoReverseMatch

Arguments = Callable[[Any], dict[str, Any]]
NO_SUCH_ROW = UUID(int=0)
"""For an address that asks before it removes something: one that is gone already is no error."""


def _ariana(world: Any, **more: Any) -> dict[str, Any]:
    return {"patient_id": world.ariana.pk, **more}


def _own_entry(world: Any) -> Any:
    """Ariana's first entry."""
    from cocm.server.contacts.models import Contact

    with world.inside(world.practice):
        entries = Contact.objects.of(world.practice).filter(patient=world.ariana)
        return entries.order_by("number").values_list("pk", flat=True)[0]


def _template(world: Any) -> Any:
    """A template that the care manager shares."""
    from cocm.server.access.permissions import MemberRole
    from cocm.server.contacts.entry_templates import template_save

    actor = world.actor(MemberRole.BHCM)
    with world.inside(actor):
        typed = {"activity": "follow_up"}
        return template_save(actor=actor, name="Call", is_shared=True, typed=typed).pk


EXAMPLES: dict[str, Arguments] = {
    "contacts:entry": _ariana,
    "contacts:draft": _ariana,
    "contacts:consent": _ariana,
    "contacts:hand_off": _ariana,
    "contacts:month": lambda world: _ariana(world, month="2026-03"),
    "contacts:freeze": lambda world: _ariana(world, month="2026-03"),
    "contacts:reopen": lambda world: _ariana(world, month="2026-03"),
    "contacts:correct": lambda world: _ariana(world, entry_id=_own_entry(world)),
    "contacts:draft_discard": lambda world: _ariana(world, draft_id=NO_SUCH_ROW),
    "contacts:template_remove": lambda world: {"template_id": _template(world)},
    "registry:chart": lambda world: {"patient_id": world.ariana.pk},
}


def _parts_of_the_case_file() -> dict[str, Arguments]:
    from registry_rows import row_of_ariana

    from cocm.server.registry.parts import PARTS

    def arguments(part: Any) -> Arguments:
        def of_ariana(world: Any) -> dict[str, Any]:
            row = {"row_id": row_of_ariana(world, part.row_model).pk} if part.row_model else {}
            return {"patient_id": world.ariana.pk, "part": part.name, **row}

        return of_ariana

    return {f"registry:{part.url_name}": arguments(part) for part in PARTS.values()}


def _an_opening(world: Any) -> dict[str, Any]:
    from people_rows import opening_by_the_care_manager

    return {"opening_id": opening_by_the_care_manager(world).pk}


def _a_membership(world: Any) -> dict[str, Any]:
    from cocm.server.access.permissions import MemberRole

    return {"membership_id": world.actor(MemberRole.BHCM).membership_id}


def _a_token(world: Any) -> dict[str, Any]:
    """A token that the care manager made; those who see to people see it as well."""
    from api_rows import token_of

    from cocm.server.access.permissions import MemberRole
    from cocm.server.api.models import ApiToken

    token_of(world, MemberRole.BHCM, "rules:codes")
    with world.inside(world.practice):
        return {"token_id": ApiToken.objects.of(world.practice).latest("made_at").pk}


EXAMPLES |= _parts_of_the_case_file()
EXAMPLES |= {"tokens:revoke": _a_token}
EXAMPLES |= {
    "break_glass": lambda world: {"patient_id": world.ariana.pk},
    "opening_review": _an_opening,
    "people:person": _a_membership,
    "people:role": _a_membership,
    "people:second_factor": _a_membership,
    "people:end": _a_membership,
}


def _an_upload(world: Any) -> dict[str, Any]:
    from setup_rows import a_staged_import

    return {"staged_id": a_staged_import(world).pk}


EXAMPLES |= {
    "setup:import_preview": _an_upload,
    "setup:import_faults": _an_upload,
    "setup:import_discard": _an_upload,
    "setup:section": lambda world: {"section": "sites"},
    "setup:row_new": lambda world: {"section": "staff"},
    "setup:row": lambda world: {"section": "sites", "key": "S001"},
}


def _a_version_of_its_rules(world: Any) -> dict[str, Any]:
    """The manager's draft of the practice's own rules."""
    from cocm.server.access.permissions import MemberRole
    from cocm.server.rulebook.terms import Terms
    from cocm.server.rulebook.versions import draft_change

    actor = world.actor(MemberRole.MANAGER)
    with world.inside(actor):
        return {"number": draft_change(actor=actor, terms=Terms()).number}


EXAMPLES |= {
    "rulebook:rule": lambda world: {"rule_id": "limit.addon_units"},
    "rulebook:edit": lambda world: {"edit_id": "addon.over_limit"},
    "rulebook:own_version": _a_version_of_its_rules,
}
_A_CLAIM = lambda world: {"claim_number": "P-000000000000"}  # noqa: E731  # at a practice there is no plan's desk
EXAMPLES |= {
    "plandesk:claim": _A_CLAIM,
    "plandesk:decide": _A_CLAIM,
    "plandesk:records": _A_CLAIM,
    "plandesk:document": lambda world: {"claim_number": "P-000000000000", "sha256": "0" * 64},
    "plandesk:file": lambda world: {"sha256": "0" * 64},
    "plandesk:answer": lambda world: {"sha256": "0" * 64, "name": "remittance.835"},
    "plandesk:case": lambda world: {"case_id": NO_SUCH_ROW},
    "plandesk:case_log": lambda world: {"case_id": NO_SUCH_ROW},
    "plandesk:report": lambda world: {"report_id": NO_SUCH_ROW},
    "plandesk:report_file": lambda world: {"report_id": NO_SUCH_ROW, "name": "findings.csv"},
    "plandesk:table": lambda world: {"name": "members"},
}


def _a_session(world: Any) -> dict[str, Any]:
    from review_rows import session_of_ariana

    return {"session_id": session_of_ariana(world).pk}


def _a_recommendation(is_accepted: bool) -> Arguments:
    def arguments(world: Any) -> dict[str, Any]:
        from review_rows import recommendation_of_ariana

        return _ariana(world, recommendation_id=recommendation_of_ariana(world, is_accepted=is_accepted).pk)

    return arguments


def _a_relapse_plan(world: Any) -> dict[str, Any]:
    from review_rows import relapse_plan_of_ariana

    return _ariana(world, plan_id=relapse_plan_of_ariana(world).pk)


EXAMPLES |= {
    "review:session": _a_session,
    "review:agenda": _a_session,
    "review:item": lambda world: _ariana(world) | _a_session(world),
    "review:now": _ariana,
    "review:answer": _a_recommendation(is_accepted=False),
    "review:carried_out": _a_recommendation(is_accepted=True),
    "review:hours_file": lambda world: {"month": "2026-03", "form": "xlsx"},
    "careplans:plan": _ariana,
    "careplans:plan_write": _ariana,
    "careplans:compare": _ariana,
    "careplans:relapse": _ariana,
    "careplans:relapse_write": _ariana,
    "careplans:relapse_print": _a_relapse_plan,
    "careplans:graduation": _ariana,
    "careplans:graduate": _ariana,
    "quality:metric": lambda world: {"metric": "improved"},
    "quality:file": lambda world: {"form": "csv"},
}
"""By view name: the arguments that lead to an object of the practice, about Ariana where it is a patient's."""


def _measures(name: str, argument: str = "") -> Arguments:
    def arguments(world: Any) -> dict[str, Any]:
        import measures_rows

        more = {argument: getattr(measures_rows, name)(world).pk} if argument else {}
        return _ariana(world, **more)

    return arguments


EXAMPLES |= {
    **dict.fromkeys(("measures:patient", "measures:link", "measures:kiosk"), _ariana),
    **dict.fromkeys(("measures:entry", "measures:total"), lambda world: _ariana(world, instrument="phq-9")),
    **dict.fromkeys(("measures:alert", "measures:step"), _measures("an_alert", "alert_id")),
    **dict.fromkeys(("measures:response", "measures:correct"), _measures("a_response", "response_id")),
    "measures:link_withdraw": _measures("a_link", "link_id"),
    **dict.fromkeys(
        ("guardians:page", "guardians:new", "guardians:consent", "guardians:confidential"), _ariana
    ),
    **dict.fromkeys(
        ("guardians:guardian", "guardians:summary", "guardians:summary_file"),
        _measures("a_guardian", "guardian_id"),
    ),
    "guardians:contact": _measures("a_family_contact", "contact_id"),
}

EXAMPLES |= desk_examples()
NOTHING = {"month": "2026-03", "control_number": "1", "number": "1"}
NAME_NO_ROW = frozenset(
    {
        "setup:section",
        "setup:row_new",
        "rulebook:rule",
        "rulebook:edit",
        "plandesk:table",
        "review:hours_file",
        "quality:metric",
        "quality:file",
        "money:approve",
        "money:journal",
        "money:ledger_file",
        "tokens:revoke",  # another's token is told as none of one's own, and stays (test_api_records)
    }
)
"""Addresses whose arguments name a kind of thing, so that everybody's organization has one of its own."""

BODIES: dict[str, Arguments] = {
    "choose_organization": lambda world: {"organization_id": world.practice.organization_id},
}
"""By view name: what an editor would post, where an empty form is no test."""


@dataclass(frozen=True)
class Address:
    """One pattern of the URLconf."""

    view_name: str
    view: Callable[..., Any]
    arguments: tuple[str, ...]

    def path_to_nothing(self) -> str:
        """With arguments that fit and name no row."""
        for text in ("00000000-0000-0000-0000-000000000000", "2026-03", "1"):
            with suppress(NoReverseMatch):
                return reverse(self.view_name, kwargs=dict.fromkeys(self.arguments, text))
        mixed = {name: NOTHING.get(name, str(NO_SUCH_ROW)) for name in self.arguments}
        return reverse(self.view_name, kwargs=mixed)

    def path(self, world) -> str:
        return reverse(self.view_name, kwargs=EXAMPLES[self.view_name](world) if self.arguments else {})


def all_addresses() -> list[Address]:
    """Every pattern there is, ours and other packages'."""
    return list(_walk(get_resolver().url_patterns, "", ()))


def _walk(patterns, namespace: str, arguments: tuple[str, ...]) -> Iterator[Address]:
    for pattern in patterns:
        found = (*arguments, *pattern.pattern.converters)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern.url_patterns, inner, found)
        elif isinstance(pattern, URLPattern):
            yield Address(f"{namespace}{pattern.name or ''}", pattern.callback, found)


def our_addresses() -> list[Address]:
    """Those whose views declare their needs themselves, and let members in by permission."""
    return [
        address
        for address in all_addresses()
        if getattr(address.view, "needs", None) is not None and address.view.needs.permission is not None
    ]


def _own_claim(world: Any) -> dict[str, Any]:
    """Ariana's last claim (of the world with books)."""
    from claims_rows import last_claim_of_ariana

    return _ariana(world, claim_id=last_claim_of_ariana(world).claim_id)


def _a_payers_file(world: Any) -> dict[str, Any]:
    from claims_rows import a_payers_file

    return {"file_id": a_payers_file(world).pk}


def _an_answered_month(world: Any) -> dict[str, Any]:
    from claims_rows import an_answered_month

    return _ariana(world, month=an_answered_month(world))


def _an_eligibility_request(world: Any) -> dict[str, Any]:
    from claims_rows import an_eligibility_request

    return {"request_id": an_eligibility_request(world).pk}


EXAMPLES |= {
    **dict.fromkeys([f"claims:{page}" for page in ("claim", "edits", "wire", "again", "void")], _own_claim),
    **dict.fromkeys(("claims:batch_file", "claims:batch_put"), lambda world: {"control_number": 1}),
    **dict.fromkeys(("claims:file", "claims:looked"), _a_payers_file),
    "claims:ask": lambda world: {"month": "2026-03"},
    "claims:request_file": _an_eligibility_request,
    **dict.fromkeys(("claims:cost_share", "claims:letter"), _an_answered_month),
}
BODIES |= {"claims:ask": lambda world: {"payer": "SIERRA-CREST"}}
NAME_NO_ROW |= {"claims:ask", "claims:batch_file", "claims:batch_put"}


OURS_EVERYWHERE = (
    "/",
    "/health/",
    "/account/login/",
    "/account/logout/",
    "/account/password/reset/",
    "/account/password/change/",
    "/account/reauthenticate/",
    "/account/2fa/",
    "/account/2fa/authenticate/",
    "/account/2fa/totp/activate/",
    "/account/signup/",
    "/look/theme/",
)
"""Addresses for everyone or of other packages, without arguments."""


def _a_month_run(world: Any, **more: Any) -> dict[str, Any]:
    from months_rows import a_run

    return {"run_id": a_run(world).pk, **more}


MONTH_PAGES = tuple(
    f"months:{name}"
    for name in (
        "board",
        "freeze",
        "forecast",
        "close",
        "sign",
        "at_risk",
        "exceptions",
        "patients",
        "eligibility",
    )
)
EXAMPLES |= dict.fromkeys(MONTH_PAGES, lambda world: {"month": "2026-03"})
EXAMPLES |= {
    "months:run": _a_month_run,
    "months:progress": _a_month_run,
    "months:report": lambda world: _a_month_run(world, name="worklist.csv"),
    "months:patient": lambda world: _ariana(world, month="2026-03"),
    "months:decide": lambda world: _ariana(world, month="2026-03"),
}
NAME_NO_ROW |= frozenset(MONTH_PAGES)
