"""Registration: wizard JOIN."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, abort, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from mygas.domain import confirmations, consents, passwords, registration, signing_in
from mygas.domain.drafts import Draft
from mygas.domain.visitors import Visitor
from mygas.domain.work import unit_of_work
from mygas.web import access, languages, steps
from mygas.web.access import open_to
from mygas.web.forms import contacts as forms
from mygas.web.layout import notify
from mygas.wizard import Step, Wizard
from mygas.words import N_, Refused

bp = Blueprint("join", __name__)

JOIN = Wizard(
    "join",
    (
        Step("contact", N_("Регистрация"), forms.join, registration.start, lambda d: d.get("contact"), prepare=passwords.hash_in),
        Step("code", N_("Подтверждение"), forms.code, registration.confirm, lambda d: d.get("confirmed_at"), reopen=False),
        Step("password", N_("Пароль"), forms.new_password, registration.choose_password, lambda d: d.get("password_hash"),
             reopen=False, spare=True, prepare=passwords.hash_in),
        Step("consent", N_("Согласие"), forms.consent, registration.accept, lambda d: d.get("consented_at"), reopen=False),
    ),
)  # fmt: skip


@bp.route("/join/<slug>", methods=["GET", "POST"])
@open_to("anyone", form_checks_token=True)
def step(slug: str) -> Response:
    return steps.run(journey, slug)


@bp.post("/join/code/again")
@open_to("anyone")
def again() -> Response:
    """Another code, in place of the last."""
    return send_again(journey)


@bp.get("/consent")
@open_to("anyone")
def consent_text() -> str:
    """The text by itself, to be read in peace and printed."""
    return render_template("join/consent_text.html", document=consents.current())


def send_again(asked: steps.Journey) -> Response:
    """Resend the code of a journey's draft; its refusal is a notice on the page of the code."""
    draft = steps.find_draft(asked) or abort(404)
    try:
        with unit_of_work():
            confirmations.resend(draft, access.visitor(draft.answers.get("entry", "")))
    except Refused as refusal:
        notify("warn", languages.refusal(refusal))
    else:
        notify("good", gettext("Новый код отправлен. Прежний больше не действует."))
    return redirect(url_for(f"{asked.wizard.name}.step", slug="code"), 303)


def _finish(_draft: Draft, visitor: Visitor, user: signing_in.User) -> Callable[[], Response]:
    key = signing_in.begin_session(user, visitor)

    def arrive() -> Response:
        notify("good", gettext("Вы успешно зарегистрированы в Системе. Для Вас создан Личный кабинет!"))
        return access.admit(access.leave(url_for("connect.step", slug="supplier")), key)

    return arrive


def _context(step: Step, draft: Draft | None, visitor: Visitor) -> Mapping[str, Any]:
    if step.slug == "code" and draft:
        return {"waiting": confirmations.waiting(draft)}
    if step.slug == "consent":
        return {"document": consents.current()}
    return {"policy": passwords.POLICIES[visitor.rules.password_policy]}


journey = steps.Journey(JOIN, _finish, _context)
