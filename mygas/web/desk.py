"""The operators' desk: sign-in, requests for PINs and what came with them. Those who come in person: web/counter.py."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, abort, current_app, make_response, redirect, render_template, request, url_for
from flask_babel import format_timedelta, gettext
from werkzeug.wrappers import Response as AnyResponse

from mygas import clock
from mygas.domain import desk_counts, operators, passwords, pin_requests, scans, serving, visible
from mygas.domain.pin_requests import PinRequest
from mygas.domain.work import unit_of_work
from mygas.suppliers import Supplier
from mygas.web import access, addresses, languages, layout
from mygas.web.access import open_to
from mygas.web.forms.desk import RefuseForm, SignInForm
from mygas.words import N_, Refused

bp = Blueprint("desk", __name__, url_prefix="/desk")
bp.after_request(layout.name_the_page)
STATES = {
    "open": N_("Ждут ответа"),
    "approved": N_("Одобрено"),
    "refused": N_("Отказано"),
    "undelivered": N_("Не доставлено"),
}
LETTERS = {  # what became of the answer, by the state of its outbox row
    ("approved", "ready"): N_("Одобрено, ПИН-код отправляется"),
    ("approved", "leased"): N_("Одобрено, ПИН-код отправляется"),
    ("approved", "done"): N_("ПИН-код отправлен"),
    ("approved", "dead"): N_("Одобрено, ПИН-код не доставлен"),
    ("refused", "dead"): N_("Отказано, сообщение не доставлено"),
}
_ENTRIES = {
    "queue": N_("Запросы"),
    "tickets": N_("Обращения"),
    "find": N_("Лицевой счёт"),
    "payments": N_("Платежи"),
    "refund_queue": N_("Возвраты"),
    "differences": N_("Сверка"),
    "registries": N_("Реестры"),
    "announcements": N_("Объявления"),
    "outages_page": N_("Приостановки"),
}
_COUNTED = {"tickets": "tickets", "payments": "reviews", "refund_queue": "refunds", "differences": "differences"}
"""Entries that tell how much waits there (desk_counts.waiting)."""
A_PAGE = 50
_SCAN_POLICY = (
    "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"  # no more
)


@bp.context_processor
def _frame() -> dict[str, Any]:
    """The frame of the desk in the place of the subscriber's: its own navigation, its own way out."""
    seated = access.at_desk()
    entries = _entries(seated.operator) if seated else []
    return {
        "home_href": url_for("desk.queue"),
        "sign_out_href": url_for("desk.sign_out"),
        "signed_in": seated is not None,
        "nav": [(text, href, addresses.here() == href) for text, href in entries],
    }


def _entries(operator: operators.Operator) -> list[tuple[str, str]]:
    """Words and address of each, with what waits there: «Возвраты (2)»."""
    waits = desk_counts.waiting(operator)
    counts = {endpoint: waits.get(_COUNTED.get(endpoint, ""), 0) for endpoint in _ENTRIES}
    return [
        (gettext(words) + (f" ({counts[endpoint]})" if counts[endpoint] else ""), url_for(f"desk.{endpoint}"))
        for endpoint, words in _ENTRIES.items()
        if operator.suppliers or endpoint == "tickets"  # who serves the portal's own support alone has nothing else here
    ]


@bp.route("/sign-in", methods=["GET", "POST"])
@open_to("anyone", form_checks_token=True)
def sign_in() -> AnyResponse:
    """Login, password and code on one page; which of the three was wrong is not said."""
    if access.at_desk() and request.method == "GET":
        return redirect(url_for("desk.queue"), 303)
    form = SignInForm(next=request.args.get("next"))
    if request.method == "POST" and form.validate():
        try:
            return _enter(form)
        except Refused as refusal:
            form.refuse(refusal)
    form.before_page()
    return make_response(render_template("desk/sign_in.html", form=form), 422 if request.method == "POST" else 200)


def _enter(form: SignInForm) -> AnyResponse:
    """The password is hashed between two transactions, never inside one."""
    visitor = access.visitor()
    with unit_of_work():
        attempt = operators.attempt(form.login.data, visitor)
    right = passwords.verify(attempt.password_hash, form.password.data)
    with unit_of_work():
        key = operators.open_session(attempt, visitor, password_right=right, code=form.code.data)
    target = access.safe_next(form.next.data) or ""
    home = url_for("desk.queue")
    return access.admit(access.leave(target if target.startswith(home) else home), key, access.DESK)


@bp.post("/sign-out")
@open_to("anyone")
def sign_out() -> AnyResponse:
    if seated := access.at_desk():
        with unit_of_work():
            operators.SESSIONS.end(seated.key)
    return access.dismiss(redirect(url_for("desk.sign_in"), 303), access.DESK)


