"""A small rulebook, written as text so that a test shows what a reader would see."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

SOURCES = """
    policy: {title: The payer's policy, url: "https://example.org/policy", grade: A}
    bulletin: {title: A payer's bulletin, url: "https://example.org/bulletin", grade: B}
    blog: {title: A blog, url: "https://example.org/blog", grade: C}
    memory: {title: A rule not read here, url: "https://example.org/rule", grade: K}
"""
CPT = 'id: cpt\nlabel: Root\nline_of_business: reference\nclaim_filing_code: "ZZ"\n'
ACME = 'id: acme\nlabel: Acme\nparent: cpt\nline_of_business: commercial\nclaim_filing_code: "CI"\n'
CAP = """
    id: limit.cap
    label: Units payable
    kind: integer
    unit: unit
    severity: block
    meaning: The most units payable.
    none_means: no limit
    values:
      - {effective_from: 2020-01-01, observed: 2024-01-01, value: 4, confidence: stated, source: policy}
    cases:
      - {at: 2019-12-31, expect: not-defined}
      - {at: 2020-01-01, expect: 4}
"""

WriteFiles = Callable[[dict[str, str]], Path]


def write_files(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
    return root
