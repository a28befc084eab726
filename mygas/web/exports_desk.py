"""Registries that leave for the supplier's billing: made at the desk, downloaded as often as needed, always the same bytes."""

from typing import get_args

from flask import Response, abort, current_app, make_response, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from mygas.domain import audit, dispatches
from mygas.domain.dispatches import Dispatch, Kind
from mygas.suppliers import Supplier
from mygas.web import access, attachments, languages, layout
from mygas.web.access import open_to
from mygas.web.desk import bp, ip, suppliers
from mygas.web.forms.cash_desk import KIND_WORDS, RegistryForm
from mygas.words import Refused


@bp.get("/registries/")
@open_to("operator")
def registries() -> str:
    """What waits, and what has left."""
    return _page(_form())


@bp.post("/registries/")
@open_to("operator")
def make_registry() -> AnyResponse:
    """«Сформировать сейчас»."""
    form, operator, address = _form(), access.operator(), ip()
    if not form.validate():
        return make_response(_page(form), 422)

    def note(made: Dispatch) -> None:
        what = {"supplier": made.supplier, "kind": made.kind, "number": made.number}
        audit.by_operator("dispatch.make", operator, address, user_id=None, account_id=None, rows=made.rows, **what)

    try:
        made = current_app.extensions["dispatches"].make(_supplier(form.supplier.data), form.kind.data, note)
        layout.notify("good", gettext("Реестр № %(number)s готов, строк: %(rows)s.", number=made.number, rows=made.rows))
    except Refused as refusal:
        layout.notify("warn", languages.refusal(refusal))
    return redirect(url_for("desk.registries"), 303)


@bp.get("/registries/<slug>/<kind>/<int:number>")
@open_to("operator")
def registry_file(slug: str, kind: Kind, number: int) -> AnyResponse:
    """The same bytes as the first time, or none."""
    supplier = _supplier(slug)
    found = dispatches.find(slug, kind, number) if kind in get_args(Kind) else None
    if found is None:
        abort(404)
    dispatching = current_app.extensions["dispatches"]
    try:
        data = b"".join(dispatching.written(found, supplier))
    except dispatching.Altered:
        layout.notify("warn", gettext("Реестр изменился с тех пор, как был передан: выдать его нельзя. Сообщите администратору."))
        return redirect(url_for("desk.registries"), 303)
    name = dispatching.file_name(found, supplier)
    return attachments.named(Response(data, mimetype="text/csv"), name, name)


def _form() -> RegistryForm:
    form = RegistryForm()
    form.offer(suppliers())
    return form


def _page(form: RegistryForm) -> str:
    mine = {supplier.slug: supplier for supplier in suppliers()}
    return render_template(
        "desk/registries.html",
        form=form,
        waiting={key: count for key, count in dispatches.waiting(mine).items() if count},
        made=dispatches.listed(mine),
        suppliers=mine,
        kinds=KIND_WORDS,
    )


def _supplier(slug: str) -> Supplier:
    return next((one for one in suppliers() if one.slug == slug), None) or abort(404)
