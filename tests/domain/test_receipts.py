"""What stands on a receipt: it adds up, penalties stand apart, readings are those of the month, one and many come out alike."""

from datetime import date

import pytest

from mygas import clock
from mygas.domain import receipts, settlements
from mygas.extensions import db, transactions_may_write
from mygas.models import AccountCard, Charge, Meter, MeterCard, Payment, Reading, Registry
from tests.exchange.sending import paid


@pytest.mark.parametrize(
    ("known", "today", "chosen"),
    [
        ([202611, 202610], date(2026, 11, 21), 202611),
        ([202610, 202609], date(2026, 11, 21), 202610),
        ([202612, 202611, 202610], date(2026, 11, 1), 202611),
        ([202512], date(2026, 11, 21), 202512),
        ([202612], date(2026, 11, 21), 202612),
        ([], date(2026, 11, 21), None),
    ],
)
def test_the_month_that_is_chosen_beforehand(known, today, chosen):
    assert receipts.preselected(known, today) == chosen


def card(**other: object) -> AccountCard:
    about = {"holder": "Иванова", "address": "ул. Мира, д. 1", "balance_kop": 5_000, "balance_on": date(2026, 10, 31)}
    return AccountCard(**{**about, **other})


def line(period: int, number: int, service: str, sum_kop: int, *, method: str = "fixed", more: int = 0) -> Charge:
    return Charge(period=period, line=number, service=service, method=method, volume_milli=0, price_kop=0, sum_kop=sum_kop,
                  recalculated_kop=more)  # fmt: skip


def reading(day: date, value: int, source: str = "subscriber") -> Reading:
    return Reading(taken_on=day, value_milli=value, source=source)


@pytest.fixture
def bring(app):
    """A registry of Пермь, complete unless said otherwise: rows by the id of their account or meter."""

    def bring(told: dict[int, list[object]], state: str = "complete") -> None:
        now = clock.now()
        with app.app_context(), transactions_may_write():
            registry = Registry(supplier="perm", digest=clock.now().isoformat(), state=state, rows={}, started_at=now)
            db.session.add(registry)
            db.session.flush()
            for owner, rows in told.items():
                for row in rows:
                    row.registry_id = registry.id
                    setattr(row, "meter_id" if isinstance(row, MeterCard | Reading) else "account_id", owner)
                    db.session.add(row)
            db.session.commit()

    return bring


@pytest.fixture
def account(region) -> int:
    return region("perm", "59000001")


def compose(app, *ids: int, period: int = 202610, **how: bool) -> list[receipts.Composed]:
    with app.app_context():
        return list(receipts.compose(app.extensions["suppliers"]["perm"], period, ids, **how))


def meter_of(app, account_id: int) -> int:
    with app.app_context():
        return db.session.scalars(db.select(Meter.id).filter_by(account_id=account_id)).one()


def test_it_adds_up_with_penalties_apart(app, account, bring):
    lines = [
        line(202610, 1, "Газоснабжение природным газом", 10_000, method="average", more=-500),
        line(202610, 2, "Техническое обслуживание", 94_050),
        line(202610, 3, "Пеня за газ", 2_046, more=4),
    ]
    bring({account: [card(), *lines, Payment(number="P9", paid_on=date(2026, 10, 31), sum_kop=777, source="Банк")]})
    [composed] = compose(app, account)
    paper = composed.paper
    assert [one.service for one in paper.lines] == ["Газоснабжение природным газом", "Техническое обслуживание"]
    assert (paper.charged_kop, paper.recalculated_kop, paper.penalty_kop, paper.paid_kop) == (104_050, -500, 2_050, 41_230 + 777)
    total = paper.opening_kop + paper.charged_kop + paper.recalculated_kop + paper.penalty_kop - paper.paid_kop
    assert total == paper.closing_kop == paper.to_pay_kop == 5_000
    assert paper.methods == "Газ начислен по среднемесячному расходу, потому что показаний не было."
    assert (paper.as_of, paper.due_on) == (date(2026, 10, 31), date(2026, 11, 10))
    assert "|Sum=5000|" in paper.qr


@pytest.mark.parametrize(
    ("period", "balance_on", "as_of"),
    [(202610, date(2026, 10, 31), date(2026, 10, 31)), (202610, date(2026, 11, 20), date(2026, 11, 20)),
     (202610, date(2026, 10, 10), date(2026, 10, 12)), (202609, date(2026, 10, 31), date(2026, 9, 30)),
     (202609, date(2026, 9, 10), date(2026, 9, 10))],
)  # fmt: skip
def test_payments_are_counted_as_far_as_is_known_but_not_beyond_a_past_month(app, account, bring, period, balance_on, as_of):
    bring({account: [card(balance_on=balance_on)]})
    assert compose(app, account, period=period)[0].paper.as_of == as_of


