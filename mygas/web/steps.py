"""Runs every wizard: one view for all journeys, with scripts and without."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from flask import abort, g, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from mygas.domain import drafts
from mygas.domain.drafts import Draft
from mygas.domain.visitors import Visitor
from mygas.domain.work import unit_of_work
from mygas.web import access
from mygas.web.forms import Form
from mygas.web.layout import name_the_page, notify
from mygas.wizard import Step, Wizard
from mygas.words import Refused


@dataclass(frozen=True)
class Journey:
    """A wizard on the web.

    `finish` runs in the last step's transaction and returns what makes the answer once it is committed; `context` gives
    a step's page what stands beside its form; `late` answers whoever comes when the journey is over. `place` is what the
    addresses of the steps hold beside the slug (whose account is paid for): each place has a draft of its own.
    """

    wizard: Wizard
    finish: Callable[[Draft, Visitor, Any], Callable[[], Response]]
    context: Callable[[Step, Draft | None, Visitor], Mapping[str, Any]]
    late: Callable[[], Response] = field(default_factory=lambda: _late)
    place: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What the cookie knows the journey by."""
        return "/".join((self.wizard.name, *self.place.values()))

    def url(self, step: Step) -> str:
        return url_for(f"{self.wizard.name}.step", slug=step.slug, **self.place)


def run(journey: Journey, slug: str) -> Response:
    """One step: show its page, or take its answer. Ends in 200, in 422 with the same page, or in 303 to the next."""
    step = journey.wizard.step(slug) or abort(404)
    draft = find_draft(journey)
    answers = draft.answers if draft else {}
    if draft is None and step is not journey.wizard.steps[0] and (request.method == "POST" or has_begun(journey)):
        forget_draft(journey)
        return journey.late()
    if not journey.wizard.may_open(step, answers):
        return redirect(journey.url(journey.wizard.current(answers) or journey.wizard.steps[0]), 303)
    visitor = access.visitor(request.values.get("entry", answers.get("entry", "")))
    form: Form = step.form(visitor, answers)
    if request.method == "POST" and form.validate():
        try:
            return _advance(journey, step, visitor, form)
        except Refused as refusal:
            form.refuse(refusal)
    return _page(journey, step, draft, visitor, form)


def find_draft(journey: Journey, *, to_change: bool = False) -> Draft | None:
    """The draft of this browser (and, in a journey of users, of this user). Read once a request, unless it is to be changed."""
    ref = _begun().get(journey.name)
    read: dict[tuple[str, str | None], Draft | None] = g.setdefault("drafts", {})
    if to_change or (journey.name, ref) not in read:
        read[journey.name, ref] = drafts.find(journey.wizard.name, ref, _user_id(), to_change=to_change)
    return read[journey.name, ref]


def has_begun(journey: Journey) -> bool:
    """Whether this browser has begun the journey; its draft may be over, or that of a user who is signed out by now."""
    return journey.name in _begun()


def holds(journey: Journey, ref: str) -> bool:
    """Whether this browser is the one that carries on the draft of that ref."""
    return _begun().get(journey.name) == ref


def keep_draft(journey: Journey, draft: Draft) -> None:
    """Let this browser carry the journey on."""
    session["drafts"] = {**_begun(), journey.name: draft.ref}


def forget_draft(journey: Journey) -> None:
    session["drafts"] = {name: ref for name, ref in _begun().items() if name != journey.name}


def _begun() -> dict[str, str]:
    """The journeys that this browser has begun: their names and refs of their drafts."""
    return dict(session.get("drafts", {}))


def _advance(journey: Journey, step: Step, visitor: Visitor, form: Form) -> Response:
    data = step.prepare(form.answer())
    with unit_of_work():
        draft = _draft_in_hand(journey, step)
        if draft is None:
            return journey.late()
        result = step.act(draft, visitor, **data)
        go_on = move_on(journey, draft, visitor, result)
    return go_on()


def move_on(journey: Journey, draft: Draft, visitor: Visitor, result: Any) -> Callable[[], Response]:
    """What makes the answer once the transaction of a step is committed: the next step, or the journey's end."""
    following = journey.wizard.current(draft.answers)
    if following is not None:
        return partial(_next, journey, draft, following)
    arrive = journey.finish(draft, visitor, result)
    drafts.end(draft)
    return partial(_end, journey, arrive)


def _next(journey: Journey, draft: Draft, following: Step) -> Response:
    keep_draft(journey, draft)
    return redirect(journey.url(following), 303)


def _end(journey: Journey, arrive: Callable[[], Response]) -> Response:
    forget_draft(journey)
    return arrive()


def _draft_in_hand(journey: Journey, step: Step) -> Draft | None:
    """The draft as it stands in this transaction, begun by the first step; None when the same answer was faster elsewhere."""
    draft = find_draft(journey, to_change=True)
    if draft is None and step is journey.wizard.steps[0]:
        draft = drafts.begin(journey.wizard.name, _user_id(), once=f"{session['csrf_token']} {journey.name}")
    return draft if draft and journey.wizard.may_open(step, draft.answers) else None


def _late() -> Response:
    """The journey has gone on elsewhere: a button pressed twice, another tab, the letter's link on another device."""
    notify("info", gettext("Этот шаг уже пройден в другом окне. Если Вы закончили регистрацию, войдите со своим логином."))
    return redirect(url_for("start.sign_in"), 303)


def _page(journey: Journey, step: Step, draft: Draft | None, visitor: Visitor, form: Form) -> Response:
    form.before_page()
    number, count = journey.wizard.place(step)
    back = journey.wizard.back(step, draft.answers if draft else {})
    page = render_template(
        f"{journey.wizard.name}/{step.slug}.html",
        form=form,
        step=step,
        number=number,
        count=count,
        action=journey.url(step),
        back_href=journey.url(back) if back else None,
        rules=visitor.rules,
        **journey.context(step, draft, visitor),
    )
    return name_the_page(make_response(page, 422 if request.method == "POST" else 200))


def _user_id() -> int | None:
    return current_user.user.id if current_user.is_authenticated else None
