"""Files of systemd as data: a key may stand more than once, and then adds to what stood before."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Unit:
    """`rows` are section, key, value, in the order of the file."""

    name: str
    rows: tuple[tuple[str, str, str], ...]

    def all(self, section: str, key: str) -> list[str]:
        return [value for where, name, value in self.rows if (where, name) == (section, key)]

    def one(self, section: str, key: str) -> str:
        (value,) = self.all(section, key)
        return value


def read_unit(path: Path) -> Unit:
    """Raises ValueError for a line that is neither a section, nor KEY=VALUE, nor a comment."""
    rows, section = [], ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            section = line.strip("[]")
            continue
        key, equals, value = line.partition("=")
        if not (section and equals and key.isalnum()):
            raise ValueError(f"{path.name}: {line}")
        rows.append((section, key, value))
    return Unit(path.name, tuple(rows))
