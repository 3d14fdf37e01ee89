"""The core loads no third-party module but the YAML reader, and no payer, code or amount stands in its logic."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import cocm

SOURCE = Path(cocm.__file__).parent
CORE = (
    "basics",
    "rules",
    "care",
    "coding",
    "claims",
    "edits",
    "x12",
    "benefits",
    "remits",
    "plan",
    "insight",
)
COLUMNS = SOURCE / "x12" / "columns"
"""The columnar reader: the one place of the core with NumPy, imported only when tables are asked for."""
ALLOWED = {"yaml", "_yaml", "cocm", "cython_runtime"}
"""The YAML reader's C parser registers `cython_runtime` and `_cython_…`."""
BILLING_CODE = re.compile(r"\b(9949[234]|99484|G2214|G05(0[2347]|1[12])|G0323|G05(5[678]|6[89]|70))\b")


def modules(*rooms: str) -> list[Path]:
    return sorted(path for room in rooms for path in (SOURCE / room).rglob("*.py"))


@pytest.mark.parametrize("room", CORE)
def test_a_core_room_loads_no_third_party_module_but_the_yaml_reader(room: str) -> None:
    names = [
        f"cocm.{path.relative_to(SOURCE).with_suffix('').as_posix().replace('/', '.').removesuffix('.__init__')}"
        for path in modules(room)
        if COLUMNS not in path.parents
    ]
    script = (
        "import sys, importlib\n"
        "before = {name.partition('.')[0] for name in sys.modules}\n"
        f"for name in {names!r}: importlib.import_module(name)\n"
        "loaded = {name.partition('.')[0] for name in sys.modules} - before - sys.stdlib_module_names\n"
        "print(*sorted(loaded))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = {name for name in done.stdout.split() if not name.startswith("_cython_")}
    assert loaded <= ALLOWED


def names_a_code(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and bool(BILLING_CODE.search(node.value))
    )


def docstrings(tree: ast.Module) -> set[int]:
    holders = [
        node for node in ast.walk(tree) if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
    ]
    return {
        id(node.body[0].value)
        for node in holders
        if node.body and isinstance(node.body[0], ast.Expr) and isinstance(node.body[0].value, ast.Constant)
    }


@pytest.mark.parametrize("path", modules(*CORE, "close", "intake", "store"), ids=lambda path: path.stem)
def test_billing_codes_stand_in_the_rulebook_only(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    texts = docstrings(tree)
    examples = {
        id(keyword.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg in ("example", "meaning")
        or (isinstance(node.func, ast.Name) and node.func.id == "case")  # an edit's case is an example
    }
    found = [
        node.lineno for node in ast.walk(tree) if names_a_code(node) and id(node) not in texts | examples
    ]
    assert found == [], f"{path.name} names a billing code in lines {found}; read it from the rulebook"


def test_this_test_can_fail() -> None:
    assert any(names_a_code(node) for node in ast.walk(ast.parse('if code == "99492": pass')))


@pytest.mark.parametrize("path", modules(*CORE), ids=lambda path: path.stem)
def test_the_core_has_no_clock_and_no_environment(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for word in ("date.today", "datetime.now", "utcnow", "time.time", "os.environ", "random."):
        assert word not in text, f"{path.name} uses {word}; take it as an argument"
