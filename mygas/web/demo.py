"""Demo mode only: the messages that would have left the machine."""

from flask import Blueprint, current_app, render_template

from mygas.web.access import open_to

bp = Blueprint("demo", __name__)


@bp.get("/demo/messages")
@open_to("anyone")
def messages() -> str:
    """The newest fifty, newest first."""
    return render_template("start/messages.html", messages=current_app.extensions["screen"](50))
