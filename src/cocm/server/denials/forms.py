"""Forms of denials: filters, what was done about a claim, packets, letters, the liaison's log."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django import forms
from django.utils import timezone

from cocm.claims.lifecycle import ClaimEventKind
from cocm.receivables.worklist import WorkKind
from cocm.rules.document_kinds import document_kinds
from cocm.server.access.actor import Actor
from cocm.server.accounts.models import PayerProduct
from cocm.server.denials.models import EntryKind, PlanContact, Sending
from cocm.server.denials.selectors import KIND_WORDS
from cocm.server.denials.services import DOCUMENT_BYTES_MAX, owners
from cocm.server.money.forms import OneLineField
from cocm.server.registry.forms.fields import DayField
from cocm.server.rules_in_force import rulebook
from cocm.server.work.forms import WorkMinutesField

MINE, NOBODYS = "mine", "nobody"
DONE: Final = {
    "asked": ("Asked for the claim's status", None, "claim_status"),
    "escalated": ("Escalated to the plan", ClaimEventKind.ESCALATED, "escalate_misroute"),
    "appealed": ("Appealed outside this site", ClaimEventKind.APPEALED, "write_appeal"),
    "closed": ("Closed: nothing more is done", ClaimEventKind.CLOSED, "find_out_why"),
}
"""What a person may note on a claim: words, the timeline's event (none: only its minutes count), the task of work."""


class PayerField(forms.ModelChoiceField):
    """A payer by name."""

    def label_from_instance(self, payer: Any) -> str:
        return str(payer.name)


class ContactField(forms.ModelChoiceField):
    """Somebody at a plan."""

    def label_from_instance(self, contact: Any) -> str:
        return f"{contact.name}, {contact.part}" if contact.part else str(contact.name)


class FilterForm(forms.Form):
    """Which part of the worklist."""

    kind = forms.ChoiceField(label="Kind", required=False)
    payer = forms.ChoiceField(label="Payer", required=False)
    owner = forms.ChoiceField(label="Owner", required=False)

    def __init__(self, *args: Any, actor: Actor, payers: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", "All"), *((str(kind), KIND_WORDS[kind]) for kind in WorkKind)]
        self.fields["payer"].choices = [("", "All"), *sorted(payers.items(), key=lambda pair: pair[1])]
        people = [(str(one.user_id), one.user.full_name) for one in owners(actor=actor)]
        self.fields["owner"].choices = [("", "All"), (MINE, "Mine"), (NOBODYS, "Nobody's"), *people]


class OwnerForm(forms.Form):
    """Who works on the claim."""

    owner = forms.ChoiceField(label="Owner", required=False)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [(str(one.user_id), one.user.full_name) for one in owners(actor=actor)]
        self.fields["owner"].choices = [("", "Nobody"), *people]


class DoneForm(forms.Form):
    """Something that was done about a claim."""

    use_required_attribute = True
    what = forms.ChoiceField(label="What", choices=[(name, words) for name, (words, _, _) in DONE.items()])
    day = DayField(label="On")
    note = OneLineField(
        label="Note",
        max_length=200,
        required=False,
        help_text="No patient data: a call's number, a name at the plan.",
    )
    work_minutes = WorkMinutesField("claim_status")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"day": timezone.localdate()})
        super().__init__(*args, **kwargs)
        self.fields["work_minutes"].help_text = "Empty: the rulebook's assumption for this work."
        self.fields["work_minutes"].widget.attrs.pop("placeholder", None)


