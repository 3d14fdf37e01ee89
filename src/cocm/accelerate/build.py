"""Builds the compiled core: mypyc turns typed modules into C, this machine's C compiler makes one library of it.

The library is put below the package's `__pycache__`, in a folder for this Python, behind a stamp that names every
source it was made from (see `finder`). Nothing else is changed, and without the folder everything works as before.
"""

from __future__ import annotations

import hashlib
import io
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from importlib.machinery import EXTENSION_SUFFIXES
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from cocm.accelerate.compiler import COMPILERS, find_compiler
from cocm.accelerate.finder import (
    COMPILED,
    FORM,
    GATE,
    LIBRARY,
    PACKAGE,
    READ,
    STAMP,
    build_name,
    is_unchanged,
    module_name,
)
from cocm.accelerate.modules import MODULES

if TYPE_CHECKING:
    from mypy.build import BuildResult, BuildSource
    from mypy.options import Options
    from mypyc.codegen.emitmodule import Groups

_FLAGS: Final = ("-g0", "-fPIC", "-fwrapv", "-DNDEBUG", "-w")
_SHARED: Final = ("-shared",) if sys.platform != "darwin" else ("-bundle", "-undefined", "dynamic_lookup")
_GROUP: Final = LIBRARY.removesuffix("__mypyc")


class CannotBuild(Exception):
    """The compiled core cannot be built here; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Build:
    """What there is after a build: the library, its modules, and whether it was made now or before.

    `left_out` tells of modules that mypyc could not compile, and why; they are read from their sources as ever.
    """

    library: Path
    modules: tuple[str, ...]
    left_out: tuple[str, ...]
    is_new: bool


def default_folder() -> Path:
    """Where a process of this Python looks for the compiled core."""
    return Path(PACKAGE) / "__pycache__" / build_name(EXTENSION_SUFFIXES[0])


def build(modules: Sequence[str] = MODULES, folder: Path | None = None, *, optimize: str = "-O1") -> Build:
    """Build the modules into a folder, unless a build of the same sources is there.

    `optimize` is the compiler's option for how long it may think. Raises `CannotBuild`.
    """
    folder = folder or default_folder()
    there = _build_there(folder, modules)
    if there is not None:
        return there
    compiler = _compiler()
    before = {path: _stat(path) for path in _sources()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            translated = _translated(modules, Path(scratch))
            library = _compiled([compiler, optimize, *_FLAGS], translated.text, Path(scratch))
            if any(before.get(path) != _stat(path) for path in translated.read):
                raise CannotBuild("a source changed while it was compiled; run it again")
            place = folder / f"{_checksum(translated.read, modules)}{library.suffix}"
            library = library.rename(library.with_name(place.name))
            stats = {path: before[path] for path in translated.read}
            stamp = _write_stamp(Path(scratch), place.name, stats, translated.modules)
            _try_out(Path(scratch), translated.modules)
            library.replace(place)
            stamp.replace(folder / STAMP)
        for old in folder.glob(f"*{place.suffix}"):
            if old != place:
                old.unlink()
    except OSError as problem:
        raise CannotBuild(f"{folder}: cannot be written: {problem.strerror}") from problem
    return Build(place, translated.modules, translated.left_out, is_new=True)


def _compiler() -> str:
    """This machine's C compiler. Raises `CannotBuild` where there is none, or not what it needs."""
    compiler = find_compiler()
    if compiler is None:
        raise CannotBuild(
            f"no C compiler ({', '.join(COMPILERS)}) was found; install one, or go on without: nothing needs it"
        )
    if not Path(sysconfig.get_paths()["include"], "Python.h").is_file():
        raise CannotBuild(
            f"Python {platform.python_version()} is here without its headers (Python.h); install them (on Debian: "
            "apt-get install python3-dev), or go on without: nothing needs it"
        )
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        raise CannotBuild(
            "this Python runs without its global lock, for which the core is not made; go on without"
        )
    return compiler


def _try_out(folder: Path, modules: Sequence[str]) -> None:
    """Load every compiled module in a process of its own. Raises `CannotBuild` where one does not load."""
    script = (
        "import importlib, sys, cocm; from cocm.accelerate import finder\n"
        f"core, names = finder.use({str(folder)!r}), {list(modules)!r}\n"
        "if core is None: sys.exit('a source changed')\n"
        "core.load()\n"
        "for name in names: importlib.import_module(name)\n"
        "if missing := set(names) - set(finder.modules_in_use()): sys.exit(f'not loaded: {missing}')"
    )
    command = [sys.executable, "-c", script]
    plain = {**os.environ, "COCM_PLAIN": "1", "PYTHONPATH": str(Path(PACKAGE).parent)}
    done = subprocess.run(command, env=plain, capture_output=True, text=True, check=False)
    if done.returncode:
        why = done.stderr.strip()[-2000:] or f"Python ended with status {done.returncode}"
        raise CannotBuild(f"the core was built, but does not load:\n{why}")


