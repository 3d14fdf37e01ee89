"""The compiled core gives what the sources give, is never loaded once they differ, and nobody needs it."""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import cocm
from cocm.accelerate.build import remove
from cocm.accelerate.compiler import find_compiler
from cocm.accelerate.finder import FORM, STAMP
from cocm.accelerate.modules import MODULES

HERE = Path(cocm.__file__).parent
ROOMS_NEEDED = ("accelerate", "basics")
FEW = ("cocm.basics.money", "cocm.basics.months", "cocm.basics.probe")
PROBE = """
from cocm.basics.months import Month

def is_same(one: Month, other: Month) -> bool:
    return one == other
"""
SHOW = (
    "from cocm.accelerate import finder; from cocm.basics import money, probe; from cocm.basics.months import Month; "
    "print(finder.modules_in_use(), money.dollars(123450), money.plain_dollars(-5), "
    "probe.is_same(Month(2026, 3), Month(2026, 3)))"
)


def run(tree: Path, script: str, **environment: str) -> str:
    """What a script prints that takes the package from a tree of its own."""
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "COCM_PLAIN": "", "PYTHONPATH": str(tree), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def build_few(tree: Path) -> str:
    return run(
        tree, f"from cocm.accelerate.build import build; print(build({FEW!r}, optimize='-O0').is_new)"
    ).strip()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The sources that a build of a few small modules needs, to be changed as one likes."""
    package = tmp_path / "cocm"
    package.mkdir()
    shutil.copy2(HERE / "__init__.py", package)
    for room in ROOMS_NEEDED:
        shutil.copytree(HERE / room, package / room, ignore=shutil.ignore_patterns("__pycache__", "_native*"))
    (package / "basics" / "probe.py").write_text(PROBE, encoding="utf-8")
    return tmp_path


@pytest.mark.once
@pytest.mark.skipif(
    find_compiler() is None or not Path(sysconfig.get_paths()["include"], "Python.h").is_file(),
    reason="no C compiler or no headers of Python on this machine",
)
def test_a_compiled_module_answers_like_its_source_until_the_source_changes(tree: Path) -> None:
    source = tree / "cocm" / "basics" / "money.py"
    plain = run(tree, SHOW)
    assert plain.startswith("()")
    assert build_few(tree) == "True"

    compiled = run(tree, SHOW)
    assert compiled == plain.replace("()", repr(FEW), 1)
    assert run(tree, SHOW, COCM_PLAIN="1") == plain

    os.utime(source, (1, 1))  # the same text with another time, as after a change of branches and back
    assert run(tree, SHOW) == plain
    assert build_few(tree) == "False" and run(tree, SHOW) == compiled

    text = source.read_text(encoding="utf-8")
    source.write_text(f"{text}\ndef plain_dollars(cents: int) -> str:\n    return 'new'\n", encoding="utf-8")
    assert run(tree, SHOW) == plain.replace("-0.05", "new")

    source.write_text(text, encoding="utf-8")
    assert build_few(tree) == "False"
    (library,) = (tree / "cocm" / "__pycache__").glob("compiled*/*.so")
    library.write_bytes(b"no library")
    assert run(tree, SHOW) == plain
    library.with_name(STAMP).write_text(f"{FORM}\nx.so\nno stamp\n", encoding="utf-8")
    assert run(tree, SHOW) == plain


def test_the_compiled_modules_are_there() -> None:
    assert [name for name in MODULES if not (HERE / f"{name[5:].replace('.', '/')}.py").is_file()] == []
    assert len(set(MODULES)) == len(MODULES)


def test_without_a_compiler_the_command_says_what_to_do(tmp_path: Path) -> None:
    code = (
        "import os; os.environ['PATH'] = os.devnull\n"
        "from pathlib import Path; from cocm.accelerate.build import CannotBuild, build\n"
        f"try: build(folder=Path({str(tmp_path)!r}))\n"
        "except CannotBuild as problem: print(problem)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "no C compiler" in done.stdout and "go on without" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_is_known_by_its_sources_and_can_be_removed(tmp_path: Path) -> None:
    folder = tmp_path / "compiled"
    assert remove(folder) is False
    folder.mkdir()
    (folder / STAMP).write_text(f"{FORM}\nx.so\ncompiled 1 1 basics/money.py\n", encoding="utf-8")
    assert remove(folder) is True and not folder.exists()
