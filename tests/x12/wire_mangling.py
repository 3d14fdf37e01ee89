"""The same content in another dress: what receivers must read without noticing."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from cocm.x12.tokens import Delimiters, read_segments

_BINARY = ("BDS", "BIN")

DELIMITERS = st.sampled_from(
    [
        Delimiters(),
        Delimiters("|", ">", "^", "~"),
        Delimiters("*", ":", "{", "\n"),
        Delimiters("*", "<", "\\", "\x1c"),
    ]
)


@dataclass(frozen=True)
class Dress:
    """How a file is dressed up: a byte-order mark, lower-case ids, blanks and empty elements after values, line ends,
    an unknown segment before each trailer.
    """

    mark: bool
    lower_case: bool
    blanks: str
    line_end: bytes

    def put_on(self, content: bytes) -> bytes:
        """The file in this dress. Envelope headers keep their fixed width."""
        parts = [b"\xef\xbb\xbf"] if self.mark else []
        for segment in read_segments(content):
            text = content[segment.start : segment.end - 1].lstrip(b"\r\n")
            if self.lower_case and segment.tag != "ISA":
                text = text[: len(segment.tag)].lower() + text[len(segment.tag) :]
            if segment.tag not in ("ISA", *_BINARY):
                text += self.blanks.encode()
            parts.append(text + segment.delimiters.terminator.encode() + self.line_end)
        return b"".join(parts)


DRESSES = st.builds(
    Dress,
    mark=st.booleans(),
    lower_case=st.booleans(),
    blanks=st.sampled_from(["", " ", "   "]),
    line_end=st.sampled_from([b"", b"\n", b"\r\n"]),
)