@bp.get("/")
@open_to("operator")
def queue() -> AnyResponse | str:
    """Requests for PINs: open ones by how long they wait, decided ones newest first."""
    if not access.operator().suppliers:
        return redirect(url_for("desk.tickets"), 303)
    state = request.args.get("state", "open")
    if state not in STATES:
        abort(404)
    after = addresses.number("after")
    found = pin_requests.queue(access.operator().suppliers, state, after, A_PAGE + 1)
    return render_template(
        "desk/queue.html",
        requests=found[:A_PAGE],
        following=found[A_PAGE - 1].id if len(found) > A_PAGE else None,
        state=state,
        states=STATES,
        standing=standing,
        names=_names(),
        ago=ago,
        first_page=after is None,
    )


@bp.get("/requests/<ref>")
@open_to("operator")
def one_request(ref: str) -> str:
    return _request_page(_request(ref), RefuseForm())


@bp.post("/requests/<ref>/approve")
@open_to("operator")
def approve(ref: str) -> AnyResponse:
    """The PIN goes to its owner's confirmed contact; nobody sees it here."""
    found = _request(ref)
    done = gettext("Запрос № %(number)s: ПИН-код отправляется абоненту.", number=found.id)
    return do(lambda: pin_requests.approve(found, access.operator(), ip()), done, url_for("desk.queue"))


@bp.post("/requests/<ref>/refuse")
@open_to("operator")
def refuse(ref: str) -> AnyResponse:
    found, form = _request(ref), RefuseForm()
    if not form.validate():
        return make_response(_request_page(found, form), 422)
    done = gettext("Запрос № %(number)s: отказ с причиной отправляется абоненту.", number=found.id)
    return do(lambda: pin_requests.refuse(found, access.operator(), ip(), form.sentence), done, url_for("desk.queue"))


@bp.post("/requests/<ref>/again")
@open_to("operator")
def send_again(ref: str) -> AnyResponse:
    """«Отправить ещё раз» what could not be delivered."""
    found = _request(ref)
    done = gettext("Запрос № %(number)s: ответ отправляется ещё раз.", number=found.id)
    then = url_for("desk.one_request", ref=ref)
    return do(lambda: pin_requests.send_again(found, access.operator(), ip()), done, then)


@bp.get("/scans/<ref>")
@open_to("operator")
def scan(ref: str) -> AnyResponse:
    """The scan itself, written down in the audit."""
    with unit_of_work():
        opened = scans.open_for(access.operator(), ip(), ref)
    return show_file(opened)


def show_file(opened: scans.Opened | None) -> AnyResponse:
    """A sealed file that the operator may see now: a photograph on the screen, a PDF as a file that is never drawn here.

    404 with a word of explanation when its file is destroyed or spoiled.
    """
    if opened is None:
        abort(404)
    kept = current_app.extensions["scans"]
    try:
        response = Response(kept.read(opened.ref, opened.key), mimetype=opened.media_type)
    except kept.Spoiled:
        return make_response(render_template("desk/scan_gone.html"), 404)
    shown, suffix = ("inline", "jpg") if opened.media_type == "image/jpeg" else ("attachment", "pdf")
    response.headers["Content-Disposition"] = f'{shown}; filename="scan.{suffix}"'
    response.headers["Content-Security-Policy"] = _SCAN_POLICY
    return response


def do(deed: Callable[[], object], done: str, then: str) -> AnyResponse:
    """Do the deed, and say on the page `then` that it is done, or why it was refused."""
    try:
        with unit_of_work():
            deed()
        layout.notify("good", done)
    except Refused as refusal:
        layout.notify("warn", languages.refusal(refusal))
    return redirect(then, 303)


def _request(ref: str) -> PinRequest:
    return pin_requests.find(ref, access.operator().suppliers) or abort(404)


def _request_page(found: PinRequest, form: RefuseForm) -> str:
    return render_template(
        "desk/request.html",
        request_for_pin=found,
        form=form,
        card=visible.card(found.account_id),
        scans=scans.of_request(found.id),
        earlier=serving.requests_about(found.account_id, besides=found.id),
        documents=pin_requests.DOCUMENTS,
        standing=standing,
        why_undelivered=pin_requests.why_undelivered(found),
        names=_names(),
        ago=ago,
    )


def standing(one: PinRequest) -> str:
    """How the request stands, in words: decided, and whether the answer reached him who asked."""
    words: str = gettext(LETTERS.get((one.state, one.letter or ""), STATES[one.state]))
    return words


def suppliers() -> list[Supplier]:
    """The operator's suppliers that the catalogue still holds, by name."""
    catalogue = current_app.extensions["suppliers"]
    mine = [catalogue[slug] for slug in access.operator().suppliers if slug in catalogue]
    return sorted(mine, key=lambda supplier: supplier.name)


def _names() -> dict[str, str]:
    return {supplier.slug: supplier.name for supplier in suppliers()}


def ago(moment: datetime) -> str:
    """How long ago, in words: «3 дня»."""
    return how_long(clock.now() - moment)


def how_long(time: timedelta) -> str:
    words: str = format_timedelta(time)
    return words


def ip() -> str:
    return request.remote_addr or ""
