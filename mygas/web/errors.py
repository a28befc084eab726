"""Pages for what went wrong: what happened, and what to do."""

import logging

from flask import Flask, current_app, render_template
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.wrappers import Response

_log = logging.getLogger("mygas.web")
_PAGES = (400, 403, 404, 405, 413, 429)


def register(app: Flask) -> None:
    """One page per kind of failure; those that may lack a database or a session draw nothing from them."""
    app.register_error_handler(CSRFError, lambda error: (render_template("errors/400.html"), 400))
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(OperationalError, _unavailable)
    app.register_error_handler(Exception, _broken)


def _refused(error: HTTPException) -> tuple[str, int] | Response | HTTPException:
    if isinstance(error, SecurityError):  # a host name that is not ours: no address of ours may be built from it
        return Response(gettext("Этот портал открывается по другому адресу."), 400, mimetype="text/plain")
    if error.code not in _PAGES:
        return error
    return render_template(f"errors/{error.code}.html"), error.code


def _unavailable(error: OperationalError) -> tuple[str, int]:
    _log.exception("the database does not answer", exc_info=error)
    return _bare("503"), 503


def _broken(error: Exception) -> tuple[str, int]:
    _log.exception("a page broke", exc_info=error)
    return _bare("500"), 500


def _bare(code: str) -> str:
    """Without context processors, which would ask the session and the database that may be what failed."""
    return current_app.jinja_env.get_template(f"errors/{code}.html").render()
