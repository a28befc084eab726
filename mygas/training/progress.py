"""Where a learner stands in a lesson: computed from the steps noticed so far, never stored.

A step may be done before its turn, and what was passed over holds nobody up.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from mygas.training.syllabus import Deed, Lesson

_SKIPPED = "skipped"


def present(lesson: Lesson, passed: Collection[int]) -> int | None:
    """The number, from 1, of the step whose turn it is; None when the lesson is over.

    Where steps follow from each other it is the one after the furthest passed; in a lesson of any order, the first that is left.
    """
    if lesson.any_order:
        left = [number for number, _ in enumerate(lesson.steps, 1) if number not in passed]
        return left[0] if left else None
    following = max(passed, default=0) + 1
    return following if following <= len(lesson.steps) else None


def noticed(lesson: Lesson, passed: Collection[int], deed: Deed, *, at_it: bool) -> int | None:
    """The number of the step that the deed does, if it does any.

    To somebody who is not `at_it` (but at another lesson, or at none) pages that he opens do not count, only what he does.
    """
    turn = present(lesson, passed)
    if turn is None:
        return None
    for number, step in enumerate(lesson.steps, 1):
        ahead = number not in passed and (lesson.any_order or number >= turn)
        early = not step.in_turn and (at_it or deed.method == "POST")
        if ahead and step.deed.is_like(deed) and ((at_it and number == turn) or early):
            return number
    return None


@dataclass(frozen=True)
class Way:
    """What was noted of a learner's way (learners.progress): the lesson he is at, and when he did which step of which lesson."""

    facts: Mapping[str, str]

    @property
    def lesson(self) -> str:
        """The slug of the lesson he is at; empty for none."""
        return self.facts.get("lesson", "")

    def done(self, slug: str) -> dict[int, datetime]:
        """The steps done of that lesson, and when."""
        return {number: datetime.fromisoformat(at) for number, at in self._marks(slug).items() if at != _SKIPPED}

    def passed(self, slug: str) -> set[int]:
        """The steps done of that lesson, and those skipped."""
        return set(self._marks(slug))

    def over(self, lesson: Lesson) -> datetime | None:
        """When the lesson was finished, if it was; one that was only skipped through never is."""
        done = self.done(lesson.slug)
        return max(done.values()) if done and present(lesson, self.passed(lesson.slug)) is None else None

    def _marks(self, slug: str) -> dict[int, str]:
        return {int(key.rpartition(".")[2]): at for key, at in self.facts.items() if key.startswith(f"{slug}.") and at}


def at(slug: str) -> dict[str, str]:
    """The fact that a learner is at that lesson."""
    return {"lesson": slug}


def mark(slug: str, number: int, now: datetime) -> dict[str, str]:
    """The fact that a step is done."""
    return {f"{slug}.{number}": now.isoformat()}


def skipped(slug: str, number: int) -> dict[str, str]:
    """The fact that a step was passed over on purpose."""
    return {f"{slug}.{number}": _SKIPPED}


def unmark(lesson: Lesson) -> dict[str, str]:
    """The facts of a lesson not begun."""
    return {f"{lesson.slug}.{number}": "" for number, _ in enumerate(lesson.steps, 1)}
