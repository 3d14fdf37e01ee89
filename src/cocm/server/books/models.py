"""The books as rows: the core's own state file, page by page, behind the same walls as every other row."""

from __future__ import annotations

import uuid

from django.db import models

from cocm.server.records import OrganizationRow


class BooksKind(models.TextChoices):
    """Whose state it is."""

    PRACTICE = "practice", "A practice's"
    PLAN = "plan", "A health plan's"


class Books(OrganizationRow):
    """An organization's books. `stamp` names their content; whoever writes holds this row's lock till the end."""

    kind = models.CharField(max_length=10, choices=BooksKind.choices)
    stamp = models.UUIDField(default=uuid.uuid4)
    page_count = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("organization", "kind"), name="books_one_of_a_kind"),)


class BooksPage(OrganizationRow):
    """A page of the books; `stamp` is the one the books had when it was last written."""

    books = models.ForeignKey(Books, on_delete=models.PROTECT, related_name="pages")
    number = models.PositiveIntegerField()
    stamp = models.UUIDField()
    content = models.BinaryField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("books", "number"), name="books_page_one_a_number"),)
