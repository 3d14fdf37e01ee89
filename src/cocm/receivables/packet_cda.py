"""The month packet as a C-CDA R2.1 unstructured document: a clinical document whose body is the PDF.

The header is the US Realm header; the body is `nonXMLBody`, which the guide provides for content that is not
structured. Ids come from the claim, so that the same packet is the same document.
"""

from __future__ import annotations

import base64
import uuid
from datetime import date
from typing import Final
from xml.etree import ElementTree as ET

from cocm.care.casefile import CaseFile
from cocm.care.people import Address, StaffMember
from cocm.receivables.packet_content import PacketContent

CDA: Final = "urn:hl7-org:v3"
SDTC: Final = "urn:hl7-org:sdtc"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
US_REALM_HEADER: Final = "2.16.840.1.113883.10.20.22.1.1"
UNSTRUCTURED_DOCUMENT: Final = "2.16.840.1.113883.10.20.22.1.10"
TEMPLATE_EXTENSION: Final = "2015-08-01"
LOINC: Final = "2.16.840.1.113883.6.1"
NPI: Final = "2.16.840.1.113883.4.6"
TAXONOMY: Final = "2.16.840.1.113883.6.101"
GENDER: Final = "2.16.840.1.113883.5.1"
CONFIDENTIALITY: Final = "2.16.840.1.113883.5.25"
DOCUMENT_CODE: Final = ("34133-9", "Summarization of episode note")
_NAMESPACE: Final = uuid.UUID("6f0f2b9e-6d0b-5a55-9d5e-3d6a3f6ac0c0")


def packet_cda(content: PacketContent, case: CaseFile, pdf: bytes, created_on: date) -> bytes:
    """The document as UTF-8 XML, the same bytes for the same packet and day."""
    for prefix, uri in (("", CDA), ("sdtc", SDTC), ("xsi", XSI)):
        ET.register_namespace(prefix, uri)
    document = ET.Element(_tag("ClinicalDocument"))
    _add(document, "realmCode", code="US")
    _add(document, "typeId", root="2.16.840.1.113883.1.3", extension="POCD_HD000040")
    for root in (US_REALM_HEADER, UNSTRUCTURED_DOCUMENT):
        _add(document, "templateId", root=root)
        _add(document, "templateId", root=root, extension=TEMPLATE_EXTENSION)
    identity = uuid.uuid5(_NAMESPACE, f"{content.claim_id}|{content.ledger_hash}|{len(pdf)}|{created_on}")
    _add(document, "id", root=str(identity).upper())
    code, name = DOCUMENT_CODE
    _add(document, "code", code=code, codeSystem=LOINC, codeSystemName="LOINC", displayName=name)
    _add(document, "title").text = f"Collaborative Care, documentation of {content.month}"
    _add(document, "effectiveTime", value=f"{created_on:%Y%m%d}")
    _add(document, "confidentialityCode", code="N", codeSystem=CONFIDENTIALITY)
    _add(document, "languageCode", code="en-US")
    _record_target(document, case)
    _author(document, case, created_on)
    _custodian(document, case)
    _service_event(document, content, case)
    body = _add(_add(document, "component"), "nonXMLBody")
    text = _add(body, "text", mediaType="application/pdf", representation="B64")
    text.text = base64.b64encode(pdf).decode("ascii")
    ET.indent(document)
    content_bytes: bytes = ET.tostring(document, encoding="UTF-8", xml_declaration=True)
    return content_bytes


def _record_target(document: ET.Element, case: CaseFile) -> None:
    role = _add(_add(document, "recordTarget"), "patientRole")
    _add(role, "id", root=_practice_root(case), extension=case.patient.patient_id)
    _address(role, case.patient.address)
    _add(role, "telecom", nullFlavor="UNK")
    patient = _add(role, "patient")
    _name(patient, case.patient.first_name, case.patient.last_name)
    sex = {"F": "F", "M": "M"}.get(case.patient.sex, "UN")
    _add(patient, "administrativeGenderCode", code=sex, codeSystem=GENDER)
    _add(patient, "birthTime", value=f"{case.patient.birth_date:%Y%m%d}")
    for element in ("raceCode", "ethnicGroupCode"):
        _add(patient, element, nullFlavor="UNK")


def _author(document: ET.Element, case: CaseFile, created_on: date) -> None:
    author = _add(document, "author")
    _add(author, "time", value=f"{created_on:%Y%m%d}")
    assigned = _add(author, "assignedAuthor")
    person = case.billing_practitioner
    _provider_id(assigned, person)
    if person is not None and person.taxonomy_code:
        _add(assigned, "code", code=person.taxonomy_code, codeSystem=TAXONOMY)
    _address(assigned, case.practice.address)
    _add(assigned, "telecom", use="WP", value=f"tel:+1{case.practice.phone}")
    if person is not None:
        _name(_add(assigned, "assignedPerson"), person.first_name, person.last_name)
    organization = _add(assigned, "representedOrganization")
    _add(organization, "id", root=NPI, extension=case.practice.billing_npi)
    _add(organization, "name").text = case.practice.name


def _custodian(document: ET.Element, case: CaseFile) -> None:
    custodian = _add(_add(document, "custodian"), "assignedCustodian")
    organization = _add(custodian, "representedCustodianOrganization")
    _add(organization, "id", root=NPI, extension=case.practice.billing_npi)
    _add(organization, "name").text = case.practice.name
    _add(organization, "telecom", use="WP", value=f"tel:+1{case.practice.phone}")
    _address(organization, case.practice.address)


def _service_event(document: ET.Element, content: PacketContent, case: CaseFile) -> None:
    event = _add(_add(document, "documentationOf"), "serviceEvent", classCode="PCPR")
    span = _add(event, "effectiveTime")
    _add(span, "low", value=f"{content.month.first_day:%Y%m%d}")
    _add(span, "high", value=f"{content.month.last_day:%Y%m%d}")
    for person in (case.billing_practitioner, case.bhcm, case.psychiatric_consultant):
        if person is None:
            continue
        performer = _add(event, "performer", typeCode="PRF")
        entity = _add(performer, "assignedEntity")
        _provider_id(entity, person)
        _name(_add(entity, "assignedPerson"), person.first_name, person.last_name)


def _provider_id(parent: ET.Element, person: StaffMember | None) -> None:
    if person is not None and person.npi:
        _add(parent, "id", root=NPI, extension=person.npi)
    else:
        _add(parent, "id", nullFlavor="UNK")


def _practice_root(case: CaseFile) -> str:
    """A root for the practice's own patient ids: its organization as a UUID."""
    return str(uuid.uuid5(_NAMESPACE, case.practice.organization_id)).upper()


def _address(parent: ET.Element, address: Address) -> None:
    given = _add(parent, "addr", use="WP")
    _add(given, "streetAddressLine").text = address.line
    _add(given, "city").text = address.city
    _add(given, "state").text = address.state
    _add(given, "postalCode").text = address.postal_code
    _add(given, "country").text = "US"


def _name(parent: ET.Element, first: str, last: str) -> None:
    name = _add(parent, "name", use="L")
    _add(name, "given").text = first
    _add(name, "family").text = last


def _add(parent: ET.Element, tag: str, **attributes: str) -> ET.Element:
    return ET.SubElement(parent, _tag(tag), attributes)


def _tag(name: str) -> str:
    return f"{{{CDA}}}{name}"
