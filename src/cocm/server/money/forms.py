"""Forms of money. Amounts are dollars as a person writes them, cents behind them."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils import timezone

from cocm.basics.money import cents_from_text, dollars, plain_dollars
from cocm.remits.account import ActionKind, Balance
from cocm.remits.transfers import TransferModel
from cocm.server.access.actor import Actor
from cocm.server.accounts.models import StaffMember
from cocm.server.money.models import ConsultantAgreement, PatientStatement
from cocm.server.registry.forms.fields import DayField, PersonField
from cocm.server.work.forms import WorkMinutesField

ACTION_WORDS: Final = {
    ActionKind.PATIENT_PAYMENT: "The patient paid",
    ActionKind.PATIENT_REFUND: "Returned to the patient",
    ActionKind.ACCEPT_PATIENT_SHARE: "The disputed share is the patient's",
    ActionKind.WAIVE_PATIENT_SHARE: "The disputed share is waived",
    ActionKind.WRITE_OFF: "What is open with the payer is given up",
}
NEEDED: Final = {
    TransferModel.SCHEDULED_BLOCK: ("amount", "hours_per_week"),
    TransferModel.LOGGED_HOURS: ("amount",),
    TransferModel.PER_REVIEW: ("amount",),
    TransferModel.EMBEDDED_VALUATION: (),
    TransferModel.SHARE_OF_COLLECTIONS: ("percent",),
    TransferModel.COST_ALLOCATION: ("amount", "percent"),
    TransferModel.RETAINER: ("amount",),
}
"""What the core's line of each model multiplies."""


PLAIN_ID: Final = RegexValidator(r"^[A-Za-z0-9._-]+$", "letters, digits and . _ - only")
"""What a journal takes as a link."""


