"""The sheet on which a person signs their own entries of a month."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from cocm.basics.months import Month
from cocm.letters.words import month_words
from cocm.server.access.needs import needs
from cocm.server.access.permissions import Permission
from cocm.server.accounts.models import StaffMember
from cocm.server.contacts.words import minutes_words
from cocm.server.months.sign_offs import NotAsShown, sign_off, sign_sheet


@needs(Permission.MONTH_SIGN, methods=("GET", "POST"))
def sign_page(request: HttpRequest, month: Month) -> HttpResponse:
    """One's own entries of the month, patient by patient, and the signature."""
    actor, here = request.actor, reverse("months:sign", kwargs={"month": month})
    if request.method == "POST":
        shown = dict(choice.split(":", 1) for choice in request.POST.getlist("row") if ":" in choice)
        try:
            signed = sign_off(actor=actor, month=month, shown=shown)
            count = len(signed.seen)
            messages.success(request, f"Signed for {count} {'line' if count == 1 else 'lines'} of {month}.")
        except (ValueError, NotAsShown) as refusal:
            text = str(refusal)
            messages.error(request, f"{text[:1].upper()}{text[1:]}.")
        return HttpResponseRedirect(here)
    member = StaffMember.objects.of(actor).filter(pk=actor.staff_member_id).first()
    rows = sign_sheet(actor=actor, staff_member=member, month=month) if member is not None else []
    back = reverse("months:board", kwargs={"month": month})
    context = {
        "month": month,
        "month_name": month_words(month),
        "member": member,
        "rows": [(row, minutes_words(row.own.seconds)) for row in rows],
        "open_count": sum(not row.is_signed for row in rows),
        "changed_count": sum(row.is_changed for row in rows),
        "entries_total": sum(row.own.entries for row in rows),
        "minutes_total": minutes_words(sum(row.own.seconds for row in rows)),
        "is_over": timezone.localdate() >= month.last_day,
        "back_href": back,
        "breadcrumb": [("Months", reverse("months:list")), (str(month), back), ("Sign-off", "")],
    }
    return TemplateResponse(request, "months/sign.html", context)
