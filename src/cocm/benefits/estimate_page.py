"""One printed page for the patient, English and Spanish side by side: what Collaborative Care may cost in a month.

Plain words, short sentences, no diagnosis. It is given with consent, which includes that cost sharing was explained.
What is not known is said to be not known. HTML that prints on one sheet; nothing is loaded from anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from html import escape
from string import Template
from typing import Final

from cocm.basics.money import dollars
from cocm.basics.months import Month
from cocm.benefits.estimate import MonthEstimate, PatientEstimate
from cocm.benefits.records import CoverageState, MonthBenefits


@dataclass(frozen=True, slots=True)
class Sender:
    """Who gives the page to the patient, and whom to ask."""

    practice_name: str
    phone: str


@dataclass(frozen=True, slots=True)
class _Words:
    """The page's sentences in one language."""

    title: str
    intro: str
    months: dict[str, str]
    exact: str
    between: str
    at_least: str
    not_known: str
    nothing: str
    covered: str
    covered_part: str
    not_covered: str
    coverage_unknown: str
    table_month: str
    table_share: str
    deductible: str
    estimate_note: str
    each_month: str
    stop: str
    questions: str
    open_text: str
    day: str
    month: str
    month_names: tuple[str, ...]


_ENGLISH: Final = _Words(
    title="What Collaborative Care may cost you",
    intro="Your doctor's office offers Collaborative Care. A care manager calls or sees you during the month. A "
    "specialist advises your doctor. Your doctor stays in charge.",
    months={
        "first month": "First month",
        "first month with one add-on": "First month, with more time",
        "later month": "Each later month",
        "later month with one add-on": "Each later month, with more time",
    },
    exact="about $low",
    between="between $low and $high",
    at_least="$low or more",
    not_known="we do not know yet",
    nothing="$$0.00",
    covered="Your plan, $plan, told us on $day that you are covered in $month.",
    covered_part="Your plan, $plan, told us on $day that you are covered from $first to $last only.",
    not_covered="Your plan, $plan, told us on $day that you are not covered in $month. "
    "Please call us before you start.",
    coverage_unknown="Your plan, $plan, could not tell us yet if you are covered in $month. We will ask again.",
    table_month="Month of care",
    table_share="Your share",
    deductible="You may still have to pay up to $left toward your deductible this year. It is counted in the table.",
    estimate_note="This is an estimate, not a bill. Your plan decides what you pay. The amount may change.",
    each_month="You get a charge only for months in which you get this care. Other visits are billed apart.",
    stop="You can say no. You can stop at any time. Your other care does not change.",
    questions="Questions? Call $practice at $phone.",
    day="$month $number, $year",
    month="$month $year",
    open_text="We are asking your plan. We will tell you what we learn before we bill you.",
    month_names=(
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November", "December",
    ),
)  # fmt: skip
_SPANISH: Final = _Words(
    title="Lo que puede costarle la Atención Colaborativa",
    intro="El consultorio de su médico ofrece Atención Colaborativa. Una persona del equipo lo llama o lo ve "
    "durante el mes. Un especialista aconseja a su médico. Su médico sigue a cargo.",
    months={
        "first month": "Primer mes",
        "first month with one add-on": "Primer mes, con más tiempo",
        "later month": "Cada mes siguiente",
        "later month with one add-on": "Cada mes siguiente, con más tiempo",
    },
    exact="cerca de $low",
    between="entre $low y $high",
    at_least="$low o más",
    not_known="todavía no lo sabemos",
    nothing="$$0.00",
    covered="Su plan, $plan, nos dijo el $day que usted tiene cobertura en $month.",
    covered_part="Su plan, $plan, nos dijo el $day que usted tiene cobertura solo del $first al $last.",
    not_covered="Su plan, $plan, nos dijo el $day que usted no tiene cobertura en $month. Llámenos antes de empezar.",
    coverage_unknown="Su plan, $plan, todavía no pudo decirnos si usted tiene cobertura en $month. "
    "Vamos a preguntar otra vez.",
    table_month="Mes de atención",
    table_share="Su parte",
    deductible="Es posible que aún deba pagar hasta $left de su deducible este año. La tabla ya lo cuenta.",
    estimate_note="Esto es un cálculo, no una factura. Su plan decide lo que usted paga. El monto puede cambiar.",
    each_month="Solo se cobra por los meses en que recibe esta atención. Las otras visitas se cobran aparte.",
    stop="Usted puede decir que no. Puede dejarlo cuando quiera. Su otra atención no cambia.",
    questions="¿Preguntas? Llame a $practice al $phone.",
    day="$number de $month de $year",
    month="$month de $year",
    open_text="Estamos preguntando a su plan. Le diremos lo que sepamos antes de cobrarle.",
    month_names=(
        "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre",
        "noviembre", "diciembre",
    ),
)  # fmt: skip

