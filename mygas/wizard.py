"""Step and Wizard: a journey is a tuple of steps, readable aloud. Knows neither Flask nor the database."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Answers = Mapping[str, Any]


@dataclass(frozen=True)
class Step:
    """One page of a journey.

    `form` makes the form of the page, `act` is the domain function that takes its answer, `done` tells from the draft's
    answers whether the step is behind us. A step with `reopen=False` is sealed once done: Back passes it by.
    A `spare` step is asked only where an earlier one has not settled it already; elsewhere it is not even counted.
    `prepare` works on the form's data before any transaction is open (hashing a password, for one).
    """

    slug: str
    title: str
    form: Callable[..., Any]
    act: Callable[..., Any]
    done: Callable[[Answers], Any]
    reopen: bool = True
    spare: bool = False
    prepare: Callable[[dict[str, Any]], dict[str, Any]] = dict


@dataclass(frozen=True)
class Wizard:
    """A named journey. Which step is current is computed from the draft, never stored."""

    name: str
    steps: tuple[Step, ...]

    def step(self, slug: str) -> Step | None:
        return next((step for step in self.steps if step.slug == slug), None)

    def current(self, answers: Answers) -> Step | None:
        """The first step that is not done; None when the journey is over."""
        return next((step for step in self.steps if not step.done(answers)), None)

    def may_open(self, step: Step, answers: Answers) -> bool:
        """A step opens when all before it are done, and it is either not done itself or may be reopened."""
        before = self.steps[: self.steps.index(step)]
        return all(earlier.done(answers) for earlier in before) and (step.reopen or not step.done(answers))

    def back(self, step: Step, answers: Answers) -> Step | None:
        """The nearest earlier step that may be opened again."""
        for earlier in reversed(self.steps[: self.steps.index(step)]):
            if self.may_open(earlier, answers):
                return earlier
            if not earlier.reopen:
                return None
        return None

    def place(self, step: Step) -> tuple[int, int]:
        """(number of the step from 1, number of steps), for «Шаг 2 из 6»."""
        counted = [one for one in self.steps if one is step or not one.spare]
        return counted.index(step) + 1, len(counted)