def remove(folder: Path | None = None) -> bool:
    """Remove what was built for this Python. Whether anything was there."""
    folder = folder or default_folder()
    was_there = folder.is_dir()
    if was_there:
        shutil.rmtree(folder)
    return was_there


def _build_there(folder: Path, modules: Sequence[str]) -> Build | None:
    """The build of the same sources, if it is there; stamped anew where only their times differ."""
    try:
        form, name, *lines = (folder / STAMP).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return None
    read = [line.split(" ", 3)[3] for line in lines]
    compiled = tuple(module_name(line.split(" ", 3)[3]) for line in lines if line.startswith(f"{COMPILED} "))
    library = folder / name
    try:
        stats = {path: _stat(path) for path in read}
        if form != FORM or not library.is_file() or library.stem != _checksum(read, modules):
            return None
        if not all(map(is_unchanged, lines)):
            _write_stamp(folder, name, stats, compiled)
    except OSError:
        return None
    return Build(library, compiled, (), is_new=False)


def _checksum(paths: Iterable[str], modules: Sequence[str]) -> str:
    """A digest of all that decides what is built: sources, what of them is compiled, and by what."""
    digest = hashlib.sha256(
        "\n".join([FORM, sys.version, _mypy_version(), *_FLAGS, *sorted(modules)]).encode()
    )
    for path in sorted(paths):
        digest.update(f"\n{path}\n".encode())
        digest.update(Path(PACKAGE, path).read_bytes())
    return digest.hexdigest()[:20]


def _mypy_version() -> str:
    try:
        return version("mypy")
    except PackageNotFoundError:
        return ""


def _sources() -> list[str]:
    """Every source of the package, by its path below it."""
    return [path.relative_to(PACKAGE).as_posix() for path in Path(PACKAGE).rglob("*.py")]


def _stat(path: str) -> tuple[int, int]:
    """Size in bytes and time of change in nanoseconds."""
    found = Path(PACKAGE, path).stat()
    return found.st_size, found.st_mtime_ns


def _write_stamp(
    folder: Path, name: str, stats: Mapping[str, tuple[int, int]], modules: Sequence[str]
) -> Path:
    """The stamp of a library: its sources as they were before anything was read of them."""
    compiled = set(map(_path_of, modules))
    lines = [
        f"{COMPILED if path in compiled else READ} {size} {changed} {path}"
        for path, (size, changed) in sorted(stats.items())
    ]
    draft = folder / f"{STAMP}.new"
    draft.write_text("\n".join([FORM, name, *lines]) + "\n", encoding="utf-8")
    return draft.replace(folder / STAMP)


def _path_of(module: str) -> str:
    """The path of a module's source below the package."""
    return f"{module.removeprefix('cocm.').replace('.', '/')}.py"


class _Translated(NamedTuple):
    """The C text of some modules, and the sources that mypyc read for it, by their path below the package."""

    text: str
    modules: tuple[str, ...]
    left_out: tuple[str, ...]
    read: list[str]


def _translated(wanted: Sequence[str], scratch: Path) -> _Translated:
    """The modules in C, less those that mypyc refuses. Raises `CannotBuild`."""
    modules = wanted
    left_out: list[str] = []
    while True:
        text, read, problems = _c_text(modules, scratch)
        refused = {name for name in modules if any(_path_of(name) in problem for problem in problems)}
        if not problems:
            return _Translated(text, tuple(modules), tuple(left_out), sorted({*read, *map(_path_of, wanted)}))
        if not refused or len(refused) == len(modules):
            raise CannotBuild("mypyc cannot compile the sources:\n" + "\n".join(problems))
        left_out += problems
        modules = [name for name in modules if name not in refused]