class SendForm(forms.Form):
    """How a packet or letter went out."""

    use_required_attribute = True
    way = forms.ChoiceField(label="How", choices=Sending.Way.choices)
    sent_on = DayField(label="Sent on")
    reference = OneLineField(label="Payer's reference", required=False, max_length=60)
    confirmation = OneLineField(
        label="Proof of delivery",
        required=False,
        max_length=120,
        help_text="Fax confirmation, tracking or portal number.",
    )

    def __init__(self, *args: Any, task: str, ways: tuple[str, ...] = (), **kwargs: Any) -> None:
        kwargs["initial"] = {"sent_on": timezone.localdate(), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.fields["work_minutes"] = WorkMinutesField(task)
        if ways:
            self.fields["way"].choices = [pair for pair in Sending.Way.choices if pair[0] in ways]


class DocumentForm(forms.Form):
    """A document for packets."""

    use_required_attribute = True
    file = forms.FileField(
        label="File",
        help_text=f"A PDF or plain text, at most {DOCUMENT_BYTES_MAX // 1024**2} MB.",
        widget=forms.ClearableFileInput(attrs={"accept": ".pdf,.txt"}),
    )
    kind = forms.ChoiceField(label="What it is")
    title = OneLineField(label="Title", max_length=120, help_text="As it stands in the packet's list.")
    service_date = DayField(label="Its day")
    is_part2 = forms.BooleanField(label="From a substance use programme (42 CFR part 2)", required=False)
    part2_consent_date = DayField(
        label="Consent to its release",
        required=False,
        help_text="Without it such a document stays in the chart.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = document_kinds(rulebook()).values()
        self.fields["kind"].choices = [
            ("", "Choose"),
            *(
                (one.kind, f"{one.label}{' (never leaves the chart)' if one.is_excluded else ''}")
                for one in kinds
            ),
        ]


class LetterForm(forms.Form):
    """What is not on file for a letter, to be filled in by a person, and its language."""

    def __init__(self, *args: Any, names: tuple[str, ...], has_spanish: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if has_spanish:
            self.fields["language"] = forms.ChoiceField(
                label="Language", choices=(("en", "English"), ("es", "Spanish")), required=False
            )
        for name in names:
            self.fields[f"fact_{name}"] = OneLineField(
                label=name.replace("_", " ").capitalize(), required=False, max_length=200
            )

    @property
    def given(self) -> dict[str, str]:
        """The facts typed, by name."""
        return {
            name.removeprefix("fact_"): str(text)
            for name, text in self.cleaned_data.items()
            if name.startswith("fact_")
        }


class EntryForm(forms.Form):
    """One thing that happened in a liaison case."""

    use_required_attribute = True
    happened_on = DayField(label="On")
    kind = forms.ChoiceField(label="What", choices=EntryKind.choices)
    contact = ContactField(label="With", queryset=PlanContact.objects.none(), required=False)
    said = forms.CharField(
        label="What was said",
        max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="No patient data: claims by their ids. It stands as it is written.",
    )
    promised_on = DayField(label="Promised by", required=False, may_be_future=True)
    claim_id = forms.RegexField(
        label="Claim",
        regex=r"^[A-Za-z0-9-]{1,60}$",
        required=False,
        error_messages={"invalid": "a claim's id, such as C-0123456789AB"},
    )
    reference = OneLineField(label="Plan's reference", required=False, max_length=60)
    work_minutes = WorkMinutesField("call_about_route")

    def __init__(self, *args: Any, actor: Actor, payer_pk: Any = None, **kwargs: Any) -> None:
        kwargs["initial"] = {"happened_on": timezone.localdate(), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        people = PlanContact.objects.of(actor).filter(is_active=True).select_related("payer")
        if payer_pk is not None:
            people = people.filter(payer_id=payer_pk)
        self.fields["contact"].queryset = people.order_by("name")


class CaseForm(EntryForm):
    """A new liaison case with its first entry."""

    payer = PayerField(label="Plan", queryset=PayerProduct.objects.none())
    title = OneLineField(label="About", max_length=120)
    field_order = (
        "payer",
        "title",
        "happened_on",
        "kind",
        "contact",
        "said",
        "promised_on",
        "claim_id",
        "reference",
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        self.fields["payer"].queryset = PayerProduct.objects.of(actor).order_by("name")
        kinds = [pair for pair in EntryKind.choices if pair[0] not in (EntryKind.OUTCOME, EntryKind.REOPENED)]
        self.fields["kind"].choices = kinds

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        contact, payer = given.get("contact"), given.get("payer")
        if contact is not None and payer is not None and contact.payer_id != payer.pk:
            self.add_error("contact", "this person is another plan's")
        return given


class ContactForm(forms.ModelForm):
    """Somebody at a plan who helps."""

    use_required_attribute = True
    payer = PayerField(label="Plan", queryset=PayerProduct.objects.none())

    class Meta:
        model = PlanContact
        fields = ("payer", "name", "part", "phone", "email", "note", "is_active")
        labels: ClassVar = {"part": "Part", "email": "E-mail", "is_active": "Still there"}
        help_texts: ClassVar = {"part": "Such as provider relations, claims, appeals."}

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["payer"].queryset = PayerProduct.objects.of(actor).order_by("name")


class DeclineForm(forms.Form):
    """Why a candidate is not taken."""

    reason = OneLineField(label="Why not", max_length=300)
