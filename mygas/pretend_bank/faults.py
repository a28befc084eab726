"""How the training bank misbehaves, when it is asked to."""

import re
import secrets
from dataclasses import dataclass

_ONE = re.compile(r"([a-z]+)=([0-9]{1,4})(?:-([0-9]{1,4}))?\Z")
_PAIRS = ("repeat", "delay")


@dataclass(frozen=True)
class Faults:
    """Notifications are `lost` or accompanied by `forged` ones (per cent), sent `repeat` times each after `delay` seconds
    (least, most). The API does its work and then answers nonsense or 500 or `hang`s so many seconds (`unknown` per cent)."""

    lost: int = 0
    forged: int = 0
    repeat: tuple[int, int] = (1, 1)
    delay: tuple[int, int] = (0, 0)
    unknown: int = 0
    hang: int = 20

    @classmethod
    def parse(cls, text: str) -> "Faults":
        """From `lost=30,forged=10,repeat=1-5,delay=0-20,unknown=5,hang=20`. Raises ValueError."""
        given: dict[str, int | tuple[int, int]] = {}
        for word in filter(None, text.split(",")):
            found = _ONE.match(word.strip())
            if not found or found[1] not in cls.__dataclass_fields__:
                raise ValueError(f"not a fault: {word!r}")
            least, most = int(found[2]), int(found[3] or found[2])
            if least > most or (found[3] and found[1] not in _PAIRS):
                raise ValueError(f"not a range of {found[1]}: {word!r}")
            given[found[1]] = (least, most) if found[1] in _PAIRS else least
        return cls(**given)  # type: ignore[arg-type]

    def copies(self) -> list[int]:
        """After how many milliseconds each copy of a notification leaves; none when it is lost."""
        if happens(self.lost):
            return []
        least, most = self.delay
        return [least * 1000 + secrets.randbelow((most - least) * 1000 + 1) for _ in range(_between(*self.repeat))]


def happens(per_cent: int) -> bool:
    """Chance."""
    return secrets.randbelow(100) < per_cent


def _between(least: int, most: int) -> int:
    return least + secrets.randbelow(most - least + 1)
