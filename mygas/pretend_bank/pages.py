"""The training bank's pages, for the payer: plain HTML in Russian, no scripts, no cookies. The API is not among them."""

import base64
import secrets
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, redirect, render_template, request, url_for
from jinja2 import StrictUndefined

from mygas import money
from mygas.pretend_bank import cards
from mygas.pretend_bank.bank import Bank
from mygas.pretend_bank.drawers import Thing

_REASONS = {
    "insufficient_funds": "На карте не хватает денег.",
    "issuer_unavailable": "Банк, выпустивший карту, не ответил.",
    "3d_secure_failed": "Код подтверждения трижды введён неверно.",
    "expired_on_confirmation": "Оплату отменили или не закончили за час.",
}
_ROOM = Path(__file__).parent
_STYLE = (_ROOM / "templates" / "style.css").read_text(encoding="utf-8")
_STYLE_HASH = base64.b64encode(sha256(_STYLE.encode()).digest()).decode()


def pages(bank: Bank) -> Flask:
    """The pages, to be mounted where `bank.address` points."""
    app = Flask("mygas.pretend_bank.pages", root_path=str(_ROOM), static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
    app.extensions["bank"] = bank
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.globals.update(style=_STYLE, rubles=_rubles, grouped=cards.grouped, reasons=_REASONS)
    app.add_url_rule("/pay/<payment_id>", "pay", _pay)
    for endpoint, view in (("card", _card), ("sbp", _sbp), ("code", _code)):
        app.add_url_rule(f"/pay/<payment_id>/{endpoint}", endpoint, view, methods=["GET", "POST"])
    app.add_url_rule("/pay/<payment_id>/refuse", "refuse", _refuse, methods=["POST"])
    app.register_error_handler(404, lambda _: (render_template("missing.html"), 404))
    app.after_request(_dress)
    return app


def _pay(payment_id: str) -> Any:
    """The payment as it stands: the choice of a way to pay, the code, the waiting, the outcome."""
    payment = _payment(payment_id)
    if payment["stage"] == "code":
        return redirect(url_for("code", payment_id=payment_id), 303)
    return _page({"choose": "choose.html", "waiting": "waiting.html", "over": "over.html"}[payment["stage"]], payment)


def _card(payment_id: str) -> Any:
    payment = _payment(payment_id, stage="choose")
    if request.method == "GET":
        return _page("card.html", payment, typed={}, wrong={}, cards=cards.CARDS)
    typed = {name: request.form.get(name, "")[:40] for name in ("number", "expiry", "cvc")}
    card, wrong = cards.read(**typed)
    if card is None:
        return _page("card.html", payment, typed=typed, wrong=wrong, cards=cards.CARDS), 422
    _bank().pay(payment_id, card.does, card.number[-4:])
    return _onward(payment_id)


def _sbp(payment_id: str) -> Any:
    payment = _payment(payment_id, stage="choose")
    if request.method == "GET":
        return _page("sbp.html", payment)
    _bank().pay(payment_id, "pays", "")
    return _onward(payment_id)


def _code(payment_id: str) -> Any:
    payment = _payment(payment_id, stage="code")
    if request.method == "GET":
        return _page("code.html", payment, wrong=False)
    if not _bank().confirm(payment_id, request.form.get("code", "").strip()) and _payment(payment_id)["stage"] == "code":
        return _page("code.html", payment, wrong=True), 422
    return _onward(payment_id)


def _refuse(payment_id: str) -> Any:
    _payment(payment_id)
    _bank().refuse(payment_id)
    return redirect(_payment(payment_id)["return_url"], 303)


def _onward(payment_id: str) -> Any:
    """Back to the shop when it is paid; else a page that says what happened."""
    payment = _payment(payment_id)
    paid = payment["shown"]["status"] == "succeeded"
    return redirect(payment["return_url"] if paid else url_for("pay", payment_id=payment_id), 303)


def _payment(payment_id: str, stage: str = "") -> Thing:
    """The payment; 404 for none. A step that is not its turn leads to the one that is; a strange form to the page anew."""
    payment = _bank().find(payment_id)
    if payment is None:
        abort(404)
    g.return_to = payment["return_url"]
    strange = request.method == "POST" and not secrets.compare_digest(
        request.form.get("csrf_token", "").encode(), payment["form"].encode()
    )
    if strange or (stage and payment["stage"] != stage):
        abort(redirect(url_for("pay", payment_id=payment_id), 303))
    return payment


def _page(name: str, payment: Thing, **more: object) -> str:
    return render_template(name, payment=payment, shown=payment["shown"], **more)


def _bank() -> Bank:
    bank: Bank = current_app.extensions["bank"]
    return bank


def _rubles(amount: Thing) -> str:
    return money.rubles(money.parse(amount["value"]))


def _dress(response: Response) -> Response:
    back = urlsplit(g.get("return_to", ""))
    shop = f" {back.scheme}://{back.netloc}" if back.netloc else ""
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'{shop}; base-uri 'none'; frame-ancestors 'none'"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response
