"""Announcements and functions that are off, on the pages of those whom they concern."""

from collections.abc import Sequence

from flask import Blueprint, Flask, abort, current_app, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from mygas.domain import bulletins, outages
from mygas.domain.accounts import Connection
from mygas.domain.bulletins import Bulletin
from mygas.domain.work import unit_of_work
from mygas.suppliers import Supplier
from mygas.web import access, addresses, languages
from mygas.web.access import open_to
from mygas.web.layout import name_the_page

bp = Blueprint("announcements", __name__, url_prefix="/announcements")
bp.after_request(name_the_page)
A_PAGE = 20


def register(app: Flask) -> None:
    """What templates say of functions that are off, by `kit.off`."""
    app.jinja_env.globals.update(off=off)


def off(supplier: Supplier | None, *functions: str) -> list[str]:
    """A sentence for each of the functions that is off now."""
    found = outages.off(_standing(supplier), supplier, functions)
    say = languages.spoken().say
    return [say(sentence, **values) for sentence, values in (outages.told(one, supplier) for one in found)]


def concerning(connection: Connection, address: str | None) -> list[Bulletin]:
    """What is announced to the owner of the account and not put away; its address is told in the extended version only."""
    return bulletins.concerning(_standing(None), connection.supplier, address if connection.access == "extended" else None)


def concerning_any(connections: Sequence[Connection]) -> list[Bulletin]:
    """What is announced of any of the accounts, each once."""
    known = _standing(None)
    by_address = [one for one in known if one.prefix]
    told = bulletins.addresses([one.account_id for one in connections]) if by_address else {}
    shown = [one for each in connections for one in concerning(each, told.get(each.account_id))]
    return list({one.id: one for one in shown}.values())


def _standing(supplier: Supplier | None) -> list[Bulletin]:
    """What stands for the suppliers of the user's accounts, or for the one whose page it is; read once a request."""
    if "bulletins" not in g:
        user = current_user.user if current_user.is_authenticated else None
        slugs = _my_suppliers() if user else {supplier.slug} if supplier else set()
        g.bulletins = bulletins.standing(slugs, user.id if user else None)
    known: list[Bulletin] = g.bulletins
    return known


def _my_suppliers() -> set[str]:
    return {connection.supplier for connection in access.my_connections()}


@bp.get("/")
@open_to("user")
def archive() -> str:
    """All that was ever announced to the suppliers of one's accounts."""
    shown = bulletins.archive(_my_suppliers(), A_PAGE + 1, addresses.number("before"))
    following = shown[A_PAGE - 1].id if len(shown) > A_PAGE else None
    names = current_app.extensions["suppliers"]
    return render_template("announcements/archive.html", shown=shown[:A_PAGE], following=following, suppliers=names)


@bp.post("/<ref>/dismiss")
@open_to("user")
def dismiss(ref: str) -> Response:
    with unit_of_work():
        done = bulletins.dismiss(current_user.user, ref, _my_suppliers())
    if not done:
        abort(404)
    return redirect(access.safe_next(request.form.get("next")) or url_for("accounts.index"), 303)
