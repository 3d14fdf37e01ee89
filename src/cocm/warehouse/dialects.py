"""The texts as Snowflake, BigQuery and Databricks read them: the same text with a few words exchanged.

The texts keep to what nearly every engine reads. What is left differs in words only, and each difference is a line of
the table below. Snapshots of every text in every dialect are kept under `docs/sql` and reviewed like code; the words
that a dialect exchanges are also tried on DuckDB, which reads the functions and types of all three.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

_FILTERED: Final = "count(*) filter (where "


@dataclass(frozen=True, slots=True)
class Dialect:
    """What one warehouse says otherwise. `count_if`: its counting function where it has no `filter`."""

    name: str
    create: str
    source: str
    count_if: str = ""
    types: Mapping[str, str] = field(default_factory=dict)
    distinct_union: str = "union"

    def translate(self, text: str) -> str:
        """The text in this dialect's words."""
        if self.count_if:
            text = _with_count_if(text, self.count_if)
        for pattern, word in self.types.items():
            text = re.sub(rf"(?<=\bas ){pattern}(?=\))", word, text)
        return re.sub(r"\bunion\b(?! all)", self.distinct_union, text)

    def statement(self, name: str, text: str) -> str:
        """The statement that keeps a text's result under a name."""
        return f"{self.create.format(name=name)}\n{self.translate(text)}"


def _with_count_if(text: str, function: str) -> str:
    """`count(*) filter (where X)` as `function(X)`, whatever brackets X has."""
    parts = []
    rest = text
    while _FILTERED in rest:
        before, rest = rest.split(_FILTERED, 1)
        end = _closing(rest)
        parts.append(f"{before}{function}({rest[:end]})")
        rest = rest[end + 1 :]
    return "".join([*parts, rest])


def _closing(text: str) -> int:
    """The place of the bracket that closes one that is open at the beginning; brackets in quotes are text."""
    depth, is_quoted = 1, False
    for place, letter in enumerate(text):
        if letter == "'":
            is_quoted = not is_quoted
        elif not is_quoted:
            depth += {"(": 1, ")": -1}.get(letter, 0)
            if depth == 0:
                return place
    raise ValueError("a bracket is never closed")


SNOWFLAKE: Final = Dialect(
    name="snowflake",
    create="create or replace temporary table {name} as",
    source="docs.snowflake.com/en/sql-reference/functions/count_if",
    count_if="count_if",
)
BIGQUERY: Final = Dialect(
    name="bigquery",
    create="create or replace temp table {name} as",
    source="cloud.google.com/bigquery/docs/reference/standard-sql/data-types",
    count_if="countif",
    types={
        r"varchar\(\d+\)": "string",
        "integer": "int64",
        "bigint": "int64",
        "boolean": "bool",
        r"decimal\(\d+, \d+\)": "numeric",
    },
    distinct_union="union distinct",
)
DATABRICKS: Final = Dialect(
    name="databricks",
    create="create or replace table {name} as",
    source="docs.databricks.com/en/sql/language-manual/sql-ref-datatypes",
    types={r"varchar\(\d+\)": "string", "integer": "int"},
)
DIALECTS: Final = {dialect.name: dialect for dialect in (SNOWFLAKE, BIGQUERY, DATABRICKS)}
