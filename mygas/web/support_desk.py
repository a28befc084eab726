"""The desk's questions to the support: the queue, one of them, what is done with it."""

from functools import partial

from flask import abort, current_app, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from mygas.domain import people, reply_templates, ticket_desk, ticket_files, tickets
from mygas.domain.addressees import PORTAL
from mygas.domain.tickets import Ticket
from mygas.domain.work import unit_of_work
from mygas.web import access, addressees, layout
from mygas.web.access import open_to
from mygas.web.desk import ago, bp, do, how_long, ip, show_file
from mygas.web.forms import Form
from mygas.web.forms.support_desk import AnswerForm, AssignForm, CloseForm, FindTicketForm, NoteForm, PassOnForm
from mygas.web.support import STATES
from mygas.words import N_, Refused

A_PAGE = 50


@bp.route("/tickets/", methods=["GET", "POST"], endpoint="tickets")
@open_to("operator")
def ticket_queue() -> AnyResponse:
    """Those that wait, who waits longest on top; one by its number, posted, so that it does not stand in addresses."""
    form, operator = FindTicketForm(), access.operator()
    if request.method == "POST" and form.validate():
        if found := ticket_desk.of_number(operator, form.number.data):
            return redirect(url_for("desk.ticket", ref=found.ref), 303)
        form.refuse(Refused(N_("Обращения с таким номером у Вас нет."), field="number"))
    wanted = request.args.get("show", "waiting")
    if wanted not in ticket_desk.FILTERS:
        abort(404)
    shown = ticket_desk.queue(operator, wanted, request.args.get("after"), A_PAGE + 1)
    page = render_template(
        "desk/tickets.html",
        form=form,
        wanted=wanted,
        filters=ticket_desk.FILTERS,
        tickets=shown[:A_PAGE],
        following=shown[A_PAGE - 1].ref if len(shown) > A_PAGE else None,
        pace=ticket_desk.pace(operator),
        name=addressees.name,
        asker=_asker,
        states=STATES,
        ago=ago,
        how_long=how_long,
    )
    return make_response(page, 422 if request.method == "POST" else 200)


@bp.get("/tickets/<ref>")
@open_to("operator")
def ticket(ref: str) -> AnyResponse:
    return _page(_ticket(ref))


@bp.post("/tickets/<ref>/answer")
@open_to("operator", form_checks_token=True)
def answer(ref: str) -> AnyResponse:
    """To the asker. What a colleague said meanwhile is shown first, and what was typed is kept."""
    found = _ticket(ref)
    form = _answer_form(found)
    if form.validate():
        try:
            with unit_of_work():
                closing = bool(form.closing.data)
                ticket_desk.answer(access.operator(), ip(), found, form.text.data, form.version, closing=closing)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            layout.notify("good", gettext("Ответ на обращение № %(number)s отправляется.", number=found.id))
            return redirect(url_for("desk.tickets"), 303)
    return _page(_ticket(ref), form)


@bp.post("/tickets/<ref>/note")
@open_to("operator", form_checks_token=True)
def note_ticket(ref: str) -> AnyResponse:
    found, form = _ticket(ref), NoteForm()
    if not form.validate():
        return _page(found, form)
    then = url_for("desk.ticket", ref=ref)
    return do(lambda: ticket_desk.note(access.operator(), ip(), found, form.note.data), gettext("Заметка сохранена."), then)


@bp.post("/tickets/<ref>/assign")
@open_to("operator")
def assign_ticket(ref: str) -> AnyResponse:
    """To oneself or to a colleague of the same addressee."""
    found = _ticket(ref)
    form = _assign_form(found)
    if not form.validate():
        return _page(found, form)
    done, then = gettext("Ответственный назначен."), url_for("desk.ticket", ref=ref)
    return do(lambda: ticket_desk.assign(access.operator(), ip(), found, form.operator.data), done, then)


