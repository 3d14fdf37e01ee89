"""The tree of errors.

    CocmError
    ├── UnusableInput          a file, option or value that cannot be used at all (exit status 2)
    │   ├── TableError         a practice table that cannot be read: names the file and what was expected
    │   ├── PublishedFileError a publisher's reference file that is not laid out as expected
    │   │   └── FileTooLarge   … or unpacks to more than any such file does
    │   ├── ArchiveError       a compressed file or archive that must not or cannot be unpacked
    │   │   └── ArchiveTooLarge … because it unpacks to more than the limit
    │   ├── X12Error           an interchange that cannot be read or must not be written
    │   └── FormError          a claim that a paper form cannot hold
    ├── RulebookError          a rule file that breaks the rulebook's own form
    │   ├── UnknownRule        no rule of that id
    │   └── UnknownPayer       no pack of that id
    └── StateError             the practice's state file cannot be used, or would double-bill

Findings, rejected rows and held claims are data, never exceptions. A message tells what happened, to which
file, row or claim, why it matters and what to do next, and never holds patient data: ids only.
"""


class CocmError(Exception):
    """Anything this package raises on purpose."""


class UnusableInput(CocmError):
    """The input as a whole cannot be used; nothing was written."""


class TableError(UnusableInput):
    """A practice table is missing, unreadable or lacks a column."""


class PublishedFileError(UnusableInput):
    """A publisher's reference file cannot be read: names the file, row and column, and what was expected."""


class FileTooLarge(PublishedFileError):
    """A publisher's file, or a member of its archive, is larger than any such file (an archive may be a trap)."""


class ArchiveError(UnusableInput):
    """A .gz or .zip file is damaged, encrypted, nested, or has members whose names play tricks."""


class ArchiveTooLarge(ArchiveError):
    """A compressed file unpacks to more than the limit (it may be a trap)."""


class X12Error(UnusableInput):
    """An X12 interchange is malformed, or would be if it were written."""


class FormError(UnusableInput):
    """A claim does not fit on a paper form."""


class RulebookError(CocmError):
    """The rulebook's data contradicts its own form; the message names the file and the value."""


class UnknownRule(RulebookError):
    """No rule has this id."""


class UnknownPayer(RulebookError):
    """No pack has this id."""


class StateError(CocmError):
    """The state file is locked, newer than this program, damaged, or belongs to another practice."""
