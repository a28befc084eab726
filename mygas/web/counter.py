"""The counter: whoever comes in person. An account by its number, its PIN on paper, who is connected and who shall not be."""

from flask import abort, current_app, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from mygas.domain import accounts, serving, visible
from mygas.domain.serving import Account
from mygas.domain.work import unit_of_work
from mygas.suppliers import Supplier
from mygas.web import access, languages, layout, looks
from mygas.web.access import open_to
from mygas.web.desk import bp, do, ip, standing, suppliers
from mygas.web.forms.desk import FindForm, HandOverForm
from mygas.words import N_, Refused


@bp.route("/accounts/", methods=["GET", "POST"])
@open_to("operator")
def find() -> AnyResponse:
    """An account by its number: posted, so that numbers do not stand in addresses and logs."""
    form = FindForm()
    form.offer(suppliers())
    if request.method == "POST" and form.validate():
        account = serving.find(access.operator(), form.supplier.data, form.canonical)
        if account is not None:
            return redirect(url_for("desk.one_account", account_id=account.id), 303)
        form.refuse(Refused(N_("Такого счёта у этого поставщика нет. Сверьте номер с квитанцией."), field="number"))
    return make_response(render_template("desk/find.html", form=form), 422 if request.method == "POST" else 200)


@bp.get("/accounts/<int:account_id>/")
@open_to("operator")
def one_account(account_id: int) -> str:
    """The account; that it was looked at is written down."""
    account = _account(account_id)
    with unit_of_work():
        serving.note_look(access.operator(), ip(), account.id)
    return _account_page(account, HandOverForm())


@bp.post("/accounts/<int:account_id>/pin")
@open_to("operator")
def hand_over(account_id: int) -> AnyResponse:
    """Write down the document shown, and grant one look at the slip for the visitor."""
    account, form = _account_with_pin(account_id), HandOverForm()
    if not form.validate():
        return make_response(_account_page(account, form), 422)
    with unit_of_work():
        serving.note_pin_in_person(access.operator(), ip(), account, form.document.data)
    looks.grant(f"slip:{account.id}")
    return redirect(url_for("desk.slip", account_id=account.id), 303)


@bp.get("/accounts/<int:account_id>/slip")
@open_to("operator")
def slip(account_id: int) -> AnyResponse | str:
    """The account's PIN on paper for its owner: once for each time that a document was noted."""
    account = _account_with_pin(account_id)
    if nonce := looks.granted(f"slip:{account_id}"):
        with unit_of_work():
            pin = serving.open_slip(access.operator(), ip(), account, nonce)
        if pin is not None:
            supplier = current_app.extensions["suppliers"][account.supplier]
            return render_template("desk/slip.html", account=account, supplier=supplier, pin=pin)
    layout.notify("warn", gettext("ПИН-код показывается один раз. Чтобы выдать его снова, отметьте документ."))
    return redirect(url_for("desk.one_account", account_id=account_id), 303)


@bp.post("/accounts/<int:account_id>/revoke-pin")
@open_to("operator")
def revoke_pin(account_id: int) -> AnyResponse:
    account = _account_with_pin(account_id)
    done = gettext("Прежний ПИН-код больше не действует. Новый можно выдать лично или по запросу.")
    then = url_for("desk.one_account", account_id=account_id)
    return do(lambda: serving.revoke_pin(access.operator(), ip(), account), done, then)


@bp.post("/accounts/<int:account_id>/holders/<ref>")
@open_to("operator")
def take_back(account_id: int, ref: str) -> AnyResponse:
    """«Вернуть основную версию»."""
    account, then = _account(account_id), url_for("desk.one_account", account_id=account_id)
    done = gettext("Расширенная версия закрыта, пользователю отправлено сообщение.")
    return do(lambda: serving.take_back_extended(access.operator(), ip(), account, ref), done, then)


@bp.get("/accounts/<int:account_id>/holders/<ref>/disconnect")
@open_to("operator")
def ask_disconnect(account_id: int, ref: str) -> AnyResponse | str:
    """Whom it is about, and what will happen: to be read before he is cut off."""
    account = _account(account_id)
    supplier: Supplier = current_app.extensions["suppliers"].get(account.supplier) or abort(404)
    try:
        told = {"account": account, "holder": serving.holder(account, ref), "has_pins": supplier.access.pin}
        return render_template("desk/disconnect.html", **told)
    except Refused as refusal:
        layout.notify("warn", languages.refusal(refusal))
        return redirect(url_for("desk.one_account", account_id=account_id), 303)


@bp.post("/accounts/<int:account_id>/holders/<ref>/disconnect")
@open_to("operator")
def disconnect(account_id: int, ref: str) -> AnyResponse:
    account, then = _account(account_id), url_for("desk.one_account", account_id=account_id)
    done = gettext("Пользователь отключён от счёта, ему отправлено сообщение.")
    return do(lambda: serving.disconnect(access.operator(), ip(), account, ref), done, then)


def _account(account_id: int) -> Account:
    return serving.account(access.operator(), account_id) or abort(404)


def _account_with_pin(account_id: int) -> Account:
    """The same, of a supplier that has PINs at all."""
    account = _account(account_id)
    supplier: Supplier | None = current_app.extensions["suppliers"].get(account.supplier)
    return account if supplier is not None and supplier.access.pin else abort(404)


def _account_page(account: Account, form: HandOverForm) -> str:
    return render_template(
        "desk/account.html",
        account=account,
        form=form,
        card=visible.card(account.id),
        supplier=current_app.extensions["suppliers"].get(account.supplier) or abort(404),
        holders=accounts.holders(account.id),
        earlier=serving.requests_about(account.id),
        standing=standing,
    )
