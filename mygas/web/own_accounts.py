"""The room «Лицевые счета» of the settings: names and order of one's accounts, who else is connected, disconnecting."""

from flask import abort, current_app, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from mygas.domain import accounts, own_accounts, paying
from mygas.domain.accounts import Connection
from mygas.domain.work import unit_of_work
from mygas.suppliers import Supplier
from mygas.web import access, addresses, languages, order_words
from mygas.web.access import open_to
from mygas.web.forms.own_accounts import AliasForm
from mygas.web.layout import notify
from mygas.web.settings import bp, form_page
from mygas.words import Refused

A_PAGE = 20


@bp.get("/accounts", endpoint="accounts")
@open_to("user")
def all_accounts() -> str:
    return render_template(
        "settings/accounts.html",
        connections=access.my_connections(),
        suppliers=current_app.extensions["suppliers"],
        has_past=bool(own_accounts.past(access.user().id, limit=1)),
    )


@bp.route("/accounts/<ref>", methods=["GET", "POST"])
@open_to("user", form_checks_token=True)
def account(ref: str) -> Response:
    """Its name among one's own, and who else is connected.

    Others are shown in the extended version only, and not even counted in the basic one: that is had by whoever types
    an account's number (product.md §6), and he is not to learn whether the household would notice him.
    """
    connection = access.my_account(ref)
    form = AliasForm(obj=connection)

    def rename() -> Response:
        with unit_of_work():
            own_accounts.rename(connection, form.alias.data)
        notify("good", gettext("Сохранено."))
        return redirect(url_for("settings.accounts"), 303)

    extended = connection.access == "extended"
    others = [one for one in accounts.holders(connection.account_id) if one.ref != ref] if extended else []
    supplier = _supplier(connection)
    return form_page("settings/account.html", form, rename, connection=connection, supplier=supplier, others=others)


@bp.post("/accounts/<ref>/move")
@open_to("user")
def move(ref: str) -> Response:
    """«Выше», «Ниже»: the name of the button says which."""
    access.my_account(ref)
    with unit_of_work():
        own_accounts.move(access.user(), ref, "down" if "down" in request.form else "up")
    return redirect(url_for("settings.accounts"), 303)


@bp.get("/accounts/<ref>/disconnect")
@open_to("user")
def ask_disconnect(ref: str) -> str:
    """«Отключить лицевой счёт N?»"""
    connection = access.my_account(ref)
    payment = paying.open_of(connection)
    return render_template("settings/disconnect.html", connection=connection, payment=payment)


@bp.post("/accounts/<ref>/disconnect")
@open_to("user")
def disconnect(ref: str) -> Response:
    """Pressed twice, it was done the first time."""
    connection = accounts.owned(access.my_connections(), ref)
    if connection is None:
        own_accounts.past_one(access.user().id, ref) or abort(404)
        return redirect(url_for("settings.accounts"), 303)
    try:
        with unit_of_work():
            own_accounts.disconnect(access.visitor(), connection)
        notify("good", gettext("Счёт %(number)s отключён от Вашего кабинета.", number=connection.account.number))
    except Refused as refusal:
        notify("info", languages.refusal(refusal))
    return redirect(url_for("settings.accounts"), 303)


@bp.get("/accounts/past")
@open_to("user")
def past() -> str:
    """Accounts that were connected once: one's own payments to them stay within reach."""
    found = own_accounts.past(access.user().id, before=addresses.number("before"), limit=A_PAGE + 1)
    older = found[A_PAGE - 1].id if len(found) > A_PAGE else None
    suppliers = current_app.extensions["suppliers"]
    return render_template("settings/past.html", connections=found[:A_PAGE], older=older, suppliers=suppliers)


@bp.get("/accounts/past/<ref>")
@open_to("user")
def past_account(ref: str) -> str:
    """One's own payments, as far as the portal knows them; what the supplier booked is seen by who is connected."""
    connection = own_accounts.past_one(access.user().id, ref) or abort(404)
    before = addresses.number("before")
    found = paying.of_account(connection.account_id, A_PAGE + 1, connection.user_id, before)
    older = found[A_PAGE - 1].id if len(found) > A_PAGE else None
    return render_template(
        "settings/past_account.html", connection=connection, supplier=_supplier(connection), orders=found[:A_PAGE],
        states=order_words.STATES, older=older,
    )  # fmt: skip


def _supplier(connection: Connection) -> Supplier:
    supplier: Supplier = current_app.extensions["suppliers"].get(connection.supplier) or abort(404)
    return supplier
