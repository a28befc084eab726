"""Where a learner stands in a lesson: computed from the steps noticed so far, never stored.

A step may be done before its turn, and what was passed over holds nobody up.
"""

from collections.abc import Collection

from mygas.training.syllabus import Deed, Lesson


def present(lesson: Lesson, done: Collection[int]) -> int | None:
    """The number, from 1, of the step whose turn it is; None when the lesson is over.

    Where steps follow from each other it is the one after the furthest done; in a lesson of any order, the first not done.
    """
    if lesson.any_order:
        left = [number for number, _ in enumerate(lesson.steps, 1) if number not in done]
        return left[0] if left else None
    following = max(done, default=0) + 1
    return following if following <= len(lesson.steps) else None


def is_over(lesson: Lesson, done: Collection[int]) -> bool:
    return present(lesson, done) is None


def noticed(lesson: Lesson, done: Collection[int], deed: Deed, *, at_it: bool) -> int | None:
    """The number of the step that the deed does, if it does any.

    To somebody who is not `at_it` (but at another lesson, or at none) pages that he opens do not count, only what he does.
    """
    turn = present(lesson, done)
    if turn is None:
        return None
    for number, step in enumerate(lesson.steps, 1):
        ahead = number not in done and (lesson.any_order or number >= turn)
        early = not step.in_turn and (at_it or deed.method == "POST")
        if ahead and step.deed.is_like(deed) and ((at_it and number == turn) or early):
            return number
    return None
