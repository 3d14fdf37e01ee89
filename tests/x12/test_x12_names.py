"""`cocm.x12` gives every public name, and imports only what is asked for."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import cocm.x12
from cocm.x12 import _MODULES, __all__


def run(code: str) -> None:
    """In an interpreter that has imported nothing yet."""
    subprocess.run([sys.executable, "-c", code], check=True)


def names_for_type_checkers() -> dict[str, str]:
    tree = ast.parse(Path(cocm.x12.__file__).read_text(encoding="utf-8"))
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    return {
        alias.name: node.module.removeprefix("cocm.x12.")
        for node in block.body
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }


def test_every_public_name_is_found_where_type_checkers_look_for_it() -> None:
    assert names_for_type_checkers() == _MODULES
    assert sorted(_MODULES) == __all__
    for name in __all__:
        found = getattr(cocm.x12, name)
        assert found.__name__ == name
        assert found.__module__.startswith(f"cocm.x12.{_MODULES[name]}")
    assert set(__all__) <= set(dir(cocm.x12))


def test_an_unknown_name_is_refused_as_any_module_refuses_it() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'read_834'"):
        cocm.x12.read_834  # type: ignore[attr-defined]  # noqa: B018  # it is not there, which is the point
    assert not hasattr(cocm.x12, "import_everything")


def test_importing_the_package_imports_neither_numpy_nor_its_modules() -> None:
    run(
        "import sys, cocm.x12; assert 'numpy' not in sys.modules and 'yaml' not in sys.modules; "
        "loaded = [name for name in sys.modules if name.startswith('cocm.x12.')]; assert not loaded, loaded"
    )


def test_reading_segments_does_not_import_the_claim_writer() -> None:
    run(
        "import sys; from cocm.x12 import read_segments; "
        "assert not {'cocm.x12.professional', 'cocm.x12.columns', 'cocm.claims'} & set(sys.modules)"
    )


def test_validate_stays_the_function_whichever_is_imported_first() -> None:
    run("import cocm.x12.validate as module, cocm.x12; assert callable(cocm.x12.validate)")
    run(
        "from cocm.x12.validate import PROBLEMS_MAX, validate; from cocm.x12 import validate as again; "
        "assert validate is again"
    )
    run("from cocm.x12 import validate; import cocm.x12.validate; assert cocm.x12.validate is validate")
