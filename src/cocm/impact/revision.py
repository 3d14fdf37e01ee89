"""A revision of the rulebook: the installed one, a folder, or a state of a git repository. Nothing is fetched."""

from __future__ import annotations

import hashlib
import io
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from cocm.basics.errors import UnusableInput
from cocm.rules import Rulebook
from cocm.rules.profile import ROOT_PAYER
from cocm.rules.rulebook import LAYOUT_FILES, LAYOUT_FOLDERS

CURRENT: Final = "current"
GIT_SECONDS_MAX: Final = 120
ARCHIVE_BYTES_MAX: Final = 500_000_000

_ROOT_PROFILE: Final = f"payers/{ROOT_PAYER}/profile.yaml"
# Where a rulebook lies in a repository: this project's own, or one that holds nothing else.
_PLACES: Final = ("src/cocm/rulebook", "rulebook", "")
_READ: Final = (".yaml", ".csv")
# What a decision about a claim does not read: form layouts, guide maps, what to do about denials, and lists of files.
_NOT_DECIDING: Final = ("forms", "x12", "denials", "insight", "tables.yaml")


@dataclass(frozen=True, slots=True)
class Revision:
    """A rulebook with the name it was asked for by. `lent` are rules and tables it does not have, taken from the
    installed rulebook: in them no change can be seen.
    """

    name: str
    rulebook: Rulebook
    lent: tuple[str, ...]


@contextmanager
def revisions(names: tuple[str, str], *, repository: Path) -> Iterator[tuple[Revision, Revision]]:
    """Two revisions, as long as the `with` lasts. Raises `UnusableInput` naming what each could have been."""
    with TemporaryDirectory(prefix="cocm-rules-") as folder:
        first, second = (
            _revision(name, repository, Path(folder) / place)
            for name, place in zip(names, ("from", "to"), strict=True)
        )
        yield first, second


def _revision(name: str, repository: Path, scratch: Path) -> Revision:
    scratch.mkdir()
    if name == CURRENT:
        return Revision(name, Rulebook(), ())
    given = Path(name)
    if name and given.is_dir():
        return _of_folder(name, _rulebook_within(given), scratch)
    return _of_folder(name, _from_git(name, repository, scratch / "tree"), scratch)


def _rulebook_within(folder: Path) -> Path:
    """The folder itself, or where a rulebook lies in it. Raises `UnusableInput`."""
    for place in _PLACES:
        if (folder / place / _ROOT_PROFILE).is_file():
            return folder / place
    if _is_laid_out(folder):
        return folder
    raise UnusableInput(
        f"{folder}: holds no rulebook; expected payers/ or rules/ in it, or in src/cocm/rulebook below it"
    )


def _is_laid_out(folder: Path) -> bool:
    return any((folder / name).is_dir() for name in LAYOUT_FOLDERS) or any(
        (folder / name).is_file() for name in LAYOUT_FILES
    )


def _of_folder(name: str, folder: Path, scratch: Path) -> Revision:
    """A whole rulebook stands for itself; anything less is an overlay on the installed one."""
    if not (folder / _ROOT_PROFILE).is_file():
        return Revision(name, Rulebook([folder]), ())
    lent = _lend(folder, scratch / "lent")
    if not lent:
        return Revision(name, Rulebook(base=folder), ())
    return Revision(name, Rulebook([folder], base=scratch / "lent"), lent)


def _lend(folder: Path, lent: Path) -> tuple[str, ...]:
    """Copy what this program reads and an older rulebook does not have: rules and tables, never a payer's own."""
    installed = Path(str(resources.files("cocm.rulebook")))
    missing = [
        path.relative_to(installed)
        for path in sorted(installed.rglob("*"))
        if path.suffix in _READ
        and path.relative_to(installed).parts[0] != "payers"
        and not (folder / path.relative_to(installed)).is_file()
    ]
    if missing:
        for path in (*missing, Path("sources.yaml")):
            (lent / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(installed / path, lent / path)
    return tuple(path.as_posix() for path in missing if path.parts[0] not in _NOT_DECIDING)


def _from_git(name: str, repository: Path, tree: Path) -> Path:
    """The rulebook of a git revision, unpacked. Raises `UnusableInput`."""
    choices = f"{CURRENT!r}, a folder with a rulebook, or a git revision of {repository}"
    if shutil.which("git") is None:
        raise UnusableInput(f"{name}: no such folder, and git is not installed here; expected {choices}")
    commit = _git(repository, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    if commit is None:
        raise UnusableInput(
            f"{name}: no such folder and no such git revision; expected {choices} (--repo DIR)"
        )
    revision = commit.decode().strip()
    top = _git(repository, "rev-parse", "--show-toplevel")
    if top is None:
        raise UnusableInput(f"{repository}: not the work tree of a git repository")
    root = Path(top.decode().strip())
    for place in _PLACES:
        marker = f"{revision}:{place}/{_ROOT_PROFILE}" if place else f"{revision}:{_ROOT_PROFILE}"
        if _git(root, "cat-file", "-e", marker) is not None:
            return _unpacked(root, f"{revision}:{place}", name, tree)
    listed = _git(root, "ls-tree", "--name-only", revision) or b""
    if {*LAYOUT_FOLDERS, *LAYOUT_FILES} & set(listed.decode(errors="replace").split()):
        return _unpacked(root, revision, name, tree)
    raise UnusableInput(
        f"{name}: that revision of {root} holds no rulebook; looked in {', '.join(_PLACES[:2])}, /"
    )


def _unpacked(root: Path, tree_name: str, name: str, tree: Path) -> Path:
    archive = _git(root, "archive", "--format=tar", tree_name)
    if archive is None or len(archive) > ARCHIVE_BYTES_MAX:
        raise UnusableInput(f"{name}: git could not hand out that revision (is the repository complete?)")
    tree.mkdir()
    with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
        for member in packed:
            path = Path(member.name)
            if not member.isfile() or path.suffix not in _READ or path.is_absolute() or ".." in path.parts:
                continue
            content = packed.extractfile(member)
            assert content is not None  # it is a file
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            (tree / path).write_bytes(content.read())
    return tree


def _git(folder: Path, *arguments: str) -> bytes | None:
    """What git answers; None where it refuses. It asks nobody and fetches nothing."""
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            capture_output=True,
            check=False,
            timeout=GIT_SECONDS_MAX,
            env={"GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1", "PATH": _path()},
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def _path() -> str:
    found = shutil.which("git")
    return str(Path(found).parent) if found else ""


def changed_tables(first: Rulebook, second: Rulebook) -> tuple[str, ...]:
    """The tables and code lists that differ between two rulebooks, by their names in them."""
    before, after = _tables(first), _tables(second)
    return tuple(sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name)))


def _tables(rulebook: Rulebook) -> dict[str, str]:
    found: dict[str, str] = {}
    for root in rulebook.roots:
        for path in root.rglob("*"):
            name = path.relative_to(root)
            is_rule = name.parts[0] in ("rules", "payers", *_NOT_DECIDING, "sources.yaml")
            if path.suffix in _READ and not is_rule:
                found[name.as_posix()] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found
