"""The accounts of a user, and the home page of each."""

from flask import Blueprint, abort, current_app, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from mygas.domain import accounts, metering, own_accounts
from mygas.domain.accounts import Connection
from mygas.web import access, bulletins, explanations, readings, sections
from mygas.web.access import open_to

bp = Blueprint("accounts", __name__)
MOST_PAST = 3


@bp.app_template_filter()
def named(connection: Connection) -> str:
    """What its user calls the account, and its number; the number alone where he calls it nothing."""
    number = connection.account.number
    if connection.alias:
        return str(gettext("%(alias)s, счёт %(number)s", alias=connection.alias, number=number))
    return str(gettext("Счёт %(number)s", number=number))


@bp.app_template_filter()
def numbered(connection: Connection) -> str:
    """«59000001 (Дом)»."""
    return f"{connection.account.number} ({connection.alias})" if connection.alias else str(connection.account.number)


@bp.get("/accounts/")
@open_to("user")
def index() -> Response | str:
    """The only account at once; a list of several; the way to connect the first one, and what has become of those there were."""
    mine = access.my_connections()
    if len(mine) == 1:
        return redirect(url_for("accounts.home", ref=mine[0].ref), 303)
    return render_template(
        "accounts/index.html",
        connections=mine,
        past=[] if mine else own_accounts.past(access.user().id, limit=MOST_PAST),
        suppliers=current_app.extensions["suppliers"],
        announcements=bulletins.concerning_any(mine),
    )


@bp.get("/accounts/<ref>/")
@open_to("user")
def home(ref: str) -> str:
    """What is owed, the last charges and payments, and what else there is: as much as is open to this connection."""
    connection = access.my_account(ref)
    supplier = current_app.extensions["suppliers"].get(connection.supplier) or abort(404)
    page = accounts.home(connection, supplier) or abort(404)
    today = supplier.today()
    takes_readings = page.card.has_meter and not page.card.closed and accounts.is_open("readings", connection, supplier)
    entry = readings.Entry(connection, supplier) if takes_readings else None
    return render_template(
        "accounts/home.html",
        connection=connection,
        supplier=supplier,
        page=page,
        address=accounts.address_for(connection, page.card),
        announcements=bulletins.concerning(connection, page.card.address),
        charges_are_open=accounts.is_open("charges", connection, supplier),
        pays=accounts.is_open("pay", connection, supplier),
        payments_are_open=accounts.is_open("payments", connection, supplier),
        warning=metering.warning(page.card.verified_until, today),
        today=today,
        entry=entry,
        source_words=explanations.source_words,
        contents=sections.contents(connection, supplier),
        way_in=sections.way_in(connection),
        others=[other for other in access.my_connections() if other is not connection],
    )
