"""Which backups stay: 96 quarters of an hour, 30 days, 12 months; and how long sealed files stay in them (promises.md §6.6)."""

import shutil
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from mygas import clock
from mygas.keeping import files, manifest

SCANS_STAY = timedelta(days=30)
RULES: tuple[tuple[int, Callable[[datetime], object]], ...] = (
    (96, lambda at: (at.date(), at.hour, at.minute // 15)),
    (30, lambda at: at.date()),
    (12, lambda at: (at.year, at.month)),
)


def staying(times: Iterable[datetime]) -> set[datetime]:
    """Those that stay: the newest of each of the last 96 quarters of an hour, 30 days and 12 months in which there are any.

    What counts is not how long ago they are: were no more backups made, none would be taken away.
    """
    newest_first = sorted(times, reverse=True)
    kept: set[datetime] = set()
    for most, period_of in RULES:
        newest: dict[object, datetime] = {}
        for at in newest_first:
            newest.setdefault(period_of(at), at)
        kept.update(list(newest.values())[:most])
    return kept


def thin_out(folder: Path) -> list[str]:
    """Take away the backups that do not stay, and the sealed files of those over 30 days; the names of the former.

    Call it while the folder's lock is held. What is cut off half-way is no backup any more, or is one without files.
    """
    found = manifest.all_in(folder)
    kept = staying(one.made_at for _, one in found)
    gone = []
    for path, one in found:
        if one.made_at not in kept:
            part = path.with_name(f"{path.name}.part")
            path.rename(part)
            shutil.rmtree(part)
            gone.append(path.name)
        elif one.scans and one.made_at < clock.now() - SCANS_STAY:
            _drop_scans(path, one)
    files.settled(folder)
    return gone


def _drop_scans(path: Path, one: manifest.Manifest) -> None:
    left = tuple(kept for kept in one.files if kept.name == one.database)
    manifest.write(path, replace(one, scans=False, files=left))
    shutil.rmtree(path / "scans", ignore_errors=True)
