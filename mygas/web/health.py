"""Is the process alive, and is it fit to serve."""

from flask import Blueprint, abort, current_app, jsonify, request
from werkzeug.wrappers import Response

from mygas.domain import health
from mygas.extensions import limiter
from mygas.web.access import open_to

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@open_to("anyone")
@limiter.exempt
def alive() -> Response:
    """The process answers; nothing else is asked."""
    return jsonify(alive=True)


@bp.get("/readyz")
@open_to("anyone")
@limiter.exempt
def ready() -> tuple[Response, int]:
    """From this machine only: database, outbox, the bank's register. 503 when something is not as it must be."""
    if request.remote_addr not in ("127.0.0.1", "::1"):
        abort(404)
    bank = current_app.extensions["gateways"].bank
    facts = health.facts(bank.name if bank else None)
    return jsonify(facts), 200 if facts["ready"] else 503
