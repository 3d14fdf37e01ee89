"""The printed relapse prevention plan's own words, in English and Spanish."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

_MONTHS: Final = MappingProxyType(
    {
        "en": (
            "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
            "November", "December",
        ),
        "es": (
            "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre",
            "noviembre", "diciembre",
        ),
    }
)  # fmt: skip


def day_words(language: str, day: date) -> str:
    """A day as people of a language write it: March 4, 2026; 4 de marzo de 2026."""
    month = _MONTHS[language][day.month - 1]
    return f"{day.day} de {month} de {day.year}" if language == "es" else f"{month} {day.day}, {day.year}"


@dataclass(frozen=True, slots=True)
class PlanWords:
    """What stands around what the patient and the care manager wrote."""

    language: str
    title: str
    for_whom: str
    written: str
    intro: str
    medicines: str
    other_treatments: str
    warning_signs: str
    coping: str
    if_signs_return: str
    contacts: str
    next_measure: str
    emergency: str
    none: str
    patient_line: str
    team_line: str


PLAN_WORDS: Final = MappingProxyType(
    {
        "en": PlanWords(
            language="en",
            title="My plan for staying well",
            for_whom="For",
            written="Written on",
            intro=(
                "You have worked hard to feel better. This plan helps you to stay well and to act early if symptoms "
                "come back."
            ),
            medicines="Medicines I go on taking",
            other_treatments="Other treatments",
            warning_signs="Signs that tell me to watch out",
            coping="What helps me with stress",
            if_signs_return="What I do if the signs come back",
            contacts="Whom I call",
            next_measure="My next questionnaire",
            emergency=(
                "If you think of harming yourself, call or text 988 at any hour. If there is danger right now, "
                "call 911."
            ),
            none="None",
            patient_line="My signature",
            team_line="My care manager",
        ),
        "es": PlanWords(
            language="es",
            title="Mi plan para seguir bien",
            for_whom="Para",
            written="Escrito el",
            intro=(
                "Usted ha trabajado mucho para sentirse mejor. Este plan le ayuda a seguir bien y a actuar pronto "
                "si los síntomas vuelven."
            ),
            medicines="Medicinas que sigo tomando",
            other_treatments="Otros tratamientos",
            warning_signs="Señales que me avisan",
            coping="Lo que me ayuda con el estrés",
            if_signs_return="Lo que hago si las señales vuelven",
            contacts="A quién llamo",
            next_measure="Mi próximo cuestionario",
            emergency=(
                "Si piensa en hacerse daño, llame al 988 a cualquier hora y marque 2 para español. Si hay peligro "
                "ahora mismo, llame al 911."
            ),
            none="Ninguno",
            patient_line="Mi firma",
            team_line="Mi coordinador o coordinadora de cuidado",
        ),
    }
)
"""By language."""