def test_the_last_month_counts_what_was_paid_after_it(app, account, bring):
    bring({account: [card(balance_kop=70_748), Payment(number="P7", paid_on=date(2026, 11, 5), sum_kop=70_000, source="Банк")]})
    paper = compose(app, account)[0].paper
    assert (paper.current, paper.as_of) == (True, date(2026, 11, 5))
    assert (paper.paid_kop, paper.closing_kop, paper.to_pay_kop) == (41_230 + 70_000, 748, 748)
    assert paper.opening_kop + paper.charged_kop - paper.paid_kop == paper.closing_kop
    assert "|Sum=748|" in paper.qr


def test_a_past_month_asks_for_nothing(app, account, bring):
    settled = Payment(number="P7", paid_on=date(2026, 10, 20), sum_kop=200_000, source="Банк")
    bring({account: [card(balance_kop=-1_000), line(202611, 1, "Газ", 300), line(202609, 1, "Газ", 70_748), settled]})
    september, october, november = (compose(app, account, period=period)[0] for period in (202609, 202610, 202611))
    assert september.paper.closing_kop > 0 and september.paper.opening_kop + 70_748 == september.paper.closing_kop
    for past in (september.paper, october.paper):
        assert (past.current, past.to_pay_kop, past.qr) == (False, 0, "")
    assert (november.paper.current, november.paper.to_pay_kop) == (True, 0)
    assert november.paper.qr and "Sum" not in november.paper.qr
    assert {(one.newest, one.today_kop) for one in (september, october, november)} == {(202611, -700)}


def test_what_was_paid_here_is_taken_off_until_the_supplier_books_it(app, account, bring):
    with app.app_context():
        first, _second = paid(account, 100_000), paid(account, 500)
        paid(account, 7_000, "canceled"), paid(account, 9_000, "pending")
    [composed] = compose(app, account)
    paper = composed.paper
    assert (paper.closing_kop, paper.paid_here_kop, paper.left_kop, paper.to_pay_kop) == (124_530, 100_500, 24_030, 24_030)
    assert "|Sum=24030|" in paper.qr
    assert composed.today_kop == 24_030
    past = compose(app, account, period=202609)[0]
    assert (past.paper.paid_here_kop, past.paper.closing_kop, past.today_kop) == (0, 82_460, 24_030)
    booked = Payment(number="P7", paid_on=date(2026, 11, 21), sum_kop=100_000, source="Портал", portal_number=str(first))
    bring({account: [card(balance_kop=24_530, balance_on=date(2026, 11, 21)), booked]})
    after = compose(app, account)[0].paper
    assert (after.closing_kop, after.paid_here_kop, after.to_pay_kop) == (24_530, 500, 24_030)


def test_paid_here_in_full_there_is_nothing_to_pay(app, account):
    with app.app_context():
        paid(account, 124_530)
    paper = compose(app, account)[0].paper
    assert (paper.left_kop, paper.to_pay_kop) == (0, 0)
    assert "Sum" not in paper.qr


def test_a_coefficient_that_was_not_told_multiplies_by_one(app, account, bring):
    told = line(202610, 1, "Газ", 100, method="meter")
    told.coefficient_micro = 1_083_200
    bring({account: [told, line(202610, 2, "Ещё газ", 100, method="meter")]})
    assert [one.coefficient_micro for one in compose(app, account)[0].paper.lines] == [1_083_200, 1_000_000]


def test_an_overpayment_is_nothing_to_pay(app, account, bring):
    bring({account: [card(balance_kop=-5_000)]})
    [composed] = compose(app, account)
    assert (composed.paper.closing_kop, composed.paper.to_pay_kop) == (-5_000, 0)
    assert "Sum" not in composed.paper.qr


@pytest.mark.parametrize("period", [202609, 202610, 202611])
@pytest.mark.parametrize("balance_on", [date(2026, 8, 31), date(2026, 10, 31), date(2026, 12, 31)])
def test_it_agrees_with_the_settlements_whatever_the_day_of_the_balance(app, account, bring, period, balance_on):
    moved = Payment(number="P1", paid_on=date(2026, 9, 12), sum_kop=41_230, source="Банк")  # it was of October before
    late = Payment(number="P8", paid_on=date(2026, 11, 3), sum_kop=1_000, source="Банк")
    bring({account: [card(balance_on=balance_on), line(202611, 1, "Газ", 300), moved, late]})
    bring({account: [card(balance_kop=1), line(202610, 1, "Газ", 999_999)]}, state="loading")
    [composed] = compose(app, account, period=period)
    with app.app_context():
        known = settlements.of_account(account)
    month = known.month(period)
    paper = composed.paper
    assert (paper.opening_kop, paper.paid_kop, paper.closing_kop) == (month.opening_kop, month.paid_kop, month.closing_kop)
    assert composed.today_kop == known.balance_kop


