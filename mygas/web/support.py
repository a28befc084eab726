"""Questions to the support: asked by users and, without signing in, by guests, to whom the page opens by its link."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from flask import Blueprint, abort, current_app, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from mygas.contacts import Contact
from mygas.domain import questions, ticket_files, tickets
from mygas.domain.drafts import Draft
from mygas.domain.ticket_files import Sealed
from mygas.domain.tickets import Ticket
from mygas.domain.visitors import Visitor
from mygas.domain.work import unit_of_work
from mygas.web import access, addressees, addresses, languages, layout, steps, uploads
from mygas.web.access import open_to
from mygas.web.forms import support as forms
from mygas.web.forms.support import MessageForm
from mygas.web.layout import notify
from mygas.wizard import Step, Wizard
from mygas.words import N_, Refused

bp = Blueprint("support", __name__)
bp.after_request(layout.name_the_page)

A_PAGE = 30
STATES = {"open": N_("Ждёт ответа"), "answered": N_("Есть ответ"), "closed": N_("Закрыто")}


def _seal(data: dict[str, Any]) -> dict[str, Any]:
    """The question's files, cleaned and sealed in the vault before the transaction."""
    rest = {name: value for name, value in data.items() if name != "uploads"}
    return {**rest, "files": _sealed(data["uploads"])}


ASK = Wizard(
    "support",
    (
        Step("question", N_("Вопрос в поддержку"), forms.question, questions.ask, lambda d: d.get("text"), prepare=_seal),
        Step(
            "suggestions", N_("Может быть, ответ уже есть"), forms.send, questions.decide, lambda d: d.get("decided"), spare=True
        ),
    ),
)  # fmt: skip


@bp.get("/support/")
@open_to("user")
def index() -> str:
    """The user's tickets, newest first; and how else to reach those who answer."""
    found = tickets.of_user(current_user.user.id, request.args.get("after"), A_PAGE + 1)
    return render_template(
        "support/index.html",
        tickets=found[:A_PAGE],
        following=found[A_PAGE - 1].ref if len(found) > A_PAGE else None,
        states=STATES,
        name=addressees.name,
        ways=_ways(),
    )


@bp.get("/support/new")
@open_to("anyone")
def new() -> Response:
    """The short address of the form; `entry` is the supplier by whose entrance the visitor came."""
    return redirect(url_for("support.step", slug="question", entry=request.args.get("entry")), 303)


@bp.route("/support/new/<slug>", methods=["GET", "POST"])
@open_to("anyone", form_checks_token=True)
def step(slug: str) -> Response:
    """A step of asking. Who was signed out between the two signs in and finds his question where he left it."""
    if current_user.is_authenticated:
        request.max_content_length = uploads.MOST_BYTES
    elif slug != "question" and steps.has_begun(journey) and steps.find_draft(journey) is None and not _sent_before():
        return access.leave(url_for("start.sign_in", next=addresses.here()))
    return steps.run(journey, slug)


@bp.get("/support/tickets/<ref>")
@open_to("anyone")
def one(ref: str) -> Response:
    ticket = tickets.find(ref, _user_id())
    return _page(ticket, _message_form(ticket)) if ticket else _nothing_here()


@bp.post("/support/tickets/<ref>/add")
@open_to("anyone", form_checks_token=True)
def add(ref: str) -> Response:
    """Say more. Whoever was signed out meanwhile loses nothing of what he typed."""
    if current_user.is_authenticated:
        request.max_content_length = uploads.MOST_BYTES
    ticket = tickets.find(ref, _user_id())
    form = _message_form(ticket)
    if ticket is None:
        return abort(404) if current_user.is_authenticated else _signed_out(form)
    if form.validate():
        try:
            files = _sealed(form.uploads)
            with unit_of_work():
                tickets.add(access.visitor(), ticket, form.text.data, files)
            notify("good", gettext("Сообщение отправлено."))
            return redirect(url_for("support.one", ref=ref), 303)
        except Refused as refusal:
            form.refuse(refusal)
    return _page(ticket, form)


@bp.post("/support/tickets/<ref>/close")
@open_to("anyone")
def close(ref: str) -> Response:
    """«Вопрос решён, закрыть»."""
    ticket = tickets.find(ref, _user_id())
    if ticket is None:
        return _nothing_here()
    with unit_of_work():
        tickets.close(access.visitor(), ticket)
    notify("good", gettext("Обращение закрыто. Если вопрос вернётся, просто напишите сюда ещё раз."))
    return redirect(url_for("support.one", ref=ref), 303)


