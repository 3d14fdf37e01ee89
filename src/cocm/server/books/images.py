"""Reading and writing a state's bytes as pages; a page that did not change is neither written nor read again."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import Final
from uuid import UUID, uuid4

from cocm.server.access.actor import Actor
from cocm.server.books.models import Books, BooksPage

PAGE_BYTES: Final = 4_096
CACHE_BYTES_MAX: Final = 256 * 1024 * 1024
"""Images that a process keeps at hand, all organizations together."""
_PAGES_AT_ONCE: Final = 2_000


@dataclass(frozen=True, slots=True)
class Image:
    """The content of books at one moment, and the stamp of each of its pages."""

    stamp: UUID
    content: bytes
    page_stamps: tuple[UUID, ...]


class _Images:
    """The images last read, by books. A stamp is never used twice, so an image is right or is not found."""

    def __init__(self) -> None:
        self._kept: OrderedDict[UUID, Image] = OrderedDict()
        self._lock = Lock()

    def find(self, books_pk: UUID) -> Image | None:
        with self._lock:
            found = self._kept.get(books_pk)
            if found is not None:
                self._kept.move_to_end(books_pk)
            return found

    def keep(self, books_pk: UUID, image: Image) -> None:
        with self._lock:
            self._kept[books_pk] = image
            self._kept.move_to_end(books_pk)
            while (
                len(self._kept) > 1 and sum(len(one.content) for one in self._kept.values()) > CACHE_BYTES_MAX
            ):
                self._kept.popitem(last=False)


_images = _Images()


def read_image(actor: Actor, books: Books) -> tuple[Image, bool]:
    """The content of books, and whether it had to be read anew; of what is known only the changed pages are read."""
    known = _images.find(books.pk)
    if known is not None and known.stamp == books.stamp:
        return known, False
    stamps = tuple(
        BooksPage.objects.of(actor).filter(books=books).order_by("number").values_list("stamp", flat=True)
    )[: books.page_count]
    pages = bytearray(len(stamps) * PAGE_BYTES)
    wanted = list(range(len(stamps)))
    if known is not None:
        shared = min(len(stamps), len(known.page_stamps))
        wanted = [n for n in wanted if n >= shared or stamps[n] != known.page_stamps[n]]
        pages[: shared * PAGE_BYTES] = known.content[: shared * PAGE_BYTES]
    for start in range(0, len(wanted), _PAGES_AT_ONCE):
        some = BooksPage.objects.of(actor).filter(
            books=books, number__in=wanted[start : start + _PAGES_AT_ONCE]
        )
        for number, content in some.values_list("number", "content"):
            pages[number * PAGE_BYTES : (number + 1) * PAGE_BYTES] = bytes(content)
    image = Image(books.stamp, bytes(pages), stamps)
    _images.keep(books.pk, image)
    return image, True


def write_image(actor: Actor, books: Books, before: Image | None, content: bytes) -> Image:
    """Keep what changed since `before`, and give the books a new stamp. The caller holds the books' lock."""
    stamp = uuid4()
    old = before.content if before is not None else b""
    stamps = list(before.page_stamps) if before is not None else []
    changed = [
        start // PAGE_BYTES
        for start in range(0, len(content), PAGE_BYTES)
        if content[start : start + PAGE_BYTES] != old[start : start + PAGE_BYTES]
    ]
    page_count = -(-len(content) // PAGE_BYTES)
    stamps[page_count:] = []
    stamps.extend([stamp] * (page_count - len(stamps)))
    for number in changed:
        stamps[number] = stamp
    BooksPage.objects.bulk_create(
        [
            BooksPage(
                organization_id=actor.organization_id,
                books=books,
                number=number,
                stamp=stamp,
                content=content[number * PAGE_BYTES : (number + 1) * PAGE_BYTES],
            )
            for number in changed
        ],
        batch_size=200,
        update_conflicts=True,
        unique_fields=("books", "number"),
        update_fields=("stamp", "content"),
    )
    books.stamp, books.page_count = stamp, page_count
    books.save(update_fields=("stamp", "page_count", "changed_at"))
    image = Image(stamp, content, tuple(stamps))
    _images.keep(books.pk, image)
    return image
