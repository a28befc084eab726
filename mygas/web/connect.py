"""Connecting an account: wizard CONNECT."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, current_app, redirect, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from mygas.domain import accounts, connecting
from mygas.domain.drafts import Draft
from mygas.domain.visitors import Visitor
from mygas.web import access, extended, steps
from mygas.web.access import open_to
from mygas.web.forms import connect as forms
from mygas.web.layout import notify
from mygas.wizard import Step, Wizard
from mygas.words import N_

bp = Blueprint("connect", __name__)

CONNECT = Wizard(
    "connect",
    (
        Step("supplier", N_("Какая региональная газовая компания Вас обслуживает?"), forms.supplier, connecting.choose_supplier,
             lambda d: d.get("supplier")),
        Step("account", N_("Номер лицевого счёта"), forms.account, connecting.connect_account, lambda d: d.get("connection")),
        Step("question", N_("Расширенная версия"), forms.question, connecting.answer_question, lambda d: d.get("question")),
    ),
)  # fmt: skip


@bp.route("/connect/<slug>", methods=["GET", "POST"])
@open_to("user", form_checks_token=True)
def step(slug: str) -> Response:
    return (_anew() if slug == "question" else None) or steps.run(journey, slug)


@bp.route("/connect/pin-request", methods=["GET", "POST"])
@open_to("user", form_checks_token=True)
def pin_request() -> Response:
    """The request for a PIN in the midst of connecting: the question waits."""
    if again := _anew():
        return again
    draft = steps.find_draft(journey)
    if draft is None or "connection" not in draft.answers:
        return redirect(url_for("connect.step", slug="supplier"), 303)
    return extended.ask_for_pin(access.my_account(draft.answers["connection"]), url_for("connect.step", slug="question"))


def _anew() -> Response | None:
    """Back to the first step, where the account that was being connected has been disconnected meanwhile."""
    draft = steps.find_draft(journey)
    ref = draft.answers.get("connection") if draft else None
    if ref is None or accounts.owned(access.my_connections(), ref):
        return None
    steps.forget_draft(journey)
    notify("info", gettext("Счёт, который Вы подключали, уже отключён от Вашего кабинета. Начните сначала."))
    return redirect(url_for("connect.step", slug="supplier"), 303)


def _finish(draft: Draft, _visitor: Visitor, _result: Any) -> Callable[[], Response]:
    ref, answered = draft.answers["connection"], draft.answers["question"] == "answered"

    def arrive() -> Response:
        basic = gettext("Поздравляем! Все шаги пройдены, Вы можете пользоваться Личным кабинетом клиента.")
        notify("good", gettext(extended.CONGRATULATION) if answered else basic)
        return access.leave(url_for("accounts.home", ref=ref))

    return arrive


def _context(step: Step, draft: Draft | None, _visitor: Visitor) -> Mapping[str, Any]:
    if step.slug == "supplier" or draft is None:
        return {}
    if step.slug == "question":
        connection = access.my_account(draft.answers["connection"])
        return {"answers": draft.answers, **extended.question_context(connection, url_for("connect.pin_request"))}
    return {"supplier": current_app.extensions["suppliers"][draft.answers["supplier"]]}


journey = steps.Journey(CONNECT, _finish, _context)
