"""The kinds of publishers' files that can be loaded: how each is named, read, and what it feeds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from cocm.intake.published import addon, carc_rarc, gpci, icd10cm, mue, ncci_ptp, opps, pfs, taxonomy
from cocm.intake.published.published_table import PublishedTable, ReadingOptions
from cocm.intake.published.source_file import SourceFile

ReadPublished: TypeAlias = Callable[[SourceFile, ReadingOptions], Iterator[PublishedTable]]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file.

    `names` fit the table's name inside an archive, the best first; `may_load_all` tells whether every code may
    be kept, not those alone that we follow; `grade` is the standing of the source.
    """

    name: str
    title: str
    example: str
    names: Sequence[re.Pattern[str]]
    read: ReadPublished
    may_load_all: bool = True
    grade: str = "A"


KINDS: Final[Mapping[str, Kind]] = {
    kind.name: kind
    for kind in (
        Kind(
            "pfs",
            "CMS physician fee schedule relative values",
            "rvu26d.zip or PPRRVU2026_Oct_nonQPP.csv",
            pfs.NAMES,
            pfs.read_pfs,
        ),
        Kind(
            "gpci",
            "CMS geographic practice cost indices (Addendum E)",
            "rvu26d.zip or GPCI2026.csv",
            gpci.NAMES,
            gpci.read_gpci,
            may_load_all=False,
        ),
        Kind(
            "ncci-ptp",
            "CMS NCCI procedure-to-procedure edits, one file of a quarter",
            "ccipra-v323r0-f1.txt in its archive",
            ncci_ptp.NAMES,
            ncci_ptp.read_ncci_ptp,
            may_load_all=False,
        ),
        Kind(
            "mue",
            "CMS NCCI medically unlikely edits",
            "MCR_MUE_PractitionerServices_Eff_10-01-2026.csv",
            mue.NAMES,
            mue.read_mue,
        ),
        Kind("addon", "CMS NCCI add-on code edits", "AOC_V2026Q4-MCR.txt", addon.NAMES, addon.read_addon),
        Kind(
            "opps",
            "CMS hospital outpatient payment by code (Addendum B)",
            "october-2026-opps-addendum-b.zip",
            opps.NAMES,
            opps.read_opps,
        ),
        Kind(
            "icd10cm",
            "CDC/NCHS ICD-10-CM codes",
            "icd10cm_order_2027.txt or icd10cm_codes_2027.txt",
            icd10cm.NAMES,
            icd10cm.read_icd10cm,
        ),
        Kind(
            "taxonomy",
            "NUCC provider taxonomy, codes only",
            "nucc_taxonomy_261.csv",
            taxonomy.NAMES,
            taxonomy.read_taxonomy,
            may_load_all=False,
            grade="B",
        ),
        Kind(
            "carc-rarc",
            "X12 adjustment and remark codes, codes and dates only",
            "carc.csv",
            carc_rarc.NAMES,
            carc_rarc.read_carc_rarc,
            may_load_all=False,
            grade="B",
        ),
    )
}