@bp.post("/tickets/<ref>/close")
@open_to("operator", form_checks_token=True)
def close_ticket(ref: str) -> AnyResponse:
    """«Закрыть без ответа», with the reason."""
    found, form = _ticket(ref), CloseForm()
    if not form.validate():
        return _page(found, form)
    done, then = gettext("Обращение закрыто."), url_for("desk.ticket", ref=ref)
    return do(lambda: ticket_desk.close(access.operator(), ip(), found, form.reason.data), done, then)


@bp.post("/tickets/<ref>/reopen")
@open_to("operator")
def reopen_ticket(ref: str) -> AnyResponse:
    found, then = _ticket(ref), url_for("desk.ticket", ref=ref)
    return do(lambda: ticket_desk.reopen(access.operator(), ip(), found), gettext("Обращение снова ждёт ответа."), then)


@bp.post("/tickets/<ref>/pass-on")
@open_to("operator")
def pass_on_ticket(ref: str) -> AnyResponse:
    """From the portal's support to a supplier, or back."""
    found = _ticket(ref)
    form = _pass_on_form(found)
    if not form.validate():
        return _page(found, form)
    to, before = addressees.known()[form.to.data], found.addressee
    done = gettext("Обращение № %(number)s передано: %(to)s.", number=found.id, to=addressees.name(to.slug))
    return do(lambda: ticket_desk.pass_on(access.operator(), ip(), found, to, before), done, url_for("desk.tickets"))


@bp.get("/ticket-files/<ref>")
@open_to("operator")
def ticket_file(ref: str) -> AnyResponse:
    """A file that came with a question, written down in the audit."""
    with unit_of_work():
        opened = ticket_files.open_for(access.operator(), ip(), ref)
    return show_file(opened)


def _ticket(ref: str) -> Ticket:
    return ticket_desk.find(access.operator(), ref) or abort(404)


def _page(found: Ticket, form: Form | None = None) -> AnyResponse:
    """`form` is the one that was sent; the others are drawn afresh."""
    answer_form = form if isinstance(form, AnswerForm) else _answer_form(found)
    answer_form.seen.data = found.version
    supplier = current_app.extensions["suppliers"].get(found.addressee)
    page = render_template(
        "desk/ticket.html",
        ticket=found,
        form=form or answer_form,
        answer_form=answer_form,
        note_form=form if isinstance(form, NoteForm) else NoteForm(),
        assign_form=form if isinstance(form, AssignForm) else _assign_form(found),
        close_form=form if isinstance(form, CloseForm) else CloseForm(),
        pass_on_form=form if isinstance(form, PassOnForm) else _pass_on_form(found),
        messages=tickets.messages(found, notes=True),
        asker=_asker(found),
        to=addressees.name(found.addressee),
        states=STATES,
        when=partial(layout.when, supplier=supplier),
        ago=ago,
        how_long=how_long,
        sees_account=found.account is not None and found.account.supplier in access.operator().suppliers,
    )
    return make_response(page, 422 if request.method == "POST" else 200)


def _answer_form(found: Ticket) -> AnswerForm:
    form = AnswerForm()
    form.offer(reply_templates.of(access.operator(), found.addressee))
    return form


def _assign_form(found: Ticket) -> AssignForm:
    form = AssignForm(operator=found.operator_id or access.operator().id)
    form.operator.choices = [(one.id, one.name) for one in ticket_desk.colleagues(found.addressee)]
    return form


def _pass_on_form(found: Ticket) -> PassOnForm:
    """A supplier's operators pass on to the portal, the portal's to any supplier: that of the account is offered first."""
    form = PassOnForm(to=found.account.supplier if found.account else None)
    others = [slug for slug in addressees.known() if slug != PORTAL] if found.addressee == PORTAL else [PORTAL]
    form.to.choices = [(slug, addressees.name(slug)) for slug in others]
    return form


def _asker(found: Ticket) -> str:
    """Who asks: a guest as he called himself, a user as far as others may know him."""
    if found.user is None:
        return f"{found.guest_name}, {found.guest_contact}"
    return people.known_as(found.user)
