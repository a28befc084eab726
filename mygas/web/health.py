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
    """From this machine only: what `flask doctor` finds, without what reads whole tables. 503 when something is bad."""
    if request.remote_addr not in ("127.0.0.1", "::1"):
        abort(404)
    bank = current_app.extensions["gateways"].bank
    found = health.examine(current_app.extensions["settings"], bank.name if bank else None)
    ready = health.is_ready(found)
    return jsonify(ready=ready, checks={one.name: {"state": one.state, "says": one.says} for one in found}), 200 if ready else 503
