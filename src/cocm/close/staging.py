"""The out folder's files are staged beside it and take their names together, or none does."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from io import BufferedRandom
from pathlib import Path
from typing import BinaryIO

from cocm.basics.errors import UnusableInput
from cocm.close.request import WrittenFile


class Staging:
    """A hidden folder beside the out folder; its files take their names together at the end, or vanish."""

    def __init__(self, out: Path) -> None:
        if out.exists() and not out.is_dir():
            raise UnusableInput(f"--out {out}: is a file; name a folder")
        self._out = out.resolve()
        self._files: list[WrittenFile] = []

    def __enter__(self) -> Staging:
        try:
            self._out.parent.mkdir(parents=True, exist_ok=True)
            self.folder = Path(tempfile.mkdtemp(prefix=f".{self._out.name}.", dir=self._out.parent))
        except OSError as problem:
            raise UnusableInput(f"--out {self._out}: cannot be written: {problem.strerror}") from problem
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def open(self, name: str) -> BufferedRandom:
        """A new staged file, for its owner only."""
        return os.fdopen(os.open(self.folder / name, os.O_CREAT | os.O_RDWR | os.O_EXCL, 0o600), "w+b")

    def open_unnamed(self) -> BinaryIO:
        """A file for what waits until the end of the close; it is gone when it is closed."""
        return tempfile.TemporaryFile(dir=self.folder)

    def finish(self, name: str, kind: str, stream: BufferedRandom) -> WrittenFile:
        """Sync a staged file and note its size and digest."""
        stream.flush()
        os.fsync(stream.fileno())
        stream.seek(0)
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        written = WrittenFile(name, kind, stream.tell(), digest)
        self._files.append(written)
        return written

    @property
    def files(self) -> tuple[WrittenFile, ...]:
        return tuple(self._files)

    def check_out(self) -> None:
        """Make sure that `publish` will succeed, while nothing is recorded yet. Raises `UnusableInput`."""
        try:
            self._out.mkdir(mode=0o700, exist_ok=True)
            probe = self.folder / "probe"
            probe.touch(mode=0o600)
            probe.replace(self._out / probe.name).unlink()
        except OSError as problem:
            raise UnusableInput(f"--out {self._out}: cannot be written: {problem.strerror}") from problem
        for written in self._files:
            if (self._out / written.name).is_dir():
                raise UnusableInput(
                    f"--out {self._out}: {written.name} is a folder there; the close writes a file"
                )

    def publish(self) -> None:
        """Give every staged file its place in the out folder."""
        for written in self._files:
            (self.folder / written.name).replace(self._out / written.name)
