"""Makes the first organization and its administrator in an empty database."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from cocm.server.access.permissions import MemberRole
from cocm.server.accounts.models import Organization, User
from cocm.server.accounts.models.organizations import OrganizationKind
from cocm.server.accounts.services import organization_add, person_invite


class Command(BaseCommand):
    help = (
        "Make the first organization with its administrator, and print the link to set a password by, which holds "
        'once. Example: cocm manage first_administrator --email ida@example.org --name "Ida Example" '
        '--organization "North Valley" --key north-valley'
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", required=True)
        parser.add_argument("--name", required=True, help="the person's name")
        parser.add_argument("--organization", required=True, help="the organization's name")
        parser.add_argument(
            "--key", required=True, help="its short id, part of every claim id; it never changes"
        )
        parser.add_argument("--kind", default="practice", choices=OrganizationKind.values)
        parser.add_argument("--time-zone", default="America/New_York")
        parser.add_argument("--another", action="store_true", help="where there are organizations already")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        if (User.objects.exists() or Organization.objects.exists()) and not options["another"]:
            raise CommandError(
                "there are people or organizations already: an administrator invites others on the page People; "
                "--another makes a further organization"
            )
        actor = organization_add(
            key=options["key"],
            kind=options["kind"],
            name=options["organization"],
            time_zone=options["time_zone"],
        )
        hosts = settings.ENVIRONMENT.hosts
        base = (
            f"https://{hosts[0]}" if settings.ENVIRONMENT.is_production and hosts else "http://127.0.0.1:8000"
        )
        _, link = person_invite(
            actor=actor,
            email=options["email"],
            full_name=options["name"],
            role=MemberRole.ADMINISTRATOR,
            staff_member=None,
            address_of=lambda path: f"{base}{path}",
        )
        self.stdout.write(link or f"{options['email']} has a sign-in already and keeps it")
