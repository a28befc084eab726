"""A desk for each learner who tries the operator's work: a supplier of his own, with three requests for a PIN and a question.

An operator sees what is his suppliers'. So each such learner is operator of a supplier whom nobody else serves: the copy of a
real one under a slug of its own (`perm.k3x9…`), with accounts of its own. What he approves or finds is nobody else's, by the very
condition that keeps operators of real suppliers apart; no query knows of lessons.
"""

import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from mygas import clock
from mygas.domain import addressees, connecting, drafts, operators, passwords, pin_requests, reply_templates, tickets
from mygas.domain.accounts import Connection
from mygas.domain.pin_requests import PinRequest
from mygas.domain.signing_in import User
from mygas.domain.tickets import Question, Ticket
from mygas.domain.visitors import Visitor
from mygas.domain.work import unit_of_work
from mygas.exchange.demo import DemoAccount, write_demo
from mygas.exchange.importing import import_registry
from mygas.extensions import db, keyring
from mygas.settings import Settings
from mygas.suppliers import Catalogue, Supplier
from mygas.training import learners
from mygas.training.learners import Learner

MARK = "."
"""Parts the slug of a real supplier from that of a desk; no file of a supplier may have it in its name."""
ACCOUNTS = 6
SUBJECT, QUESTION = "Передала показания", "Вчера передала показания через кабинет. Всё ли дошло и когда они войдут в начисления?"
TEMPLATE = "Показания приняты"
"""The one of reply_templates.SAMPLES that answers the question."""
PAPERS = ("good", "alien", "tenant", "ticket")
"""What waits at a desk; see Desk."""


class TrainingCatalogue(Catalogue):
    """The suppliers as lessons know them: their copies for desks are found by their slugs, and listed nowhere.

    Readings are taken on any day, and every desk has PINs to give out, so that each lesson can be had on any day by anybody.
    """

    def __init__(self, real: Catalogue) -> None:
        super().__init__(replace(one, readings=replace(one.readings, late="next_period")) for one in real.values())

    def __getitem__(self, slug: str) -> Supplier:
        real, mark, _ = slug.partition(MARK)
        supplier = super().__getitem__(real)
        return replace(supplier, slug=slug, access=replace(supplier.access, pin=True, request=True)) if mark else supplier


@dataclass(frozen=True)
class Desk:
    """`otpauth` is the address of the operator's second factor. `number` is an account of the desk's supplier; the others are the
    numbers of requests: one to approve, one from somebody with another name, one from a tenant. `ticket` is the number of a
    question, which TEMPLATE answers. `refs` are the refs of all these pages, by their numbers' names."""

    supplier: str
    login: str
    otpauth: str
    number: str
    good: str
    alien: str
    tenant: str
    ticket: str
    refs: Mapping[str, str]


def has(learner: Learner) -> bool:
    return "desk" in learners.progress(learner)


def of(learner: Learner) -> Desk:
    """The desk that was made for him."""
    return Desk(**learners.progress(learner)["desk"])


def make(learner: Learner, visitor: Visitor, catalogue: Catalogue, settings: Settings, password: str) -> None:
    """A fresh desk for the learner, instead of one that he may have had. Opens its transactions itself."""
    mark = secrets.token_hex(4)
    supplier = catalogue[f"{learner.supplier}{MARK}{mark}"]
    homes = _accounts(supplier, settings)
    nobody_knows, own = passwords.hashed(secrets.token_hex(5)), passwords.hashed(password)
    with unit_of_work():
        if has(learner):
            operators.disable(of(learner).login)
        login = f"operator-{mark}"
        otpauth = operators.add(login, "Учебный оператор", [supplier.slug], own)
        names = (homes[0].holder, homes[3].holder, "Квартирантов Пётр Петрович, снимаю эту квартиру")
        askers = [replace(visitor, user=_user(f"{mark}-{home.number}@example.ru", nobody_knows)) for home in homes[:3]]
        theirs = [_connected(asker, supplier, home.number) for asker, home in zip(askers, homes, strict=False)]
        requests = [_request(*one) for one in zip(askers, theirs, names, strict=True)]
        reply_templates.provide_samples([supplier.slug])
        ticket = _question(askers[0], theirs[0], supplier)
        papers: dict[str, PinRequest | Ticket] = dict(zip(PAPERS, [*requests, ticket], strict=True))
        numbers = {name: str(paper.id) for name, paper in papers.items()}
        refs = {name: paper.ref for name, paper in papers.items()}
        desk = Desk(supplier.slug, login, otpauth, homes[0].number, **numbers, refs=refs)
        learners.note(learner, {"desk": asdict(desk)})


def _accounts(supplier: Supplier, settings: Settings) -> list[DemoAccount]:
    with tempfile.TemporaryDirectory(dir=settings.data_dir) as folder:
        today = supplier.today()
        homes = write_demo(Path(folder), supplier, ACCOUNTS, 1, today=today, progress=_silent)
        import_registry(Path(folder), supplier, settings.database_url, pin_mac=keyring.pin_mac, progress=_silent, now=clock.now)
    return homes


def _user(email: str, password_hash: str) -> User:
    """A made-up user: nobody knows his password."""
    user = User(login=email, channel="email", password_hash=password_hash, created_at=clock.now())
    db.session.add(user)
    db.session.flush()
    return user


def _connected(visitor: Visitor, supplier: Supplier, number: str) -> Connection:
    draft = drafts.begin("connect", visitor.user.id if visitor.user else None)
    connection = connecting.connect_account(draft, visitor, supplier=supplier, number=number)
    drafts.end(draft)
    db.session.flush()
    return connection


def _request(visitor: Visitor, connection: Connection, name: str) -> PinRequest:
    """The user asks for the PIN of the account."""
    email = visitor.user.login if visitor.user else ""
    return pin_requests.submit(visitor, connection, full_name=name, email=email, phone="")


def _question(visitor: Visitor, connection: Connection, supplier: Supplier) -> Ticket:
    """The user asks those who answer at this desk."""
    to, about = addressees.of(supplier), connection.account_id
    return tickets.send(visitor, Question(tickets.new_key(), SUBJECT, QUESTION, to, account_id=about))


def _silent(_done: int, _of: int) -> None:
    """Six accounts are there before a progress bar is."""
