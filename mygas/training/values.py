"""What stands in a lesson in the place of {number}, {pin}, {code}…: the learner's own values, as they are just now."""

import re
from collections.abc import Callable, Iterator, Mapping

import pyotp
from flask import current_app
from flask_babel import gettext

from mygas import clock
from mygas.suppliers import Supplier
from mygas.training import desks, pages
from mygas.training.learners import Learner
from mygas.web.forms.extended import METHODS

PASSWORD = "Uchus2026"  # noqa: S105 - shown to every learner
_NOTHING_YET = "——"
_AHEAD = 20  # seconds: a one-time code shown now is taken for at least a minute


class Values(Mapping[str, str]):
    """The values of one learner, each worked out when it is asked for."""

    def __init__(self, learner: Learner) -> None:
        self._learner = learner

    def __getitem__(self, name: str) -> str:
        return VALUES[name](self._learner)

    def __iter__(self) -> Iterator[str]:
        return iter(VALUES)

    def __len__(self) -> int:
        return len(VALUES)


def filled(text: str, values: Values) -> str:
    """The text of a lesson with the learner's values in it."""
    return text.format_map(values)


def on_meter(learner: Learner) -> int:
    """Whole m³ on the drawn meter today: a little more than the supplier knows."""
    return learner.reading + 5


def _supplier(learner: Learner) -> Supplier:
    supplier: Supplier = current_app.extensions["suppliers"][learner.supplier]
    return supplier


def _code(learner: Learner) -> str:
    """The newest code on his training phone."""
    messages = pages.messages_to(learner, 5)
    return next((found[0] for message in messages if (found := re.search(r"\b[0-9]{6}\b", message["text"]))), _NOTHING_YET)


def _another_code(learner: Learner) -> str:
    """Six digits that are not the code."""
    code = _code(learner)
    return f"{code[:-1]}{(int(code[-1]) + 1) % 10}" if code.isdigit() else "000000"


def _way_in(learner: Learner) -> str:
    """The answer to the control question that is easiest to find: on the receipt, else on the meter."""
    access = _supplier(learner).access
    return "pin" if access.pin else "serial" if access.serial else "charge"


def _proof(learner: Learner) -> str:
    return {"pin": learner.pin, "serial": learner.serial, "charge": str(learner.charge_kop)}[_way_in(learner)]


def _another_proof(learner: Learner) -> str:
    """The same with its end changed."""
    proof = _proof(learner)
    return f"{proof[:-1]}{'2' if proof[-1] != '2' else '3'}"


def _spaced(learner: Learner) -> str:
    return f"{learner.number[:4]} {learner.number[4:]}"


def _desk_code(learner: Learner) -> str:
    seed = pyotp.parse_uri(desks.of(learner).otpauth)
    assert isinstance(seed, pyotp.TOTP)  # noqa: S101 - that is what operators are given
    return seed.at(int(clock.now().timestamp()) + _AHEAD)


def _ref_of(paper: str) -> Callable[[Learner], str]:
    return lambda learner: desks.of(learner).refs[paper]


VALUES: dict[str, Callable[[Learner], str]] = {
    "number": lambda learner: learner.number,
    "spaced_number": _spaced,
    "holder": lambda learner: learner.holder,
    "serial": lambda learner: learner.serial,
    "pin": lambda learner: learner.pin,
    "phone": lambda learner: learner.phone,
    "email": lambda learner: learner.email,
    "password": lambda _: PASSWORD,
    "supplier": lambda learner: _supplier(learner).name,
    "code": _code,
    "wrong_code": _another_code,
    "method": lambda learner: gettext(METHODS[_way_in(learner)]),
    "proof": _proof,
    "wrong_proof": _another_proof,
    "reading": lambda learner: str(on_meter(learner)),
    "reading_more": lambda learner: str(on_meter(learner) + 1),
    "reading_less": lambda learner: str(max(learner.reading - 1, 0)),
    "desk_login": lambda learner: desks.of(learner).login,
    "desk_password": lambda _: PASSWORD,
    "desk_code": _desk_code,
    "desk_number": lambda learner: desks.of(learner).number,
    "good_request": lambda learner: desks.of(learner).good,
    "alien_request": lambda learner: desks.of(learner).alien,
    "tenant_request": lambda learner: desks.of(learner).tenant,
    "desk_ticket": lambda learner: f"{desks.of(learner).ticket}. {desks.SUBJECT}",
    "desk_ticket_number": lambda learner: desks.of(learner).ticket,
    **{f"ref_of_{name}": _ref_of(name) for name in desks.PAPERS},
    "desk_template": lambda _: desks.TEMPLATE,
}
