"""Who is the same person: claims of one file, of another file and of another payer brought together.

Two claims are one person's where the member id and the birth date agree (of dependents the first name as well: twins
share both), or, to different payers, where name, birth date and sex agree. Two members of one payer are two persons,
whatever their names.
"""

from __future__ import annotations

from cocm.x12.claim_record import ClaimRecord


class People:
    """Numbers persons as they come. Holds what tells them apart as hashes, never names."""

    def __init__(self) -> None:
        self._by_member: dict[int, int] = {}
        self._by_name: dict[int, list[int]] = {}
        self._payers: list[set[str]] = []

    def number_of(self, record: ClaimRecord) -> int:
        """The person's number; a new one where nobody known agrees."""
        member, name = _member_key(record), _name_key(record)
        payer = record.payer.identifier.upper()
        person = self._by_member.get(member) if member is not None else None
        if person is None and name is not None:
            person = next(
                (one for one in self._by_name.get(name, ()) if payer not in self._payers[one]), None
            )
        if person is None:
            person = len(self._payers)
            self._payers.append(set())
        self._payers[person].add(payer)
        if member is not None:
            self._by_member[member] = person
        if name is not None:
            known = self._by_name.setdefault(name, [])
            if person not in known:
                known.append(person)
        return person


def _member_key(record: ClaimRecord) -> int | None:
    member_id, born = _plain(record.member_id), record.patient.birth_date
    if not member_id or born is None:
        return None
    first_name = "" if record.patient_is_subscriber else _plain(record.patient.first_name)
    return hash((member_id, born, first_name))


def _name_key(record: ClaimRecord) -> int | None:
    patient = record.patient
    last_name, first_name = _plain(patient.last_or_organization_name), _plain(patient.first_name)
    if not (last_name and first_name and patient.birth_date):
        return None
    return hash((last_name, first_name, patient.birth_date, patient.sex))


def _plain(text: str) -> str:
    """Letters and digits only, so that `O'NEIL` and `ONEIL`, `123-45` and `12345` are the same."""
    return "".join([character for character in text.upper() if character.isalnum()])
