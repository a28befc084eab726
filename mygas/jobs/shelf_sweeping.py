"""Taking away files of a shelf that nobody is to have any more: overdue ones, and those that no row wants."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Protocol

from mygas import clock
from mygas.domain.work import unit_of_work
from mygas.gateways.shelf import Shelf

ORPHAN = timedelta(days=1)  # after which no row will come to want the file
BATCH = 500  # files asked about at once


class Rows(Protocol):
    """What knows of the files: a module of the domain (receipt_files, my_data). Its tasks have a `ref`."""

    def overdue(self) -> Sequence[Any]: ...

    def forget(self, task: Any) -> bool: ...

    def wanted(self, refs: Sequence[str]) -> set[str]: ...

    def give_up(self) -> None: ...

    def purge(self) -> None: ...


def tidy(shelf: Shelf, rows: Rows) -> None:
    """Delete what is overdue, file first and row after; files that no row wants; give up what nobody made; forget old rows."""
    for task in rows.overdue():
        shelf.destroy(task.ref)
        with unit_of_work():
            rows.forget(task)
    old = shelf.older_than(clock.now() - ORPHAN)
    for refs in (old[at : at + BATCH] for at in range(0, len(old), BATCH)):
        for ref in set(refs) - rows.wanted(refs):
            shelf.destroy(ref)
    with unit_of_work():
        rows.give_up()
        rows.purge()
