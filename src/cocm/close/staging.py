"""The out folder's files are staged beside it and take their names together, or none does."""

from __future__ import annotations

import glob
import hashlib
import os
import shutil
import sys
import tempfile
from io import BufferedRandom
from pathlib import Path
from typing import BinaryIO, Final

from cocm.basics.errors import UnusableInput
from cocm.close.request import WrittenFile

_LOCK: Final = "lock"


class Staging:
    """A hidden folder beside the out folder; its files take their names together at the end, or vanish.

    Where the out folder is another disk than the folder around it, or that one cannot be written, it lies in the out
    folder. What a killed process left is swept away by the next one.
    """

    def __init__(self, out: Path) -> None:
        if out.exists() and not out.is_dir():
            raise UnusableInput(f"--out {out}: is a file; name a folder")
        self._out = out.resolve()
        self._names: list[str] = []
        self._files: list[WrittenFile] = []
        self._lock: BinaryIO | None = None

    def __enter__(self) -> Staging:
        try:
            self._out.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._begin(self._out.parent)
            except OSError:
                if not self._out.is_dir():
                    raise
                self._begin(self._out)
        except OSError as problem:
            raise UnusableInput(f"--out {self._out}: cannot be written: {problem.strerror}") from problem
        return self

    def _begin(self, home: Path) -> None:
        """A new folder in `home`, locked as long as this process lives. Raises `OSError` where it is of no use."""
        prefix = f".{self._out.name}."
        for left in home.glob(f"{glob.escape(prefix)}*/{_LOCK}"):
            if _is_left_behind(left):
                shutil.rmtree(left.parent, ignore_errors=True)
        self.folder = Path(tempfile.mkdtemp(prefix=prefix, dir=home))
        try:
            unlocked = self.folder / f"{_LOCK}.new"
            self._lock = unlocked.open("wb")
            if _try_lock(self._lock):
                unlocked.rename(self.folder / _LOCK)  # whoever sees it sees it locked
            if self._out.is_dir():
                self._probe()
        except OSError:
            self.__exit__()
            raise

    def __exit__(self, *_: object) -> None:
        if self._lock is not None:
            self._lock.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def open(self, name: str) -> BufferedRandom:
        """A new staged file, for its owner only."""
        return os.fdopen(os.open(self.folder / name, os.O_CREAT | os.O_RDWR | os.O_EXCL, 0o600), "w+b")

    def open_unnamed(self) -> BinaryIO:
        """A file for what waits until the end of the close; it is gone when it is closed."""
        return tempfile.TemporaryFile(dir=self.folder)

    def keep(self, name: str, stream: BufferedRandom) -> None:
        """Sync a staged file; it will be published."""
        stream.flush()
        os.fsync(stream.fileno())
        self._names.append(name)

    def put(self, name: str, content: bytes) -> None:
        """Stage a file of this content; it will be published."""
        with self.open(name) as stream:
            stream.write(content)
            self.keep(name, stream)

    def finish(self, name: str, kind: str, stream: BufferedRandom) -> WrittenFile:
        """Keep a staged file, and note its size and digest."""
        self.keep(name, stream)
        stream.seek(0)
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        written = WrittenFile(name, kind, stream.tell(), digest)
        self._files.append(written)
        return written

    @property
    def files(self) -> tuple[WrittenFile, ...]:
        """Those finished with their digests, in their order."""
        return tuple(self._files)

    def check_out(self) -> None:
        """Make sure that `publish` will succeed, while nothing is recorded yet. Raises `UnusableInput`."""
        try:
            self._out.mkdir(mode=0o700, exist_ok=True)
            self._probe()
        except OSError as problem:
            raise UnusableInput(f"--out {self._out}: cannot be written: {problem.strerror}") from problem
        for name in self._names:
            if (self._out / name).is_dir():
                raise UnusableInput(f"--out {self._out}: {name} is a folder there; a file is to be written")

    def _probe(self) -> None:
        """Move an empty file as `publish` will. Raises `OSError` where that fails."""
        probe = self.folder / "probe"
        probe.touch(mode=0o600)
        probe.replace(self._out / f"{self.folder.name}.probe").unlink()

    def publish(self) -> None:
        """Give every staged file its place in the out folder."""
        for name in self._names:
            (self.folder / name).replace(self._out / name)


def _try_lock(file: BinaryIO) -> bool:
    """Lock an open file for this process; whether that was possible. A system without such locks has none to try."""
    if sys.platform == "win32":
        return False
    import fcntl  # not on Windows

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _is_left_behind(lock: Path) -> bool:
    """Whether the process that made the folder of this lock is gone."""
    try:
        with lock.open("r+b") as file:
            return _try_lock(file)
    except OSError:
        return False
