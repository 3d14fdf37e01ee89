"""What every row of every area has: an opaque id and the organization it belongs to."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models.functions import Cast

if TYPE_CHECKING:
    from cocm.server.access.actor import Actor


class PlainText(Cast):
    """A cast to text. What tells it from another is its column, not (as Django has it) its whole constructor's call,
    which took longer to work out than many a statement to be answered."""

    @property
    def identity(self) -> tuple[object, ...]:
        [source] = self.get_source_expressions()
        target = getattr(source, "target", None)
        return PlainText, getattr(source, "alias", None), getattr(source, "name", None), target


def plain_key(name: str) -> PlainText:
    """A key, or a day, as the database's own text: to make a UUID or a date of each of thousands would take longest."""
    return PlainText(name, models.CharField())


class OrganizationRows(models.QuerySet):
    """Rows of one organization. There is no other way in: `.of(actor)` comes first in every selector and service."""

    def of(self, actor: Actor) -> OrganizationRows:
        """The rows that the acting person's organization owns."""
        return self.filter(organization_id=actor.organization_id)


class OrganizationRow(models.Model):
    """A row that belongs to an organization. Its id says nothing about a person and may stand in an address.

    A migration that makes such a table ends with `walls.OrganizationWall(...)`; a test finds the table without one.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey("accounts.Organization", on_delete=models.PROTECT, related_name="+")

    objects = OrganizationRows.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        # ids only: what __str__ gives may end in a log
        return f"{self._meta.model_name} {self.pk}"


class ChainedRow(OrganizationRow):
    """A row that is never changed and never deleted, and that holds the hash of the row before it in its chain."""

    previous_hash = models.CharField(max_length=64)
    row_hash = models.CharField(max_length=64)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError(f"{self._meta.model_name} rows are never changed; add a row instead")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError(f"{self._meta.model_name} rows are never deleted")
