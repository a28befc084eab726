"""What is wrong with a registry, as data: file, line, column, reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mygas.words import N_

NAMED = 100
"""So many faults are named one by one; the rest are only counted."""


class Unfit(ValueError):
    """A value does not fit its column. `reason` is a Russian msgid with `%(name)s` places, `values` fills them."""

    def __init__(self, reason: str, **values: object) -> None:
        super().__init__(reason)
        self.reason = reason
        self.values = values


@dataclass(frozen=True)
class Fault:
    """One thing wrong. `line` counts from 1 (the header), 0 when the file as a whole is meant; `column` may be empty."""

    file: str
    line: int
    column: str
    reason: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        place = [self.file] + [f"строка {self.line}"] * bool(self.line) + [f"столбец {self.column}"] * bool(self.column)
        return f"{', '.join(place)}: {self.reason % self.values}"


def wrong_width(row: Sequence[str], names: Sequence[str]) -> tuple[str, Unfit]:
    """The column at which a row of too few or too many fields goes wrong, and the words for it."""
    unfit = Unfit(N_("полей %(found)s, а столбцов %(wanted)s"), found=len(row), wanted=len(names))
    return names[min(len(row), len(names) - 1)], unfit


class BadRegistry(Exception):
    """The registry was refused and nothing has changed. `faults` are the first NAMED, `total` counts all."""

    def __init__(self, faults: list[Fault], total: int) -> None:
        super().__init__(f"{total} faults, the first: {faults[0]}")
        self.faults = faults
        self.total = total


class Findings:
    """Gathers faults as a registry is read: the first NAMED of them, and how many there were."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.total = 0

    def add(self, file: str, line: int, column: str, unfit: Unfit) -> None:
        self.total += 1
        if len(self.faults) < NAMED:
            self.faults.append(Fault(file, line, column, unfit.reason, unfit.values))

    def refuse_if_any(self) -> None:
        """Raises BadRegistry."""
        if self.total:
            raise BadRegistry(self.faults, self.total)
