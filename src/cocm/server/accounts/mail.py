"""Letters that the site sends: short, without a patient's data, and never a reason for a page to fail."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.db import transaction

logger = logging.getLogger(__name__)


def mail_after_commit(addresses: Sequence[str], subject: str, text: str) -> None:
    """Send one letter to each address, once what is told is saved. A mail server that fails is logged and no more.

    Nobody sees the others' addresses. `subject` and `text` hold nothing of a patient's.
    """
    line = " ".join(subject.split())
    letters = [EmailMessage(line, text, to=[address]) for address in addresses]
    transaction.on_commit(lambda: _send(letters), robust=True)


def _send(letters: Sequence[EmailMessage]) -> None:
    for letter in letters:
        try:
            letter.send()
        except Exception as problem:  # whatever the mail server does, the page has done its work
            logger.error("an e-mail could not be sent (%s)", type(problem).__name__)