def _page(ticket: Ticket, form: MessageForm) -> Response:
    addressee = addressees.known().get(ticket.addressee)
    supplier = current_app.extensions["suppliers"].get(ticket.addressee)
    page = render_template(
        "support/one.html",
        ticket=ticket,
        form=form,
        messages=tickets.messages(ticket),
        states=STATES,
        to=addressees.name(ticket.addressee),
        when=partial(layout.when, supplier=supplier),
        by=addressee.answer_by(ticket.waiting_since) if addressee else None,
        contact=_contact(ticket),
        is_mine=ticket.user_id is not None,
    )
    return make_response(page, 422 if request.method == "POST" else 200)


def _signed_out(form: MessageForm) -> Response:
    """What was typed, kept for when he has signed in again; whose ticket it is (if it is one) is not said."""
    form.without_files()
    return make_response(render_template("support/signed_out.html", form=form, action=addresses.here()), 422)


def _nothing_here() -> Response:
    """A ticket that is not the user's does not exist for him; who is signed out may be its owner."""
    if current_user.is_authenticated:
        abort(404)
    return access.leave(url_for("start.sign_in", next=addresses.here() if request.method == "GET" else None))


def _message_form(ticket: Ticket | None) -> MessageForm:
    form = MessageForm()
    if ticket is not None and ticket.user_id is None:
        form.without_files()
    return form


def _sealed(chosen: list[tuple[str, FileStorage]]) -> list[Sealed]:
    """Raises Refused at the field of the file that is not taken."""
    kept = []
    for field, upload in chosen:
        with unit_of_work():
            ticket_files.count_one(access.visitor())
        kept.append(ticket_files.seal(uploads.keep(upload, field)))
    return kept


def _contact(ticket: Ticket) -> str:
    """Where the answer goes: the user's login; of a guest, who may not be the owner of the contact, enough to recognise it."""
    if ticket.user_id is not None:
        return str(current_user.user.login)
    channel = "email" if "@" in ticket.guest_contact else "phone"
    return Contact(channel, ticket.guest_contact).masked  # type: ignore[arg-type]


def _ways() -> list[Any]:
    """Other ways to the portal's support and to the user's suppliers."""
    suppliers = dict.fromkeys(connection.supplier for connection in access.my_connections())
    return [found for slug in ("", *suppliers) if (found := addressees.known().get(slug))]


def _sent_before() -> Ticket | None:
    """The ticket that this very form has opened already: its button was pressed twice."""
    key = request.form.get("request_key")
    return tickets.sent_by(access.visitor(), key) if key else None


def _finish(draft: Draft, visitor: Visitor, _result: None) -> Callable[[], Response]:
    ticket = tickets.send(visitor, questions.question_in(draft.answers, addressees.known()))

    def arrive() -> Response:
        notify("good", gettext("Обращение принято, его номер — %(number)s.", number=ticket.id))
        return redirect(url_for("support.one", ref=ticket.ref), 303)

    return arrive


def _late() -> Response:
    if sent := _sent_before():
        return redirect(url_for("support.one", ref=sent.ref), 303)
    notify("info", gettext("Этот вопрос уже отправлен из другого окна, или прошли сутки. Если нет — задайте его ещё раз."))
    return redirect(url_for("support.step", slug="question"), 303)


def _context(step: Step, draft: Draft | None, _visitor: Visitor) -> Mapping[str, Any]:
    answers: Mapping[str, Any] = draft.answers if draft else {}
    if step.slug == "suggestions":
        supplier = current_app.extensions["suppliers"].get(answers["to"])
        found = questions.suggestions(answers, supplier, languages.language())
        return {"found": found, "subject": answers["subject"], "text": answers["text"]}
    guest = not current_user.is_authenticated
    return {
        "kept": len(answers.get("files", [])),
        "login": "" if guest else current_user.user.login,
        "signed_out": guest and request.method == "POST" and "contact" not in request.form,
    }


def _user_id() -> int | None:
    return current_user.user.id if current_user.is_authenticated else None


journey = steps.Journey(ASK, _finish, _context, _late)
