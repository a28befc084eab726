"""«Настройки»: the rooms of one's own cabinet. Their first page is here; each room hangs its pages on the same blueprint."""

from dataclasses import dataclass

from flask import Blueprint, render_template, url_for
from flask_babel import gettext

from mygas.web.access import open_to
from mygas.web.layout import name_the_page

bp = Blueprint("settings", __name__, url_prefix="/settings")
bp.after_request(name_the_page)


@dataclass(frozen=True)
class Room:
    """A room of the settings: the endpoint of its first page, its name, what is done there."""

    endpoint: str
    title: str
    about: str


ROOMS: tuple[Room, ...] = ()


@bp.get("/")
@open_to("user")
def index() -> str:
    rows = [(gettext(room.title), url_for(room.endpoint), gettext(room.about)) for room in ROOMS]
    return render_template("settings/index.html", rooms=rows)
