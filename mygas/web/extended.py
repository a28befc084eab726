"""Extended access to an account: the control question, the request for a PIN, the PIN for its owner."""

from flask import Blueprint, abort, current_app, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from mygas.contacts import Contact
from mygas.domain import audit, challenges, pin_requests, pins
from mygas.domain.accounts import Connection
from mygas.domain.pin_requests import PinRequest
from mygas.domain.work import unit_of_work
from mygas.suppliers import Supplier
from mygas.web import access, addresses, looks, uploads
from mygas.web.access import open_to
from mygas.web.forms import extended as forms
from mygas.web.forms.extended import PinRequestForm
from mygas.web.layout import notify
from mygas.words import N_, Refused

bp = Blueprint("extended", __name__)

CONGRATULATION = N_("Поздравляем! Все шаги пройдены, Вы можете пользоваться полной версией Личного кабинета клиента.")


@bp.route("/accounts/<ref>/extend", methods=["GET", "POST"])
@open_to("user", form_checks_token=True)
def begin(ref: str) -> Response:
    """The control question, put from the account; in CONNECT it is the last step of the wizard."""
    connection = access.my_account(ref)
    supplier = _supplier(connection)
    home = url_for("accounts.home", ref=ref)
    if connection.access == "extended":
        return redirect(home, 303)
    form = forms.question(connection, supplier)
    if request.method == "POST" and form.validate():
        if form.later.data:
            return redirect(home, 303)
        try:
            with unit_of_work():
                challenges.answer(visitor=access.visitor(), **form.answer())
            notify("good", gettext(CONGRATULATION))
            return access.leave(home)
        except Refused as refusal:
            form.refuse(refusal)
    request_href = url_for("extended.pin_request", ref=ref)
    page = render_template(
        "extended/begin.html", form=form, action=addresses.here(), **question_context(connection, request_href)
    )
    return make_response(page, 422 if request.method == "POST" else 200)


@bp.route("/accounts/<ref>/pin-request", methods=["GET", "POST"])
@open_to("user", form_checks_token=True)
def pin_request(ref: str) -> Response:
    return ask_for_pin(access.my_account(ref), url_for("extended.begin", ref=ref))


@bp.get("/accounts/<ref>/pin")
@open_to("user")
def pin(ref: str) -> str | Response:
    """The PIN of the account, for him who has proved it to be his, where the supplier prints it on receipts anyway.

    It is in sight on the one page that follows the pressing of the button, and each look is audited.
    """
    connection = _with_pin(ref)
    if connection.access == "basic":
        return redirect(url_for("extended.begin", ref=ref), 303)
    shown = None
    if nonce := looks.granted(f"pin:{ref}"):
        with unit_of_work():
            if pins.use_look(nonce):
                audit.by_user("pin.show", access.visitor(), account_id=connection.account_id)
                shown = pins.current(connection.account)
    return render_template("extended/pin.html", connection=connection, shown=shown)


@bp.post("/accounts/<ref>/pin/show")
@open_to("user")
def show_pin(ref: str) -> Response:
    _with_open_pin(ref)
    looks.grant(f"pin:{ref}")
    return redirect(url_for("extended.pin", ref=ref), 303)


@bp.post("/accounts/<ref>/pin/change")
@open_to("user")
def change_pin(ref: str) -> Response:
    connection = _with_open_pin(ref)
    with unit_of_work():
        pins.revoke(connection.account_id)
        audit.by_user("pin.change", access.visitor(), account_id=connection.account_id)
    notify("good", gettext("ПИН-код сменён. Прежний больше не действует."))
    return redirect(url_for("extended.pin", ref=ref), 303)


def question_context(connection: Connection, request_href: str) -> dict[str, object]:
    """What stands beside the control question."""
    return {
        "supplier": _supplier(connection),
        "home": url_for("accounts.home", ref=connection.ref),
        "request_href": request_href,
        "requests": pin_requests.of_user(connection.user_id, connection.account_id),
        "login": _login(),
    }


def ask_for_pin(connection: Connection, question_href: str) -> Response:
    """The page of a request for a PIN, during CONNECT and later; `question_href` is where it was opened from."""
    supplier = _supplier(connection)
    if not supplier.access.request:
        abort(404)
    if connection.access == "extended":
        return redirect(url_for("accounts.home", ref=connection.ref), 303)
    request.max_content_length = uploads.MOST_BYTES
    form = forms.pin_request(access.visitor(), supplier)
    if request.method == "POST" and form.validate():
        try:
            filed = _file(connection, form)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            notify("good", gettext("Запрос № %(number)s отправлен.", number=filed.id))
            return redirect(question_href, 303)
    requests = pin_requests.of_user(connection.user_id, connection.account_id)
    page = render_template(
        "extended/pin_request.html",
        form=form,
        action=addresses.here(),
        supplier=supplier,
        connection=connection,
        requests=requests,
        waits=any(one.state == "open" for one in requests),
        login=_login(),
        question_href=question_href,
    )
    return make_response(page, 422 if request.method == "POST" else 200)


def _file(connection: Connection, form: PinRequestForm) -> PinRequest:
    pin_requests.check(connection)
    scan = uploads.keep(form.scan.data) if "scan" in form else None
    with unit_of_work():
        return pin_requests.submit(access.visitor(), connection, scan=scan, **form.answer())


def _with_pin(ref: str) -> Connection:
    """The user's own account, of a supplier whose PINs stand on receipts."""
    connection = access.my_account(ref)
    return connection if _supplier(connection).access.pin_on_receipt else abort(404)


def _with_open_pin(ref: str) -> Connection:
    """The same, once the account has been proved to be the user's."""
    connection = _with_pin(ref)
    return connection if connection.access == "extended" else abort(404)


def _supplier(connection: Connection) -> Supplier:
    supplier: Supplier = current_app.extensions["suppliers"].get(connection.supplier) or abort(404)
    return supplier


def _login() -> str:
    """Where a PIN will be sent: the confirmed login, masked."""
    user = access.user()
    return Contact(user.channel, user.login).masked  # type: ignore[arg-type]
