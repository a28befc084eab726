"""Bars of a year beside those of the year before, as the outlines that an SVG needs: no styles, no colours, few bytes. Pure.

The later year is drawn filled, the earlier one as a frame, so that black ink on paper tells them apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass

STEP, BAR, HEIGHT = 26, 10, 90
"""Of a month, of one of its two bars, of the highest bar; units of the drawing."""


@dataclass(frozen=True)
class Bars:
    """A drawing `width` units wide and HEIGHT high. `filled` and `framed` are outlines («d» of a path) of the later and the
    earlier year; `labels` are (middle, text) under the bars; `most` is the value of the highest one."""

    most: int
    width: int
    filled: str
    framed: str
    labels: tuple[tuple[int, str], ...]


def bars(months: Sequence[tuple[str, int | None, int | None]]) -> Bars | None:
    """(label, this year's value, last year's) of each month, none negative; None where there is nothing to compare."""
    values = [value for _, *pair in months for value in pair if value is not None]
    most = max(values, default=0)
    if most <= 0 or len(values) < 2:
        return None
    filled, framed = [], []
    for index, (_, now, before) in enumerate(months):
        left = index * STEP + 2
        framed.append(_bar(left, before, most))
        filled.append(_bar(left + BAR + 1, now, most))
    labels = tuple((index * STEP + STEP // 2, label) for index, (label, *_) in enumerate(months))
    return Bars(most, len(months) * STEP, "".join(filled), "".join(framed), labels)


def _bar(left: int, value: int | None, most: int) -> str:
    """One bar that stands on the base line; nothing for nothing, and at least a line for what is little."""
    if not value:
        return ""
    height = max(1, (value * HEIGHT * 2 + most) // (most * 2))
    return f"M{left} {HEIGHT}v-{height}h{BAR}v{height}z"
