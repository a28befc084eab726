"""A forgotten password: wizard RECOVER."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from mygas.domain import confirmations, passwords, recovery, signing_in
from mygas.domain.drafts import Draft
from mygas.domain.visitors import Visitor
from mygas.web import access, steps
from mygas.web.access import open_to
from mygas.web.forms import contacts as forms
from mygas.web.join import send_again
from mygas.web.layout import notify
from mygas.wizard import Step, Wizard
from mygas.words import N_

bp = Blueprint("recover", __name__)

RECOVER = Wizard(
    "recover",
    (
        Step("contact", N_("Восстановление пароля"), forms.recover, recovery.start, lambda d: d.get("contact")),
        Step("code", N_("Подтверждение"), forms.code, recovery.confirm, lambda d: d.get("confirmed_at"), reopen=False),
        Step("password", N_("Новый пароль"), forms.new_password, recovery.set_password, lambda d: d.get("password_set_at"),
             prepare=passwords.hash_in),
    ),
)  # fmt: skip


@bp.route("/recover/<slug>", methods=["GET", "POST"])
@open_to("anyone", form_checks_token=True)
def step(slug: str) -> Response:
    return steps.run(journey, slug)


@bp.post("/recover/code/again")
@open_to("anyone")
def again() -> Response:
    """Another code, in place of the last."""
    return send_again(journey)


def _finish(_draft: Draft, visitor: Visitor, user: signing_in.User) -> Callable[[], Response]:
    key = signing_in.begin_session(user, visitor)

    def arrive() -> Response:
        notify("good", gettext("Пароль изменён. Все прежние сеансы завершены."))
        return access.admit(access.leave(url_for("accounts.index")), key)

    return arrive


def _context(step: Step, draft: Draft | None, visitor: Visitor) -> Mapping[str, Any]:
    if step.slug == "code" and draft:
        return {"waiting": confirmations.waiting(draft)}
    return {"policy": passwords.POLICIES[visitor.rules.password_policy]}


journey = steps.Journey(RECOVER, _finish, _context)
