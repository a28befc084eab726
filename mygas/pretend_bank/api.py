"""The training bank's API, as YooKassa describes hers. It listens on this machine only; browsers never reach it."""

import base64
import secrets
import time
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, current_app, request

from mygas.pretend_bank import records
from mygas.pretend_bank.asked import Wrong
from mygas.pretend_bank.bank import Bank
from mygas.pretend_bank.faults import happens

_CODES = {400: "invalid_request", 401: "invalid_credentials", 404: "not_found", 405: "not_supported", 413: "invalid_request"}
_MOST = 100  # of a page of a list


def api(bank: Bank, shop: str) -> Flask:
    """The API for one shop, `shopId:secret`."""
    app = Flask("mygas.pretend_bank.api", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
    app.extensions["bank"] = bank
    app.extensions["shop"] = b"Basic " + base64.b64encode(shop.encode())
    app.before_request(_keep_the_door)
    app.after_request(_stumble)
    app.register_error_handler(Wrong, lambda wrong: _error(400, wrong.parameter, wrong.why))
    for code in _CODES:
        app.register_error_handler(code, lambda error: _error(error.code or 400))
    app.add_url_rule("/v3/payments", view_func=_begin, methods=["POST"])
    app.add_url_rule("/v3/payments", view_func=_register, methods=["GET"])
    app.add_url_rule("/v3/payments/<payment_id>", view_func=_payment)
    app.add_url_rule("/v3/receipts", view_func=_receipts)
    app.add_url_rule("/v3/refunds", view_func=_give_back, methods=["POST"])
    app.add_url_rule("/v3/refunds/<refund_id>", view_func=_refund)
    return app


def _bank() -> Bank:
    bank: Bank = current_app.extensions["bank"]
    return bank


def _begin() -> Any:
    return _bank().begin(_key(), _body())


def _give_back() -> Any:
    return _bank().refund(_key(), _body())


def _payment(payment_id: str) -> Any:
    found = _bank().find(payment_id)
    return records.told(found) if found else _error(404)


def _refund(refund_id: str) -> Any:
    found = _bank().find_refund(refund_id)
    return found["shown"] if found else _error(404)


def _receipts() -> Any:
    payment = _bank().find(request.args.get("payment_id", ""))
    receipt = records.fiscal_receipt(payment) if payment else None
    return {"type": "list", "items": [receipt] if receipt else []}


def _register() -> Any:
    """Payments, a page at a time: the cursor is the first id of the next page."""
    since, until = _moment("created_at.gte"), _moment("created_at.lt")
    limit, cursor = request.args.get("limit", 10, type=int), request.args.get("cursor", "")
    if not 1 <= limit <= _MOST:
        raise Wrong("limit")
    page: list[Any] = []
    for payment in _bank().register(since, until, cursor):
        if len(page) == limit:
            return {"type": "list", "items": page, "next_cursor": payment["id"]}
        page.append(payment)
    return {"type": "list", "items": page}


def _key() -> str:
    key = request.headers.get("Idempotence-Key", "")
    if not 1 <= len(key) <= 64:
        raise Wrong("Idempotence-Key")
    return key


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise Wrong("body")
    return body


def _moment(name: str) -> datetime:
    try:
        return datetime.fromisoformat(request.args[name]).astimezone(UTC)
    except (LookupError, ValueError):
        raise Wrong(name) from None


def _keep_the_door() -> Any:
    given = request.headers.get("Authorization", "").encode()
    return None if secrets.compare_digest(given, current_app.extensions["shop"]) else _error(401)


def _error(status: int, parameter: str = "", why: str = "") -> Any:
    told = {"type": "error", "id": secrets.token_hex(8), "code": _CODES[status], "description": why, "parameter": parameter}
    return {name: value for name, value in told.items() if value}, status


def _stumble(response: Response) -> Response:
    """The work is done, and the portal must not be sure of it."""
    faults = _bank().faults
    if not happens(faults.unknown):
        return response
    manner = secrets.choice(("error", "hang", "nonsense"))
    if manner == "hang":
        time.sleep(faults.hang)
    return Response("<h1>Bad gateway</h1>" if manner == "nonsense" else '{"type": "error", "code": "internal_server_error"}',
                    status=200 if manner == "nonsense" else 500)  # fmt: skip
