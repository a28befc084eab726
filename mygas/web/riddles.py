"""«Я не робот»: a picture and spoken digits, drawn here, without a row: the riddle is sealed into its own name.

One name is good for one answer, within 5 minutes, in the browser that was given it (promises.md §2.8).
"""

import base64
import hmac
import secrets
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, abort, current_app, request, session
from flask_babel import gettext
from flask_wtf.csrf import generate_csrf
from wtforms import BooleanField, HiddenField, StringField
from wtforms.validators import ValidationError

from mygas import clock
from mygas.domain import limits
from mygas.domain.work import unit_of_work
from mygas.extensions import keyring
from mygas.keyring import Unsealable
from mygas.web.access import open_to
from mygas.web.forms import Form
from mygas.words import N_

LIFE = timedelta(minutes=5)
LENGTH = 5

bp = Blueprint("riddles", __name__)


class RiddleForm(Form):
    """A form that may ask «Я не робот». Call `ask(False)` where there is no reason to: the fields go away."""

    asks = True
    riddle = HiddenField()
    human = BooleanField(N_("Я не робот"))
    digits = StringField(N_("Цифры с картинки"))

    def ask(self, needed: bool) -> None:
        """Keep or drop the riddle."""
        self.asks = needed
        if not needed:
            for name in ("riddle", "human", "digits"):
                del self[name]

    def before_page(self) -> None:
        """Every page asks a fresh riddle."""
        if self.asks:
            self.riddle.data = new_riddle()

    def answer(self) -> dict[str, Any]:
        return {name: value for name, value in super().answer().items() if name not in ("riddle", "human", "digits")}

    def validate(self, extra_validators: Any = None) -> bool:
        """Whoever asks for another picture has not finished: nothing else is held against him yet."""
        if self.asks and "again" in request.form:
            self.digits.data = None
            return False
        return super().validate(extra_validators)

    def validate_digits(self, _field: Any) -> None:
        """The answer counts once; whatever else is wrong with the form, the next page asks a new riddle."""
        name, given = self.riddle.data or "", (self.digits.data or "").replace(" ", "")
        self.riddle.data = self.digits.data = None
        if not self.human.data:
            raise ValidationError(gettext("Поставьте галочку «Я не робот» и введите цифры с картинки."))
        if not is_answer(name, given):
            raise ValidationError(gettext("Цифры не совпали или картинка устарела. Введите цифры с новой картинки."))


def new_riddle() -> str:
    """The name of a fresh riddle; its digits are sealed inside, for this browser."""
    plain = f"{fresh_digits()}:{int((clock.now() + LIFE).timestamp())}".encode()
    return base64.urlsafe_b64encode(keyring.seal(plain, _purpose())).decode().rstrip("=")


def fresh_digits() -> str:
    return "".join(secrets.choice("0123456789") for _ in range(LENGTH))


def is_answer(name: str, given: str) -> bool:
    """Whether the digits answer the riddle, asked for the first time and in time."""
    digits = _digits(name)
    if digits is None:
        return False
    with unit_of_work():  # counted by what was sealed: base64 spells the same bytes in many ways
        first = limits.hit("riddle", _sealed(name).hex(), per=2 * LIFE).count == 1
    return first and hmac.compare_digest(digits.encode(), given.encode())


@bp.get("/riddle/<name>.png")
@open_to("anyone")
def picture(name: str) -> Response:
    return Response(current_app.extensions["riddle"].picture(_digits(name) or abort(404)), mimetype="image/png")


@bp.get("/riddle/<name>.wav")
@open_to("anyone")
def speech(name: str) -> Response:
    return Response(current_app.extensions["riddle"].speech(_digits(name) or abort(404), name), mimetype="audio/wav")


def _digits(name: str) -> str | None:
    try:
        digits, expires = keyring.unseal(_sealed(name), _purpose()).decode().split(":")
    except (Unsealable, ValueError):
        return None
    return digits if int(expires) > clock.now().timestamp() else None


def _sealed(name: str) -> bytes:
    """Raises ValueError for what is not base64 of a web address."""
    return base64.b64decode(name + "=" * (-len(name) % 4), altchars=b"-_", validate=True)


def _purpose() -> str:
    generate_csrf()  # so that the browser has a session to tie the riddle to
    return f"riddle:{session['csrf_token']}"
