"""The independent judge: pyx12 and its own transcription of the guide, through its function, not its command."""

from __future__ import annotations

import io
import json
import logging
from functools import cache
from pathlib import Path

import pyx12.map_if
import pyx12.params
import pyx12.x12n_document

# Nearly all of its time goes into reading its maps again for each file; it judges the same with maps read once.
_read_map = pyx12.map_if.load_map_file
_maps = cache(lambda name: _read_map(name, pyx12.params.params(), None))
pyx12.map_if.load_map_file = lambda name, param, map_path=None: _maps(name)


def judged(content: bytes, folder: Path) -> list[str]:
    """What pyx12 finds wrong with a file; empty: it accepts it."""
    path = folder / "judged.837"
    path.write_bytes(content)
    found = io.StringIO()
    logging.getLogger("pyx12").setLevel(logging.CRITICAL)
    accepted = pyx12.x12n_document.x12n_document(pyx12.params.params(), str(path), None, None, fd_json=found)
    errors = _errors(json.loads(found.getvalue()))
    return errors if errors or accepted else ["not accepted, without a reason"]


def _errors(node: object) -> list[str]:
    """Every error message in pyx12's report, however deep."""
    if isinstance(node, dict):
        inner = [text for value in node.values() for text in _errors(value)]
        own = [str(node["err_str"])] if "err_str" in node else []
        return own + inner
    if isinstance(node, list):
        return [text for value in node for text in _errors(value)]
    return []