def _c_text(modules: Sequence[str], scratch: Path) -> tuple[str, list[str], list[str]]:
    """The C text of the modules, the sources that mypyc read for it, and what it could not compile."""
    try:
        from mypy.build import BuildSource
        from mypy.errors import CompileError
        from mypy.fscache import FileSystemCache
        from mypyc.codegen.emitmodule import compile_modules_to_c, parse_and_typecheck
        from mypyc.errors import Errors
        from mypyc.options import CompilerOptions
    except ImportError as missing:
        raise CannotBuild(
            "mypy with its compiler mypyc is not installed; pip install mypy, or go on without: nothing needs it"
        ) from missing
    sources = [BuildSource(str(Path(PACKAGE, _path_of(name))), name, None) for name in modules]
    options = _options(sources)
    groups: Groups = [(sources, _GROUP)]
    how = CompilerOptions(target_dir=str(scratch), group_name=_GROUP)
    # mypyc would compare records with == by identity, as if it knew that no class has a method of its own for that
    how.global_opts = False
    errors, said = Errors(options), io.StringIO()
    try:
        result = parse_and_typecheck(sources, options, how, groups, FileSystemCache())
        _keep_records_plain(result, modules)
        with redirect_stdout(said), redirect_stderr(said):
            _, text, _ = compile_modules_to_c(result, compiler_options=how, errors=errors, groups=groups)
    except CompileError as problem:
        return "", [], _errors_in(problem.messages)
    except SystemExit:  # what mypyc does where it fails over a piece of code
        return "", [], _errors_in(said.getvalue().splitlines())
    if errors.num_errors:
        return "", [], _errors_in(errors.new_messages())
    for name, content in text[0]:
        if name.endswith(".h"):
            (scratch / name).write_text(content, encoding="utf-8")
    [c_text] = [content for name, content in text[0] if name.endswith(".c")]
    read = [
        Path(state.path).relative_to(PACKAGE).as_posix()
        for name, state in result.graph.items()
        if (name == "cocm" or name.startswith("cocm.")) and state.path is not None
    ]
    # half of the text is indentation, which grows from function to function
    return "\n".join(map(str.lstrip, c_text.splitlines())) + _gate(modules), read, []


def _errors_in(messages: Iterable[str]) -> list[str]:
    """The messages that tell of an error, or of a failure of mypyc itself."""
    found = [message for message in messages if ": error:" in message or "Error: " in message]
    return found or ["mypyc ended without a reason"]


def _options(sources: Iterable[BuildSource]) -> Options:
    """mypy's settings for a compilation: the checks are `make test`'s, here it only has to know the types."""
    from mypy.options import Options

    options = Options()
    options.python_version = sys.version_info[:2]
    options.mypy_path = [str(Path(PACKAGE).parent)]
    options.namespace_packages = True
    options.ignore_missing_imports = True
    options.export_types = True
    options.preserve_asts = True
    options.incremental = False
    options.cache_dir = "/dev/null"
    for source in sources:
        options.per_module_options.setdefault(source.module, {})["mypyc"] = True
    return options


def _keep_records_plain(result: BuildResult, modules: Iterable[str]) -> None:
    """Let decorated classes stay classes of Python, as if each named `type` as its metaclass.

    mypyc would make its own kind of class of a dataclass: without slots, and with a slow constructor.
    """
    from mypy.nodes import ClassDef, TypeInfo
    from mypy.types import Instance

    builtins = result.graph["builtins"].tree
    assert builtins is not None
    metaclass = builtins.names["type"].node
    assert isinstance(metaclass, TypeInfo)
    for name in modules:
        tree = result.graph[name].tree
        assert tree is not None
        for statement in tree.defs:
            if isinstance(statement, ClassDef) and statement.decorators:
                statement.info.metaclass_type = Instance(metaclass, [])


def _gate(modules: Iterable[str]) -> str:
    """C text of a module with one function, that gives a compiled module by its name."""
    from mypyc.namegen import exported_name

    asked = "\n".join(
        f'if (!strcmp(wanted, "{name}")) return CPyInit_{exported_name(name)}();' for name in modules
    )
    return f"""
static PyObject *gate_module(PyObject *self, PyObject *name) {{
const char *wanted = PyUnicode_AsUTF8(name);
if (wanted == NULL) return NULL;
{asked}
PyErr_SetObject(PyExc_ImportError, name);
return NULL;
}}
static PyMethodDef gate_methods[] = {{
{{"module", gate_module, METH_O, "A compiled module, by its name."}}, {{NULL, NULL, 0, NULL}}
}};
static struct PyModuleDef gate_definition = {{PyModuleDef_HEAD_INIT, "{GATE}", NULL, -1, gate_methods}};
PyMODINIT_FUNC PyInit_{GATE}(void) {{ return PyModule_Create(&gate_definition); }}
"""


def _compiled(compiler: Sequence[str], text: str, scratch: Path) -> Path:
    """The library of a C text."""
    import mypyc

    source, library = scratch / "core.c", scratch / "core.so"
    source.write_text(text, encoding="utf-8")
    folders = (sysconfig.get_paths()["include"], Path(mypyc.__file__).parent / "lib-rt", scratch)
    command = [*compiler, *_SHARED, *[f"-I{folder}" for folder in folders]]
    done = subprocess.run(
        [*command, "-o", str(library), str(source)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise CannotBuild(f"{compiler[0]} could not build the core: {done.stderr.strip()[-2000:]}")
    return library