_PAGE: Final = Template("""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Collaborative Care estimate</title>
<style>
@page { size: letter; margin: 1.4cm }
body { font: 12.5px/1.45 "Helvetica Neue", Arial, sans-serif; color: #1a1a1a; max-width: 19cm; margin: 0 auto }
header { border-bottom: 2px solid #1f5f8b; padding-bottom: 6px; margin-bottom: 10px }
header p { margin: 0 }
section { break-inside: avoid; margin-bottom: 14px }
h1 { font-size: 19px; margin: 6px 0; color: #1f5f8b }
table { border-collapse: collapse; width: 100%; margin: 6px 0 }
th, td { border: 1px solid #9aa5ad; padding: 4px 8px; text-align: left }
td:last-child, th:last-child { text-align: right; white-space: nowrap }
th { background: #eef3f6 }
p { margin: 5px 0 }
.note { border-left: 4px solid #1f5f8b; padding-left: 8px }
</style>
</head>
<body>
<header><p><strong>$practice</strong></p><p>$patient &middot; $made_on</p></header>
$english
<hr>
$spanish
</body>
</html>
""")


def estimate_page(benefits: MonthBenefits, estimate: PatientEstimate, sender: Sender, made_on: date) -> str:
    """The page for one patient. Raises `ValueError` where the plan refused the request and names nobody."""
    if benefits.patient is None:
        raise ValueError("the plan refused the request: there is no patient to write to")
    patient = benefits.patient
    name = f"{patient.first_name} {patient.last_or_organization_name}".strip().title()
    return _PAGE.substitute(
        practice=escape(sender.practice_name),
        patient=escape(name),
        made_on=made_on.isoformat(),
        english=_section(benefits, estimate, sender, _ENGLISH, "en"),
        spanish=_section(benefits, estimate, sender, _SPANISH, "es"),
    )


def _section(
    benefits: MonthBenefits, estimate: PatientEstimate, sender: Sender, words: _Words, language: str
) -> str:
    """The page's half in one language."""
    parts = [
        f"<h1>{escape(words.title)}</h1>",
        _paragraph(words.intro),
        _paragraph(_coverage(benefits, words)),
    ]
    if benefits.coverage.state is not CoverageState.NONE:
        parts.append(_table(estimate, words))
        left = estimate.deductible_remaining
        if left is not None and left.high_cents:
            amount = dollars(left.high_cents)
            parts.append(_paragraph(_filled(words.deductible, left=amount)))
        if benefits.questions or any(month.share is None for month in estimate.months):
            parts.append(_paragraph(words.open_text))
    parts.append(f'<p class="note">{escape(words.estimate_note)}</p>')
    parts += map(_paragraph, (words.each_month, words.stop))
    parts.append(_paragraph(_filled(words.questions, practice=sender.practice_name, phone=sender.phone)))
    return f'<section lang="{language}">\n' + "\n".join(parts) + "\n</section>"


def _table(estimate: PatientEstimate, words: _Words) -> str:
    rows = [
        f"<tr><td>{escape(words.months[month.kind])}</td><td>{escape(_share(month, words))}</td></tr>"
        for month in estimate.months
    ]
    head = f"<tr><th>{escape(words.table_month)}</th><th>{escape(words.table_share)}</th></tr>"
    return f"<table>{head}{''.join(rows)}</table>"


def _share(month: MonthEstimate, words: _Words) -> str:
    share = month.share
    if share is None:
        return words.not_known
    low, high = dollars(share.low_cents), dollars(share.high_cents)
    if month.is_open_above:
        return _filled(words.at_least, low=low)
    if share.is_exact:
        return _filled(words.exact, low=low) if share.low_cents else _filled(words.nothing)
    return _filled(words.between, low=low, high=high)


def _coverage(benefits: MonthBenefits, words: _Words) -> str:
    coverage = benefits.coverage
    text = {
        CoverageState.WHOLE: words.covered,
        CoverageState.PART: words.covered_part,
        CoverageState.NONE: words.not_covered,
        CoverageState.UNKNOWN: words.coverage_unknown,
    }[coverage.state]
    return _filled(
        text,
        plan=benefits.payer_name,
        day=_day(benefits.answered_on, words),
        month=_month(benefits.month, words),
        first=_day(coverage.from_date, words),
        last=_day(coverage.to_date, words),
    )


def _month(month: Month, words: _Words) -> str:
    return _filled(words.month, month=words.month_names[month.number - 1], year=str(month.year))


def _day(day: date | None, words: _Words) -> str:
    if day is None:
        return "-"
    return _filled(words.day, number=str(day.day), month=words.month_names[day.month - 1], year=str(day.year))


def _filled(text: str, **values: str) -> str:
    return Template(text).substitute(values)


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>"
