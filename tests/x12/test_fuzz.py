"""Good files, mutated: whatever comes of it ends in records, problems or the named error (see `fuzz/targets.py`)."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.once

FUZZ = Path(__file__).resolve().parents[2] / "fuzz"
sys.path.insert(0, str(FUZZ))

from seeds import seeds  # noqa: E402  # the fuzzer's folder is no package
from targets import TARGETS  # noqa: E402

SEEDS = seeds()
ATHERIS_SECONDS = 2
BY_A_SHELL = ("sh", "-c", '"$@"; exit $?', "sh")
"""A process keeps the peak memory of the one that started it, and this one's may be above the fuzzer's limit."""

pieces = st.sampled_from(
    [b"~", b"*", b":", b"^", b"", b"\x00", b"\xff", b"\n", b"IEA*1*000000101~", b"ISA*", b"ST*837*0001~", b"SE*1*0001~",
     b"HL*9*9*22*1~", b"99999999999999999999", b"-1", b"1E9", b".", b"20261331", b"NM1*85*2~", b"X" * 300]
)  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A seed with some segments taken out, doubled, moved, or changed in one place, or cut off."""
    content = SEEDS[draw(st.sampled_from(sorted(SEEDS)))]
    segments = content.split(b"~")
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(segments) - 1))
        match draw(st.integers(0, 7)):
            case 0:
                del segments[at]
            case 1:
                segments.insert(at, segments[at])
            case 2:
                segments.insert(draw(st.integers(0, len(segments) - 1)), segments.pop(at))
            case 3:
                elements = segments[at].split(b"*")
                elements[draw(st.integers(0, len(elements) - 1))] = draw(pieces)
                segments[at] = b"*".join(elements)
            case 4:
                segments[at] = draw(st.binary(max_size=40))
            case 5:
                place = draw(st.integers(0, len(segments[at])))
                segments[at] = segments[at][:place] + draw(pieces) + segments[at][place:]
            case 6:
                other = SEEDS[draw(st.sampled_from(sorted(SEEDS)))].split(b"~")
                segments[at:at] = other[draw(st.integers(0, len(other) - 1)) :][:20]
            case _:
                segments = segments[: at + 1]
        if not segments:
            break
    return b"~".join(segments)


@pytest.mark.parametrize("content", SEEDS.values(), ids=SEEDS.keys())
def test_good_files_keep_every_property(content: bytes) -> None:
    TARGETS["everything"](content)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(content=mutated())
@example(content=b"")
def test_mutated_files_keep_every_property(content: bytes) -> None:
    TARGETS["everything"](content)


@pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None,
    reason="atheris is not installed: it has wheels for Linux on x86-64 only",
)
def test_a_short_run_of_the_fuzzer_finds_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [*BY_A_SHELL, sys.executable, str(FUZZ / "run.py"), "everything", "--seconds", str(ATHERIS_SECONDS)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert done.returncode == 0, done.stderr[-2_000:]
    assert "stat::number_of_executed_units" in done.stderr
