"""The room «Сообщения» of the settings: all that was sent to the user, each message on its own page."""

from flask import abort, render_template

from mygas.domain import messages as archive
from mygas.web import access, addresses
from mygas.web.access import open_to
from mygas.web.settings import bp

A_PAGE = 20


@bp.get("/messages")
@open_to("user")
def messages() -> str:
    """Newest first."""
    before = addresses.number("before")
    found = archive.of_user(access.user().id, before=before, limit=A_PAGE + 1)
    older = found[A_PAGE - 1].id if len(found) > A_PAGE else None
    return render_template("settings/messages.html", messages=found[:A_PAGE], older=older, first_page=before is None)


@bp.get("/messages/<ref>")
@open_to("user")
def message(ref: str) -> str:
    return render_template("settings/message.html", message=archive.one(access.user().id, ref) or abort(404))
