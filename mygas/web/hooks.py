"""What banks tell by themselves. A notification is only a hint to ask: nothing is ever credited from its body."""

import logging
from hashlib import sha256

from flask import Blueprint, Response, abort, current_app, request
from flask_limiter import ExemptionScope

from mygas.acquiring import Forged
from mygas.domain import hearing
from mygas.domain.work import unit_of_work
from mygas.extensions import limiter
from mygas.web.access import open_to

bp = Blueprint("hooks", __name__)

MOST_BYTES = 64 * 1024
RING = "1200 per minute"
"""Of one network. A bank tells of every payment of all our payers, so the ring of ordinary visitors would shut it out."""
limiter.exempt(bp, flags=ExemptionScope.APPLICATION)
limiter.limit(RING)(bp)
_log = logging.getLogger("mygas.security")


@bp.post("/hooks/<acquirer>")
@open_to("machine")
def hear(acquirer: str) -> Response:
    """200 for whatever the acquirer sent, however often; 403 for what somebody else did. The body stays out of the log."""
    request.max_content_length = MOST_BYTES
    bank = current_app.extensions["gateways"].bank
    if bank is None or bank.name != acquirer:
        abort(404)
    body = request.get_data(cache=False)
    try:
        heard = bank.hear(body, request.remote_addr or "", dict(request.headers))
    except Forged as error:
        _log.warning("a forged notification", extra={"acquirer": acquirer, "ip": request.remote_addr, "why": str(error)})
        return Response("forged", 403, mimetype="text/plain")
    with unit_of_work():
        hearing.notification(acquirer, heard, sha256(body).hexdigest())
    return Response("ok", mimetype="text/plain")
