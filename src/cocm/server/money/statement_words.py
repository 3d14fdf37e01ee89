"""A patient's statement in the patient's language: English, or Spanish where the patient's record says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cocm.basics.months import Month


@dataclass(frozen=True, slots=True)
class StatementWords:
    """The statement's sentences in one language; `tag` names it to browsers."""

    tag: str
    own_name: str
    statement: str
    account: str
    intro: str
    month: str
    claim: str
    charge: str
    insurance: str
    adjusted: str
    share: str
    paid: str
    owes: str
    please_pay: str
    questions: str
    questions_no_phone: str
    month_names: tuple[str, ...]
    month_form: str

    def month_text(self, month: Month) -> str:
        """A month in words."""
        return self.month_form.format(self.month_names[month.first_day.month - 1], month.first_day.year)

    def ask(self, phone: str) -> str:
        """Whom to ask."""
        return self.questions.format(phone) if phone else self.questions_no_phone


ENGLISH: Final = StatementWords(
    tag="en",
    own_name="English",
    statement="Statement",
    account="Account",
    intro="Collaborative Care is billed once a month for the work of your care team, also between visits. Your plan "
    "has decided these months:",
    month="Month",
    claim="Claim",
    charge="Charge",
    insurance="Plan paid",
    adjusted="Not owed",
    share="Your share",
    paid="You paid",
    owes="You owe",
    please_pay="Please pay",
    questions="Questions about this share? Call {} before you pay: you may ask us to look at it with your plan.",
    questions_no_phone="Questions about this share? Call the practice before you pay: you may ask us to look at it "
    "with your plan.",
    month_names=(
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November", "December",
    ),
    month_form="{} {}",
)  # fmt: skip
SPANISH: Final = StatementWords(
    tag="es",
    own_name="Español",
    statement="Estado de cuenta",
    account="Cuenta",
    intro="La Atención Colaborativa se cobra una vez al mes por el trabajo de su equipo de atención, también entre las "
    "visitas. Su plan ya decidió estos meses:",
    month="Mes",
    claim="Reclamo",
    charge="Cargo",
    insurance="Pagó su plan",
    adjusted="No se debe",
    share="Su parte",
    paid="Usted pagó",
    owes="Usted debe",
    please_pay="Por favor pague",
    questions="¿Preguntas sobre su parte? Llame al {} antes de pagar: puede pedirnos que la revisemos con su plan.",
    questions_no_phone="¿Preguntas sobre su parte? Llame al consultorio antes de pagar: puede pedirnos que la "
    "revisemos con su plan.",
    month_names=(
        "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre",
        "noviembre", "diciembre",
    ),
    month_form="{} de {}",
)  # fmt: skip
LANGUAGES: Final = (ENGLISH, SPANISH)
_NAMES: Final = {"es": SPANISH, "spa": SPANISH, "spanish": SPANISH, "español": SPANISH, "en": ENGLISH}


def words_for(language: str, asked: str = "") -> StatementWords:
    """The words in the language that is asked for, else in the patient's own as recorded (`es`, `es-US`, Spanish)."""
    for text in (asked, language):
        found = _NAMES.get(text.strip().lower().replace("_", "-").split("-")[0])
        if found is not None:
            return found
    return ENGLISH
