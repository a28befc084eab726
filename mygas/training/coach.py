"""The coach: notices what a learner has done, and draws at the head of each page what to do next.

The place at the head of a page is left open while the page is made and filled once it is known how the request was answered: a
step may be done by this very page, or by its refusal.
"""

from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.routing import BuildError
from werkzeug.wrappers import Response

from mygas import clock, speech
from mygas.domain.work import unit_of_work
from mygas.training import learners, pages, progress, syllabus, translated, values
from mygas.training.learners import Learner
from mygas.training.progress import Way
from mygas.training.syllabus import Deed, Lesson, Step, Syllabus
from mygas.training.values import Values
from mygas.web import access, addresses, languages

PLACE = "<!-- coach -->"


@dataclass(frozen=True)
class Hint:
    """A step in the learner's own values. `said` is what the step before has brought; `href` leads to where it is done, or to
    what must come first: then `first` says so."""

    lesson: Lesson
    number: int
    said: str
    say: str
    enter: tuple[tuple[str, str], ...]
    press: str
    look: str
    why: str
    href: str
    first: str


def register(app: Flask) -> None:
    """Read the lessons, and attend to every answer. Raises BadLesson."""
    app.extensions["lessons"] = read(app)
    app.context_processor(lambda: {"coach_place": PLACE})
    app.after_request(_attend)


def read(*apps: Flask) -> dict[str, Syllabus]:
    """The lessons in each language, of a portal that has the pages of all these. Raises BadLesson."""
    routes = {(method, rule.endpoint) for app in apps for rule in app.url_map.iter_rules() for method in rule.methods or ()}
    source = syllabus.load(syllabus.FOLDER, routes, values.VALUES.keys())
    return {speech.OWN: source, **{code: translated.load(syllabus.FOLDER / code, source) for code in speech.OTHERS}}


def lessons() -> Syllabus:
    """In the language of the page."""
    known: Syllabus = current_app.extensions["lessons"][languages.language()]
    return known


def way(learner: Learner) -> Way:
    return Way(learners.progress(learner))


def hint(learner: Learner, way: Way) -> Hint | None:
    """What to do next in the lesson he is at; None when that is over, and when he is at none."""
    lesson = lessons().get(way.lesson)
    done = way.done(way.lesson)
    number = progress.present(lesson, way.passed(way.lesson)) if lesson else None
    if lesson is None or number is None:
        return None
    step, his = lesson.steps[number - 1], Values(learner)
    last = max(done, key=lambda one: done[one], default=None)
    href, first = _where(lesson, step, learner, his)
    return Hint(
        lesson, number, values.filled(lesson.steps[last - 1].said, his) if last else "", values.filled(step.say, his),
        tuple((values.filled(label, his), values.filled(value, his)) for label, value in step.enter),
        values.filled(step.press, his), values.filled(step.look, his), values.filled(step.why, his), href, first,
    )  # fmt: skip


def address(endpoint: str, which: str, learner: Learner) -> str:
    """The page of a step, as far as the learner can open it: of an account, his own one; empty for all others. `which` names the
    step of a wizard, or a request or a question of his desk."""
    mine = next((one for one in _connections() if one.account.number == learner.number), None)
    wanted = next(current_app.url_map.iter_rules(endpoint)).arguments
    arguments: dict[str, Any] = {"ref": mine.ref} if mine and "ref" in wanted else {}
    if which:
        arguments["slug" if "slug" in wanted else "ref"] = which
    try:
        return url_for(endpoint, **arguments)
    except BuildError:
        return ""


def _where(lesson: Lesson, step: Step, learner: Learner, his: Values) -> tuple[str, str]:
    """The address at which the step is done; or of what must come first, and words for it."""
    endpoint, which = step.aim
    if not endpoint:
        return "", ""
    of_users = getattr(current_app.view_functions[endpoint], "audience", "") == "user"
    if of_users and not current_user.is_authenticated:
        if not learners.has_joined(learner):
            return url_for("classroom.lesson", slug=first_of(lesson).slug), gettext("Сначала нужно зарегистрироваться.")
        return url_for("start.sign_in"), values.filled(gettext("Сначала войдите: логин {phone}, пароль {password}."), his)
    if href := address(endpoint, values.filled(which, his), learner):
        return href, ""
    if of_users:
        return url_for("connect.step", slug="supplier"), values.filled(gettext("Сначала подключите счёт {number}."), his)
    return "", ""


def first_of(lesson: Lesson) -> Lesson:
    """The lesson that had better come before all that lead to this one; itself, where none had."""
    return first_of(lessons()[lesson.after]) if lesson.after else lesson


def _connections() -> list[access.Connection]:
    return access.my_connections() if current_user.is_authenticated else []


def _attend(response: Response) -> Response:
    if request.endpoint in (None, "static") or response.direct_passthrough or response.status_code >= 500:
        return response
    learner, deed = pages.learner_here(), _deed(response)
    noticed = learner is not None and _notice(learner, deed)
    if response.mimetype == "text/html" and PLACE in (page := response.get_data(as_text=True)):
        response.set_data(page.replace(PLACE, _drawn(learner, in_hand=noticed and deed.status == 422), 1))
    return response


def _deed(response: Response) -> Deed:
    status = 303 if "HX-Redirect" in response.headers else response.status_code
    return Deed(request.method, request.endpoint or "", (request.view_args or {}).get("slug", ""), status)


def _notice(learner: Learner, deed: Deed) -> bool:
    """Whether a step is done by it; written down only then, for most pages only read."""
    known = way(learner)
    facts: dict[str, str] = {}
    for lesson in lessons().values():
        if number := progress.noticed(lesson, known.passed(lesson.slug), deed, at_it=lesson.slug == known.lesson):
            facts |= progress.mark(lesson.slug, number, clock.now())
    if facts:
        with unit_of_work():
            learners.note(learner, facts)
    return bool(facts)


def _drawn(learner: Learner | None, *, in_hand: bool) -> str:
    """`in_hand`: a form stands on this page that the next step goes on with; to leave it would lose what is typed there."""
    known = way(learner) if learner else Way({})
    lesson = lessons().get(known.lesson)
    following = next((one for one in lessons().values() if known.over(one) is None), None)
    told = hint(learner, known) if learner else None
    here = in_hand or (told is not None and told.href == addresses.here())
    return render_template("training/line.html", learner=learner, hint=told, lesson=lesson, following=following, here=here)
