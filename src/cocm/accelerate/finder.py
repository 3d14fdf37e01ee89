"""Finds compiled modules of the core, if there are any and they are of these very sources.

`cocm` asks for it when it is imported and a build for this Python is there. The build's stamp names every source that
went into it, with its size and time of change: if one differs, nothing of the build is loaded and all modules are read
from their sources, as where nothing was built. It is all or nothing, because compiled modules call each other directly.
"""

from __future__ import annotations

import os
import sys
from _frozen_importlib import ModuleSpec  # importlib.machinery's, which are loaded already
from _frozen_importlib_external import ExtensionFileLoader

TYPE_CHECKING = False  # typing's takes longer to import than all that is done here
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

PACKAGE = os.path.dirname(os.path.dirname(__file__))  # noqa: PTH120  # pathlib would slow every start
LIBRARY = "cocm_core__mypyc"
GATE = "cocm_core_gate"
"""The second module of the library: it hands out the compiled modules by name."""
STAMP = "stamp"
FORM = "cocm compiled core, form 1"
"""A stamp's first line; the second is the name of the library, each further one a source."""

COMPILED = "compiled"
READ = "read"
"""What became of a source: compiled, or only read, because compiled modules hold its constants and classes."""


def build_name(suffix: str) -> str:
    """The name of the folder that builds for a Python and machine are in, below the package's `__pycache__`."""
    return f"compiled{suffix.rpartition('.')[0]}"


def is_unchanged(line: str) -> bool:
    """Whether the source of a stamp's line is as it was when the stamp was written."""
    _, size, changed, path = line.split(" ", 3)
    try:
        now = os.stat(f"{PACKAGE}/{path}")  # noqa: PTH116  # pathlib would slow every start
    except OSError:
        return False
    return now.st_size == int(size) and now.st_mtime_ns == int(changed)


def module_name(path: str) -> str:
    """The module of a source's path below the package."""
    return f"cocm.{path.removesuffix('.py').removesuffix('/__init__').replace('/', '.')}"


class CompiledCore:
    """The finder and loader of the compiled modules, in front of Python's own."""

    def __init__(self, library: str, names: Sequence[str]) -> None:
        self.library = library
        self.names = frozenset(names)
        self._gate: ModuleType | None = None

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """The module's spec, if it is one of the compiled ones and the library can be loaded."""
        if name not in self.names or not self._is_open():
            return None
        return ModuleSpec(name, self, origin=self.library)  # type: ignore[arg-type]  # it is one by its methods

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """The compiled module: it runs while it is made."""
        assert self._gate is not None
        module: ModuleType = self._gate.module(spec.name)
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Nothing is left to do."""

    def load(self) -> None:
        """Load the library. Raises `ImportError` where this machine cannot."""
        sys.modules[LIBRARY] = _extension(LIBRARY, self.library)
        self._gate = _extension(GATE, self.library)

    def _is_open(self) -> bool:
        """Load the library, once; where that cannot be done, every module is read from its source."""
        if self._gate is None:
            try:
                self.load()
            except ImportError:
                sys.meta_path.remove(self)
                return False
        return True


def _extension(name: str, path: str) -> ModuleType:
    """A module of the library. Raises `ImportError` where it cannot be loaded."""
    loader = ExtensionFileLoader(name, path)
    module = loader.create_module(ModuleSpec(name, loader, origin=path))
    loader.exec_module(module)
    module.__file__ = path
    return module


def use(folder: str) -> CompiledCore | None:
    """Let this process use the build in a folder, if it is of the sources as they are; None if it is not."""
    try:
        with open(f"{folder}/{STAMP}", encoding="utf-8") as stamp:  # noqa: PTH123  # pathlib would slow every start
            form, library, *sources = stamp.read().splitlines()
        is_of_these = form == FORM and all(map(is_unchanged, sources))
    except (OSError, ValueError):
        return None
    if not is_of_these:
        return None
    names = [module_name(line.split(" ", 3)[3]) for line in sources if line.startswith(f"{COMPILED} ")]
    core = CompiledCore(f"{folder}/{library}", names)
    sys.meta_path.insert(0, core)
    return core


def modules_in_use() -> tuple[str, ...]:
    """The compiled modules that this process has loaded, in order of their names."""
    found = [finder for finder in sys.meta_path if isinstance(finder, CompiledCore)]
    return tuple(sorted(name for finder in found for name in finder.names if name in sys.modules))


def is_in_use() -> bool:
    """Whether this process takes modules of the core from a build."""
    return any(isinstance(finder, CompiledCore) for finder in sys.meta_path)
