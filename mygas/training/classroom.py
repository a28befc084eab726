"""Pages of the lessons: their list, one lesson with its steps, the receipt and the meter as drawn, the certificate."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, current_app, make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse
from wtforms import StringField
from wtforms.validators import Length

from mygas.domain.work import unit_of_work
from mygas.suppliers import Supplier
from mygas.training import coach, desks, learners, pages, progress, values
from mygas.training.learners import Learner
from mygas.training.syllabus import Lesson
from mygas.web import access
from mygas.web.access import open_to
from mygas.web.forms import Form
from mygas.web.layout import name_the_page
from mygas.words import N_

bp = Blueprint("classroom", __name__)
bp.after_request(name_the_page)

NAME = "certificate_name"
WHOLE, PARTS = 5, 3
"""Digits of the drawn meter before and after the comma."""


class NameForm(Form):
    name = StringField(N_("Ваше имя"), [Length(max=100, message=N_("Слишком длинно: до 100 знаков."))])


@dataclass(frozen=True)
class Meter:
    """What stands on the drawn meter; `whole` as it is entered."""

    whole: int
    parts: str

    whole_digits = WHOLE

    @property
    def digits(self) -> str:
        return f"{self.whole:0{WHOLE}d}{self.parts}"


@bp.get("/lessons/")
@open_to("anyone")
def index() -> str:
    learner = pages.learner()
    way = coach.way(learner)
    lessons = list(coach.lessons().values())
    present = coach.lessons().get(way.lesson)
    return render_template(
        "training/lessons.html",
        lessons=lessons,
        way=way,
        finished=[lesson for lesson in lessons if way.over(lesson)],
        present=present if present and not way.over(present) else None,
    )


@bp.get("/lessons/<slug>/")
@open_to("anyone")
def lesson(slug: str) -> str:
    learner, one = pages.learner(), _lesson(slug)
    way = coach.way(learner)
    done = way.done(slug)
    earlier = coach.lessons().get(one.after)
    his = values.Values(learner)
    return render_template(
        "training/lesson.html",
        lesson=one,
        steps=[{"say": values.filled(step.say, his), "said": values.filled(step.said, his)} for step in one.steps],
        done=done,
        passed=way.passed(slug),
        turn=progress.present(one, way.passed(slug)),
        at_it=way.lesson == slug,
        earlier=earlier if earlier and not way.over(earlier) else None,
    )


@bp.post("/lessons/<slug>/")
@open_to("anyone")
def begin(slug: str) -> AnyResponse:
    """Begin the lesson, go on with it, or go through it once more; ends where its next step is done."""
    learner, one = pages.learner(), _lesson(slug)
    if coach.way(learner).over(one):
        return again(slug)
    _prepare(learner, one)
    with unit_of_work():
        learners.note(learner, progress.at(slug))
    return access.leave(_next_page(learner))


@bp.post("/lessons/<slug>/again")
@open_to("anyone")
def again(slug: str) -> AnyResponse:
    """From the first step. Where nobody can go through it twice a newcomer does, beginning with what leads to it; he keeps the
    marks of other lessons."""
    learner, one = pages.learner(), _lesson(slug)
    if one.afresh:
        first = coach.first_of(one)
        return pages.renew(learner, {**progress.at(first.slug), **progress.unmark(first), **progress.unmark(one)})
    facts = {**progress.at(slug), **progress.unmark(one)}
    _prepare(learner, one, afresh=True)
    with unit_of_work():
        learners.note(learner, facts)
    return access.leave(_next_page(learner))


@bp.post("/lessons/<slug>/skip")
@open_to("anyone")
def skip(slug: str) -> AnyResponse:
    """Pass a step over, if its turn is still on: the button may be pressed twice."""
    learner, one = pages.learner(), _lesson(slug)
    turn = progress.present(one, coach.way(learner).passed(slug))
    if turn and request.form.get("step") == str(turn):
        with unit_of_work():
            learners.note(learner, progress.skipped(slug, turn))
    return redirect(url_for("classroom.lesson", slug=slug), 303)


@bp.route("/leave", methods=["GET", "POST"])
@open_to("anyone")
def leave() -> AnyResponse:
    """The way out; or on without the coach."""
    learner = pages.learner()
    if request.method == "GET":
        return make_response(render_template("training/leave.html"))
    with unit_of_work():
        learners.note(learner, progress.at(""))
    return redirect(url_for("classroom.index"), 303)


@bp.get("/receipt")
@open_to("anyone")
def receipt() -> str:
    return render_template("training/receipt.html", password=values.PASSWORD, **_drawn(pages.learner()))


@bp.get("/drawings/<any(receipt, meter):name>.svg")
@open_to("anyone")
def drawing(name: str) -> Response:
    return Response(render_template(f"training/{name}.svg", **_drawn(pages.learner())), mimetype="image/svg+xml")


@bp.route("/certificate", methods=["GET", "POST"])
@open_to("anyone", form_checks_token=True)
def certificate() -> AnyResponse:
    """The lessons that are over, to be printed. A name lives in the browser's session alone."""
    learner, form = pages.learner(), NameForm(name=session.get(NAME, ""))
    if request.method == "POST" and form.validate():
        session[NAME] = (form.name.data or "").strip()
        return redirect(url_for("classroom.certificate"), 303)
    way = coach.way(learner)
    finished = [(one, at) for one in coach.lessons().values() if (at := way.over(one))]
    page = render_template(
        "training/certificate.html", form=form, name=session.get(NAME), finished=finished, count=len(coach.lessons())
    )
    return make_response(page, 422 if request.method == "POST" else 200)


def _lesson(slug: str) -> Lesson:
    return coach.lessons().get(slug) or abort(404)


def _prepare(learner: Learner, one: Lesson, *, afresh: bool = False) -> None:
    """Staff need a desk to sit at."""
    if one.audience == "staff" and (afresh or not desks.has(learner)):
        suppliers, settings = current_app.extensions["suppliers"], current_app.extensions["settings"]
        desks.make(learner, access.visitor(), suppliers, settings, values.PASSWORD)


def _next_page(learner: Learner) -> str:
    """Where the next step is done, as far as there is a way to it."""
    here = coach.hint(learner, coach.way(learner))
    return here.href if here and here.href else url_for("start.sign_in")


def _drawn(learner: Learner) -> dict[str, Any]:
    supplier: Supplier = current_app.extensions["suppliers"][learner.supplier]
    meter = Meter(values.on_meter(learner), learner.serial[-PARTS:])
    return {"supplier": supplier, "meter": meter}
