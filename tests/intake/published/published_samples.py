"""Small files in each publisher's layout: real codes and numbers, no descriptor and no official text."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook

from cocm.intake.published.kinds import KINDS
from cocm.intake.published.load import LoadedFile, LoadRequest, load_published

PFS_HEADING = """\
,,2026 National Physician Fee Schedule Relative Value File October Release,,,,,,,,,,,,,,,,,,,,,,,,,,,,,
,,A notice about copyright \xa9 of somebody.  All Rights Reserved.,,,,,,,,,,,,,,,,,,,,,,,,,,,,,
,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,
,,RELEASED 09/30/2026,,,,,,,,,,,,,,,,,,,,,,,,,,,,,
,,,,,,,,,,,,,,,,,,,,,,,,,,,,,NON-FACILITY,FACILITY,
,,,,NOT USED,,,,,,,,,,,,,,,,,,,,,,PHYSICIAN,,DIAGNOSTIC,PE USED,PE USED,MP USED
,,,,FOR,,,NON-FAC,,FACILITY ,,,,,,,,,,,,,,,,,SUPERVISION OF,,IMAGING,FOR OPPS,FOR OPPS,FOR OPPS
,,,STATUS,MEDICARE ,WORK,NON-FAC,NA,FACILITY,NA,MP,NON-FACILITY,FACILITY,PCTC,GLOB,PRE,INTRA,POST,MULT,BILAT,ASST,CO-,TEAM,PRIC,ENDO,CONV,DIAGNOSTIC,CALCULATION,FAMILY,PAYMENT,PAYMENT,PAYMENT
HCPCS,MOD,DESCRIPTION,CODE,PAYMENT,RVU,PE RVU,INDICATOR,PE RVU,INDICATOR,RVU,TOTAL,TOTAL,IND,DAYS,OP,OP,OP,PROC,SURG,SURG,SURG,SURG,IND,BASE,FACTOR,PROCEDURES,FLAG,INDICATOR,AMOUNT,AMOUNT,AMOUNT
"""  # noqa: E501  # the publisher's own lines


def pfs_row(
    code: str,
    work: str = "1.00",
    expense: str = "2.00",
    facility: str = "0.50",
    malpractice: str = "0.10",
    *,
    status: str = "A",
    modifier: str = "",
    factor: str = "33.4009",
) -> str:
    return (
        f"{code},{modifier},x ,{status},,{work},{expense},,{facility},,{malpractice},0,0,0,XXX,0.00,0.00,0.00,"
        f"0,0,0,0,0,9,,{factor},09,0,99,0.00,0.00,0.00\n"
    )


def pfs_fixed_row(code: str, work: str, expense: str, facility: str, malpractice: str, factor: str) -> str:
    line = f"{code:<5}  {'x':<50}A {work:>6}{expense:>7}  {facility:>7}  {malpractice:>6}   4.49  2.810XXX"
    return f"{line}.00.00.0099999             {factor} 090 99      0.00   0.00   0.00\r\n"


GPCI = """\
ADDENDUM E. FINAL CY 2026 GEOGRAPHIC PRACTICE COST INDICES (GPCIs) BY STATE AND MEDICARE LOCALITY,,,,,,
,,,,,,
Medicare Administrative Contractor (MAC),State,Locality Number,Locality Name,2026 PW GPCI (without 1.0 Floor),2026 PW GPCI (with 1.0 Floor),2026 PE GPCI,2026 MP GPCI
10112,AL,00,ALABAMA,0.969,1,0.9,0.5
2102,AK,1,ALASKA*,1.500,1.500,1.081,0.592
12302,MD,99,REST OF MARYLAND ,1.0,1.0,1.0,1.0
,,,,,,
*Work GPCI reflects a floor.,,,,,,
"""  # noqa: E501  # the publisher's own lines

PTP_HEADING = (
    "A notice about copyright.\t\t\t\t\t\t\r\n\r\n"
    "Column 1\tColumn 2\t*=in existence\tEffective\tDeletion\tModifier\tPTP Edit Rationale\r\n"
    "\t\tprior to 1996\tDate\tDate\t0=not allowed\t\r\n"
    "\t\t\t\t*=no data\t1=allowed\t\r\n"
    "\t\t\t\t\t9=not applicable\t\r\n"
)

MUE = (
    '\ufeff"A notice,\nin several lines",,,\n'
    '"HCPCS/\nCPT Code",Practitioner Services MUE Values,MUE Adjudication Indicator,MUE Rationale\n'
    "00100,1,1 Line Edit,x\n"
    "99494,3,3 Date of Service Edit: Clinical,x\n"
    "99492,1,2 Date of Service Edit: Policy,x\n"
)

OPPS = (
    "\tAddendum B.-- OPPS Payment by HCPCS Code for CY 2027\t\t\t\t\t\t\t\r\n"
    "\tA notice\t\t\t\t\t\t\t\r\n"
    "HCPCS Code\tShort Descriptor\t CI\t SI\t APC \tRelative Weight\tPayment Rate\t"
    "National Unadjusted Copayment\tMinimum Unadjusted Copayment\r\n"
    "99492\tx\t\tS\t5822\t1.05\t$95.10\t.\t$19.02\r\n"
    "99494\tx\t\tN\t\t\t\t\t\r\n"
    "A4341\xff\tx\t\tN\t\t\t\t\t\r\n"
)


def icd_order_line(number: int, code: str, flag: int, label: str) -> str:
    return f"{number:05d} {code:<7} {flag} {label[:60]:<60} {label}\r\n"


def addon_line(kind: str, addon: str, primary: str, starts: str, ends: str = "") -> str:
    return f"{kind}{addon}{'':7}{primary}{'':7}{starts}{ends:<7}{'a note':<58}\r\n"


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def workbook(rows: Sequence[Sequence[object]]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def load(kind: str, path: Path, overlay: Path, *, dry_run: bool = False, **given: object) -> LoadedFile:
    request = LoadRequest(KINDS[kind], path, overlay, **given)  # type: ignore[arg-type]  # as the test says
    return load_published(request, is_dry_run=dry_run)
