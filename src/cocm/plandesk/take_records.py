"""Takes in records about claims: an attachment (275), or a folder with a folder of documents for each claim."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final, NamedTuple

from cocm.basics.errors import UnusableInput
from cocm.plan.record_requests import RecordRequest
from cocm.plan.records import PlanBook
from cocm.plandesk.desk_tables import KeptClaim, keep_document, kept_claims, requests
from cocm.plandesk.member_file import root_of
from cocm.plandesk.state import PlanState, opened
from cocm.x12.attachment import read_275
from cocm.x12.attachment_record import Attachment

DOCUMENT_BYTES_MAX: Final = 32 << 20
DOCUMENTS_MAX: Final = 10_000
FILE_BYTES_MAX: Final = 256 << 20


class _Came(NamedTuple):
    """A document with what it says of its claim: names to find it by, in their order."""

    place: str
    names: tuple[str, ...]
    file_name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class TakenRecords:
    """What came in. `answered` are the requests that have their first records now; `late` those past their day.

    `unmatched` are the places of documents whose claim is not on file, or is one of several of the name.
    """

    documents: int
    known_before: int
    claims: tuple[str, ...]
    answered: tuple[str, ...]
    late: tuple[str, ...]
    unasked: tuple[str, ...]
    unmatched: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "documents": self.documents,
            "documents_known_before": self.known_before,
            "claims": list(self.claims),
            "requests_answered": list(self.answered),
            "claims_late": list(self.late),
            "claims_unasked": list(self.unasked),
            "unmatched": list(self.unmatched),
        }


def take_records(path: Path, received_date: date, kept: Path | PlanState, book: PlanBook) -> TakenRecords:
    """Keep the documents of a 275 file, or of a folder whose subfolders are named by claim, request or claim id.

    The same document of a claim again is known. Raises `UnusableInput` for what is neither, or too large.
    """
    came = list(_of_folder(path) if path.is_dir() else _of_file(path))
    if not came:
        raise UnusableInput(f"{path}: holds no document; a folder has one folder of documents for each claim")
    with opened(kept, book.profile.plan_id) as state:
        taken = _keep(state, came, received_date)
        state.commit()
    return taken


def _of_file(path: Path) -> Iterator[_Came]:
    if path.stat().st_size > FILE_BYTES_MAX:
        raise UnusableInput(f"{path}: more than {FILE_BYTES_MAX >> 20} MB")
    for number, attachment in enumerate(read_275(path.read_bytes()), 1):
        for place, document in enumerate(attachment.documents, 1):
            names = (document.trace_number, *_names(attachment))
            name = document.file_name or f"attachment-{number}-{place}"
            yield _Came(f"{path.name}, attachment {number}", names, Path(name).name, document.content)


def _names(attachment: Attachment) -> tuple[str, ...]:
    return (
        attachment.payer_claim_control_number,
        attachment.patient_account_number,
        attachment.provider_control_number,
    )


def _of_folder(path: Path) -> Iterator[_Came]:
    seen = byte_count = 0
    for folder in sorted(one for one in path.iterdir() if one.is_dir() and not one.name.startswith(".")):
        for document in sorted(folder.rglob("*")):
            if document.name.startswith(".") or document.is_symlink() or not document.is_file():
                continue
            seen += 1
            if seen > DOCUMENTS_MAX:
                raise UnusableInput(f"{path}: more than {DOCUMENTS_MAX} documents; take them in by parts")
            if document.stat().st_size > DOCUMENT_BYTES_MAX:
                raise UnusableInput(f"{document}: more than {DOCUMENT_BYTES_MAX >> 20} MB")
            byte_count += document.stat().st_size
            if byte_count > FILE_BYTES_MAX:
                raise UnusableInput(f"{path}: more than {FILE_BYTES_MAX >> 20} MB; take it in by parts")
            name = str(document.relative_to(folder))
            yield _Came(f"{folder.name}/{name}", (folder.name,), name, document.read_bytes())
    strays = sorted(one.name for one in path.iterdir() if one.is_file() and not one.name.startswith("."))
    if strays:
        raise UnusableInput(
            f"{path / strays[0]}: stands in no claim's folder; put it into one named by its claim's number or id"
        )


def _keep(state: PlanState, came: list[_Came], received_date: date) -> TakenRecords:
    asked = requests(state)
    by_request = {one.request_number: number for number, one in asked.items()}
    by_name = _claims_by_name(state)
    kept = known = 0
    claims: dict[str, None] = {}
    answered: dict[str, None] = {}
    late: dict[str, None] = {}
    unasked: dict[str, None] = {}
    unmatched: list[str] = []
    for one in came:
        root = _root(one, by_request, by_name)
        if root is None:
            unmatched.append(one.place)
            continue
        request = _request_of(asked, root)
        number = request.request_number if request is not None else ""
        if not keep_document(state, root, number, received_date, one.file_name, one.content):
            known += 1
            continue
        kept += 1
        claims[root] = None
        if request is None:
            unasked[root] = None
        else:
            answered[request.request_number] = None
            if request.is_overdue(received_date):
                late[root] = None
    return TakenRecords(
        kept, known, tuple(claims), tuple(answered), tuple(late), tuple(unasked), tuple(unmatched)
    )


def _claims_by_name(state: PlanState) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    claim: KeptClaim
    for claim in kept_claims(state):
        root = root_of(claim.claim_number)
        for name in (claim.claim_number, claim.claim_id):
            found.setdefault(name, set()).add(root)
    return found


def _root(one: _Came, by_request: dict[str, str], by_name: dict[str, set[str]]) -> str | None:
    """The claim that a document belongs to: by the request it answers, else by the first name only one claim has."""
    for name in filter(None, one.names):
        if name in by_request:
            return root_of(by_request[name])
        roots = by_name.get(name, set())
        if len(roots) == 1:
            return next(iter(roots))
    return None


def _request_of(asked: dict[str, RecordRequest], root: str) -> RecordRequest | None:
    return next((one for number, one in asked.items() if root_of(number) == root), None)
