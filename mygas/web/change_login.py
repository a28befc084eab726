"""«Сменить логин»: wizard CHANGE_LOGIN; and the link by which whoever has the old login undoes it."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, render_template, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from mygas.contacts import Contact
from mygas.domain import confirmations, login_changes, people, signing_in
from mygas.domain.drafts import Draft
from mygas.domain.visitors import Visitor
from mygas.domain.work import unit_of_work
from mygas.web import access, languages, steps
from mygas.web.access import open_to
from mygas.web.forms import contacts as contact_forms
from mygas.web.forms import own as forms
from mygas.web.join import send_again
from mygas.web.layout import notify
from mygas.web.settings import late, prove
from mygas.wizard import Step, Wizard
from mygas.words import N_, Refused

bp = Blueprint("change_login", __name__)


CHANGE_LOGIN = Wizard(
    "change_login",
    (
        Step("contact", N_("Сменить логин"), forms.change_login, login_changes.start, lambda d: d.get("contact"), prepare=prove),
        Step("code", N_("Подтверждение"), contact_forms.code, login_changes.confirm, lambda d: d.get("changed_at"), reopen=False),
    ),
)


@bp.route("/settings/login/<slug>", methods=["GET", "POST"])
@open_to("user", form_checks_token=True)
def step(slug: str) -> Response:
    return steps.run(journey, slug)


@bp.post("/settings/login/code/again")
@open_to("user")
def again() -> Response:
    """Another code, in place of the last."""
    return send_again(journey)


@bp.get("/undo/<token>")
@open_to("anyone")
def undo(token: str) -> tuple[str, int] | str:
    """«Это были не Вы»: a page with a button, for scanners of mail open links."""
    change = login_changes.find(token)
    if change is None:
        return _over(gettext(login_changes.OVER))
    old = Contact(change.old_channel, change.old_login).masked  # type: ignore[arg-type]
    return render_template("change_login/undo.html", old=old, action=url_for("change_login.put_back", token=token))


@bp.post("/undo/<token>")
@open_to("anyone")
def put_back(token: str) -> Response | tuple[str, int]:
    try:
        with unit_of_work():
            login_changes.undo(token, access.visitor())
    except Refused as refusal:
        return _over(languages.refusal(refusal))
    notify("good", gettext("Прежний логин возвращён, все сеансы завершены. Прежний пароль больше не действует: задайте новый."))
    return access.leave(url_for("recover.step", slug="contact"))


def _over(why: str) -> tuple[str, int]:
    return render_template("change_login/undo_over.html", why=why), 410


def _finish(_draft: Draft, visitor: Visitor, user: signing_in.User) -> Callable[[], Response]:
    """All sessions end; this browser's goes on under a new key. Where the letter's link was opened in a browser that is not
    signed in, there is none to go on.
    """
    here = visitor.user is not None and visitor.user.id == user.id
    signing_in.end_all_sessions(user)
    key = signing_in.begin_session(user, visitor) if here else None

    def arrive() -> Response:
        notify("good", gettext("Логин изменён: входите теперь с ним. Остальные сеансы завершены."))
        return access.admit(access.leave(url_for("settings.profile")), key) if key else access.leave(url_for("start.sign_in"))

    return arrive


def _context(step: Step, draft: Draft | None, _visitor: Visitor) -> Mapping[str, Any]:
    if step.slug == "code" and draft:
        return {"waiting": confirmations.waiting(draft)}
    return {"login": people.known_as(current_user.user)}


journey = steps.Journey(CHANGE_LOGIN, _finish, _context, late)