def test_readings_are_the_last_of_the_month_and_the_last_before_it(app, account, bring):
    meter = meter_of(app, account)
    readings = [
        reading(date(2026, 8, 20), 100_000), reading(date(2026, 9, 30), 110_000, "estimate"),
        reading(date(2026, 10, 1), 111_000), reading(date(2026, 10, 31), 130_000, "inspector"),
        reading(date(2026, 11, 1), 131_000),
    ]  # fmt: skip
    bring({meter: readings})
    bring({meter: [reading(date(2026, 10, 31), 129_500, "remote")]})
    [one] = compose(app, account)[0].paper.meters
    assert (one.previous_milli, one.previous_on) == (110_000, date(2026, 9, 30))
    assert (one.value_milli, one.value_on, one.value_source) == (129_500, date(2026, 10, 31), "телеметрия")
    assert (one.serial, one.model, one.digits) == ("0123456", "BK-G4T", 5)
    [one] = compose(app, account, period=202609)[0].paper.meters
    assert (one.previous_milli, one.value_milli) == (100_000, 110_000)


def test_a_meter_taken_off_is_left_out_and_one_without_readings_stays(app, account, bring):
    meter = meter_of(app, account)
    [silent] = compose(app, account)[0].paper.meters
    assert (silent.value_milli, silent.previous_on, silent.value_source) == (None, None, "")
    bring({meter: [MeterCard(model="BK-G4T", digits=5, state="снят 01.10.2026")]})
    assert compose(app, account)[0].paper.meters == ()


def test_only_accounts_charged_in_the_month_have_one(app, region, bring):
    first, second, third = (region("perm", f"5900000{at}") for at in (3, 1, 2))
    bring({second: [line(202612, 1, "Газ", 100)]})
    assert [one.account_id for one in compose(app, first, second, third)] == [second, third, first], "by number"
    assert [one.account_id for one in compose(app, first, second, third, period=202612)] == [second]
    assert compose(app, first, second, third, period=202601) == []
    assert compose(app) == []


def test_many_come_out_as_each_alone(app, region, bring):
    ids = [region("perm", f"590000{at:02}", meter=f"M{at}", balance_kop=at * 1000) for at in range(12)]
    with app.app_context():
        paid(ids[5], 4_000), paid(ids[7], 600)
    bring({ids[3]: [card(balance_on=date(2026, 7, 31)), line(202608, 1, "Газ", 70)]})
    together = compose(app, *ids)
    assert [composed.paper.paid_here_kop for composed in together] == [0] * 5 + [4_000, 0, 600] + [0] * 4
    assert together == [composed for one in ids for composed in compose(app, one)]


def test_all_of_a_supplier_come_by_number_whatever_the_batch(app, region, monkeypatch):
    monkeypatch.setattr(receipts, "BATCH", 2)
    numbers = [f"5900000{at}" for at in (5, 2, 9, 1, 7)]
    for number in numbers:
        region("perm", number)
    region("yug", "230001234567")
    perm = app.extensions["suppliers"]["perm"]
    with app.app_context():
        looked = list(receipts.batches(perm, 202610))
        assert [count for count, _ in looked] == [2, 2, 1]
        assert [one.paper.number for _, batch in looked for one in batch] == sorted(numbers)
        rest = [one.paper.number for _, batch in receipts.batches(perm, 202610, after="59000005") for one in batch]
        assert rest == ["59000007", "59000009"]
        assert (receipts.count("perm"), receipts.count("perm", "59000005"), receipts.count("izhevsk")) == (5, 2, 0)
        assert [looked for looked, batch in receipts.batches(perm, 202601) if batch] == []


def test_the_edition_is_the_last_complete_registry(app, account, bring):
    with app.app_context():
        before = receipts.edition("perm")
    bring({account: [card()]}, state="loading")
    with app.app_context():
        assert receipts.edition("perm") == before > 0
        assert receipts.edition("yug") == 0
    bring({account: [card()]})
    with app.app_context():
        assert receipts.edition("perm") > before


def test_for_the_basic_version_nothing_tells_of_the_household(app, account):
    paper = compose(app, account, extended=False)[0].paper
    assert (paper.holder, paper.meters, paper.pin, paper.area_cm2) == ("", (), "", 0)
    assert paper.address == "г. П***, ул. Л***, д. 1*, кв. 5"