class DollarField(forms.CharField):
    """An amount in dollars, as cents."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            max_length=16,
            widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
            **kwargs,
        )

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            cents = cents_from_text(text)
        except ValueError:
            raise ValidationError("an amount in dollars, such as 160.32") from None
        if cents < 0:
            raise ValidationError("an amount above nothing")
        return cents


class OneLineField(forms.CharField):
    """A line of plain text."""

    def clean(self, value: Any) -> str:
        text: str = super().clean(value)
        if not text.isprintable():
            raise ValidationError("one line of plain text")
        return text


def action_choices(balance: Balance) -> list[tuple[str, str]]:
    """What there is to do about an account, with the most that it may be."""
    most = {
        ActionKind.PATIENT_PAYMENT: (True, balance.patient_owes_cents),
        ActionKind.PATIENT_REFUND: (balance.patient_paid_cents > 0, balance.refund_due_cents),
        ActionKind.ACCEPT_PATIENT_SHARE: (balance.disputed_cents > 0, balance.disputed_cents),
        ActionKind.WAIVE_PATIENT_SHARE: (balance.disputed_cents > 0, balance.disputed_cents),
        ActionKind.WRITE_OFF: (balance.open_cents > 0, balance.open_cents),
    }
    return [
        (str(kind), f"{ACTION_WORDS[kind]}{f' ({dollars(cents)})' if cents else ''}")
        for kind, (is_possible, cents) in most.items()
        if is_possible
    ]


class SettleForm(forms.Form):
    """Something done about the money of one claim."""

    use_required_attribute = True
    kind = forms.ChoiceField(label="What", widget=forms.RadioSelect)
    amount = DollarField(label="Amount, dollars")
    day = DayField(label="On")
    reason = OneLineField(label="Reason", max_length=200, help_text="It stands in the books with your name.")
    work_minutes = WorkMinutesField("post_by_hand")

    def __init__(self, *args: Any, balance: Balance, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {})
        kwargs["initial"].setdefault("day", timezone.localdate())
        super().__init__(*args, **kwargs)
        choices = action_choices(balance)
        self.fields["kind"].choices = choices
        if len(choices) == 1:
            self.initial.setdefault("kind", choices[0][0])
        if not self.is_bound and balance.disputed_cents:
            self.initial.setdefault("amount", plain_dollars(balance.disputed_cents))
        elif not self.is_bound and balance.patient_owes_cents:
            self.initial.setdefault("amount", plain_dollars(balance.patient_owes_cents))


class MatchForm(forms.Form):
    """Which claim a decision belongs to: one of those that look like it, or another by its id."""

    use_required_attribute = False
    offered = forms.ChoiceField(label="It belongs to", required=False, widget=forms.RadioSelect)
    other = OneLineField(
        label="Another claim", required=False, max_length=60, help_text="Its id, as on the claim."
    )
    work_minutes = WorkMinutesField("post_by_hand")

    def __init__(self, *args: Any, offered: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["offered"].choices = offered
        if not offered:
            del self.fields["offered"]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        claim_id = given.get("other", "").strip().upper() or given.get("offered", "")
        if not claim_id:
            raise ValidationError("choose a claim, or write its id")
        given["claim_id"] = claim_id
        return given


class ReturnedForm(forms.Form):
    """An overpayment that went back."""

    use_required_attribute = True
    day = DayField(label="Returned on")
    note = OneLineField(
        label="How", max_length=200, help_text="Refund number, or the remittance that takes it back."
    )
    work_minutes = WorkMinutesField("post_by_hand")


class GivenForm(forms.Form):
    """How a statement reached the patient."""

    use_required_attribute = True
    given_on = DayField(label="Given on")
    way = forms.ChoiceField(label="How", choices=PatientStatement.Way.choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"given_on": timezone.localdate()})
        super().__init__(*args, **kwargs)


class AgreementForm(forms.ModelForm):
    """An agreement with a psychiatric consultant; its model says which terms it needs."""

    use_required_attribute = True
    consultant = PersonField(label="Psychiatric consultant", queryset=StaffMember.objects.none())
    effective_from = DayField(label="From", may_be_future=True)
    effective_to = DayField(label="Until (that day not included)", may_be_future=True, required=False)
    amount = DollarField(
        label="Amount, dollars",
        required=False,
        help_text="An hour, a review, the month's cost or the retainer, as the model has it.",
    )

    class Meta:
        model = ConsultantAgreement
        fields = (
            "agreement_id",
            "consultant",
            "model",
            "amount",
            "percent",
            "hours_per_week",
            "effective_from",
            "effective_to",
        )
        labels: ClassVar = {
            "agreement_id": "Name of the agreement",
            "percent": "Percent",
            "hours_per_week": "Hours a week",
        }
        help_texts: ClassVar = {"agreement_id": "Letters, digits and . _ - only; it stands in the journal."}

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        consultants = StaffMember.objects.of(actor).filter(role="psychiatric_consultant")
        self.fields["consultant"].queryset = consultants.order_by("last_name", "first_name")
        self.fields["agreement_id"].validators.append(PLAIN_ID)
        if self.instance.amount_cents is not None:
            self.initial["amount"] = plain_dollars(self.instance.amount_cents)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        model = given.get("model")
        if model:
            for name in NEEDED[TransferModel(model)]:
                if given.get(name) is None and name not in self.errors:
                    self.add_error(name, "this model needs it")
        percent, hours = given.get("percent"), given.get("hours_per_week")
        if percent is not None and not 0 <= percent <= 100:
            self.add_error("percent", "from 0 to 100")
        if hours is not None and not 0 <= hours <= 168:
            self.add_error("hours_per_week", "from 0 to 168")
        begins, ends = given.get("effective_from"), given.get("effective_to")
        if begins and ends and ends <= begins:
            self.add_error("effective_to", "a day after the first one")
        same = ConsultantAgreement.objects.of(self.actor).filter(agreement_id=given.get("agreement_id", ""))
        if same.exclude(pk=self.instance.pk).exists():
            self.add_error("agreement_id", "another agreement has this name")
        self.instance.amount_cents = given.get("amount")
        return given


class ApproveForm(forms.Form):
    """The approval of what is shown."""

    digest = forms.CharField(widget=forms.HiddenInput, max_length=64)
    note = OneLineField(label="Note", required=False, max_length=300)
