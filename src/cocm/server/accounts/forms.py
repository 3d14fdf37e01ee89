"""Forms of people who sign in."""

from __future__ import annotations

from typing import Any

from django import forms

from cocm.server.access.actor import Actor
from cocm.server.access.permissions import ROLE_WORDS
from cocm.server.accounts.models import Membership
from cocm.server.accounts.selectors import staff


class StaffField(forms.ModelChoiceField):
    """A row of the staff table."""

    def label_from_instance(self, member: Any) -> str:
        return f"{member.last_name}, {member.first_name} ({member.staff_id})"


class InvitationForm(forms.Form):
    """Whom to invite, and as what."""

    email = forms.EmailField(label="E-mail address", widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    full_name = forms.CharField(label="Name", max_length=120)
    role = forms.ChoiceField(
        label="Role", choices=[("", ""), *((role.value, words) for role, words in ROLE_WORDS.items())]
    )
    staff_member = StaffField(
        label="In the staff table",
        queryset=None,
        required=False,
        help_text="Whose care teams and minutes are this person's.",
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["staff_member"].queryset = free_staff(actor)


class RoleForm(forms.Form):
    """Another role for a colleague, or another row of the staff table."""

    role = forms.ChoiceField(
        label="Role", choices=[(role.value, words) for role, words in ROLE_WORDS.items()]
    )
    staff_member = StaffField(
        label="In the staff table",
        queryset=None,
        required=False,
        help_text="Whose care teams and minutes are this person's.",
    )

    def __init__(self, *args: Any, actor: Actor, membership: Membership, **kwargs: Any) -> None:
        kwargs["initial"] = {"role": membership.role, "staff_member": membership.staff_member_id}
        super().__init__(*args, **kwargs)
        self.fields["staff_member"].queryset = free_staff(actor, but=membership)


def free_staff(actor: Actor, *, but: Membership | None = None) -> Any:
    """Rows of the staff table that are nobody's yet, or this member's own."""
    taken = Membership.objects.of(actor).filter(is_active=True, staff_member__isnull=False)
    if but is not None:
        taken = taken.exclude(pk=but.pk)
    return staff(actor=actor).exclude(pk__in=taken.values("staff_member_id"))
