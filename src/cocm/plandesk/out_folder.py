"""The out folder of a plan's run: another run's answers in it are never overwritten, nor left to pass for this one's.

A remittance that was not sent yet is money: where the folder holds what another run answered, nothing is decided until
another folder is named. The same run may be written again; what it leaves out now is taken away.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from cocm.basics.errors import UnusableInput

SUMMARY: Final = "summary.json"
RUN: Final = "sha256"
FILES: Final = "files"
"""The keys of a summary that name its run and its files."""
_APPLIED: Final = "is_applied"
_SHOWN_MAX: Final = 3


class OutFolder:
    """What an out folder holds before a run writes into it."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self._summary = _summary_in(out)

    def refuse_other_run(self, run: str) -> None:
        """Raise `UnusableInput` where the folder holds the answers of another run. A mere preview is none."""
        found = self._summary
        if found is None or found.get(RUN) == run or found.get(_APPLIED) is False:
            return
        raise UnusableInput(
            f"--out {self._out}: holds the answers of another run, as of {found.get('as_of_date', 'another day')}; "
            "name another folder. Nothing was decided"
        )

    def refuse_other_files(self, names: Iterable[str]) -> None:
        """Raise `UnusableInput` where a file of a name to be written stands there and no run tells of it."""
        if self._summary is not None:
            return
        standing = sorted(name for name in names if (self._out / name).exists())
        if standing:
            more = " …" if standing[_SHOWN_MAX:] else ""
            raise UnusableInput(
                f"--out {self._out}: holds {', '.join(standing[:_SHOWN_MAX])}{more} already; name another folder. "
                "Nothing was decided"
            )

    def clear(self, names: Iterable[str]) -> None:
        """Take away what the same run wrote before and does not write now."""
        before = () if self._summary is None else self._summary.get(FILES, ())
        for name in {one for one in before if isinstance(one, str)} - set(names):
            if Path(name).name == name:
                (self._out / name).unlink(missing_ok=True)


def _summary_in(out: Path) -> Mapping[str, Any] | None:
    """The summary of the run whose answers a folder holds; None where there is none."""
    path = out / SUMMARY
    if not path.is_file():
        return None
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        found = None
    return found if isinstance(found, dict) else {}
