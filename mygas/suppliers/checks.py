"""What must hold of a supplier beyond the types of its keys."""

import re
from collections.abc import Callable, Iterator

from stdnum.ru import inn

from mygas import contacts
from mygas.suppliers.rules import AccountRule, Bank, Supplier
from mygas.suppliers.tidying import is_normaliser

FEWEST_EXAMPLES = 3
LAST_SAMPLE = 99_999
QR_ROOM = 206
"""Bytes for the payee's and the bank's names together: the mandatory block of a payment code has 300 (ГОСТ Р 56042-2014),
of which 94 go to its keys, BIC and two accounts."""


def bank_key_holds(account: str, prefix: str) -> bool:
    """Whether the check digit of a 20-digit bank account is right (Банк России, 08.09.1997 № 515).

    `prefix` is three digits: the end of the bank's BIC for its clients' accounts, `0` and the fifth and sixth digits of the
    BIC for its own account at the Bank of Russia.
    """
    return sum(int(digit) * weight for digit, weight in zip(prefix + account, (7, 1, 3) * 8, strict=False)) % 10 == 0


def _account_holds(bank: Bank) -> bool:
    return _has("[0-9]{20}", bank.account) and bank_key_holds(bank.account, bank.bic[-3:])


def _corr_account_holds(bank: Bank) -> bool:
    return _has("301[0-9]{17}", bank.corr_account) and bank_key_holds(bank.corr_account, "0" + bank.bic[4:6])


def _has(pattern: str, text: str) -> bool:
    return re.fullmatch(pattern, text) is not None


def _is_phone(text: str) -> bool:
    return _has(r"[0-9+][0-9 ()-]*", text) and sum(map(str.isdigit, text)) >= 3


def _fits_codec(supplier: Supplier) -> bool:
    if supplier.qr.encoding == "ST00012":
        return True
    try:
        (supplier.legal_name + supplier.bank.name).encode("cp1251")
    except UnicodeEncodeError:
        return False
    return True


def _fits_qr(supplier: Supplier) -> bool:
    codec = "utf-8" if supplier.qr.encoding == "ST00012" else "cp1251"
    return len((supplier.legal_name + supplier.bank.name).encode(codec)) <= QR_ROOM


def _distinct(names: tuple[str, ...]) -> bool:
    return len(names) == len(set(names)) > 0


def _accepts(rule: AccountRule, typed: str) -> bool:
    try:
        rule.canonical(typed)
    except ValueError:
        return False
    return True


CHECKS: tuple[tuple[str, Callable[[Supplier], bool], str], ...] = (
    ("file name", lambda s: _has("[a-z0-9]+(-[a-z0-9]+)*", s.slug) and len(s.slug) <= 40,
     "must be at most 40 small Latin letters and digits, with single hyphens between them"),
    ("inn", lambda s: _has("[0-9]{10}|[0-9]{12}", s.inn) and inn.is_valid(s.inn), "is not an INN: its check digit does not hold"),
    ("kpp", lambda s: _has("[0-9]{4}[0-9A-Z]{2}[0-9]{3}", s.kpp), "is not a KPP of 9 characters"),
    ("bank.name", lambda s: len(s.bank.name) <= 45, "is longer than the 45 characters that payment codes allow"),
    ("bank.name", lambda s: "|" not in s.bank.name, "holds «|», which parts the fields of payment codes"),
    ("bank.bic", lambda s: _has("04[0-9]{7}", s.bank.bic), "is not a BIC: 9 digits, the first two are 04"),
    ("bank.account", lambda s: _account_holds(s.bank),
     "is not an account of this bank: 20 digits whose check digit agrees with bank.bic"),
    ("bank.corr_account", lambda s: _corr_account_holds(s.bank),
     "is not a correspondent account of this bank: 20 digits from 301 whose check digit agrees with bank.bic"),
    ("legal_name", lambda s: "|" not in s.legal_name, "holds «|», which parts the fields of payment codes"),
    ("qr.encoding", _fits_codec, "is Windows-1251, which lacks a letter of legal_name or bank.name"),
    ("legal_name", _fits_qr, f"and bank.name together take more than the {QR_ROOM} bytes that payment codes leave them"),
    ("support_email", lambda s: contacts.is_email(s.support_email), "is not an e-mail address in small letters"),
    ("support_phone", lambda s: _is_phone(s.support_phone), "is not a telephone number"),
    ("emergency_phone", lambda s: _is_phone(s.emergency_phone), "is not a telephone number"),
    ("offices", lambda s: len(s.offices) > 0, "is empty"),
    ("offices", lambda s: all(_is_phone(office.phone) for office in s.offices), "has a phone that is not a telephone number"),
    ("entry.channels", lambda s: _distinct(s.entry.channels), "is empty or says a thing twice"),
    ("entry.confirm", lambda s: _distinct(s.entry.confirm), "is empty or says a thing twice"),
    ("entry.confirm", lambda s: "code" in s.entry.confirm or "phone" not in s.entry.channels,
     "lacks code, the only way by phone"),
    ("entry.confirm", lambda s: "link" not in s.entry.confirm or "email" in s.entry.channels,
     "has link, but entry.channels lacks email"),
    ("account.normalise", lambda s: all(map(is_normaliser, s.account.normalise)),
     "may name strip_spaces, strip_hyphens, strip_leading_zeros and pad_left:N, N from 1 to 20"),
    ("account.max_per_user", lambda s: s.account.max_per_user is None or s.account.max_per_user > 0,
     "must be 1 or more; leave the key out where there is no limit"),
    ("access.request", lambda s: s.access.pin or not s.access.request, "needs access.pin"),
    ("access.pin_on_receipt", lambda s: s.access.pin or not s.access.pin_on_receipt, "needs access.pin"),
    ("access.scan_required", lambda s: s.access.request or not s.access.scan_required, "needs access.request"),
    ("access.pin_help", lambda s: s.access.pin_help != "" or not s.access.pin, "is empty, but access.pin sends people for a PIN"),
    ("readings.from_day", lambda s: 1 <= s.readings.from_day <= 31, "must be a day of the month, 1 to 31"),
    ("readings.to_day", lambda s: s.readings.from_day <= s.readings.to_day <= 31, "must be from readings.from_day to 31"),
    ("readings.max_m3", lambda s: s.readings.max_m3 > 0, "must be 1 or more"),
    ("readings.max_flow", lambda s: all(size and litres > 0 for size, litres in s.readings.max_flow),
     "must be pairs of a size and litres an hour"),
    ("billing.due_day", lambda s: 1 <= s.billing.due_day <= 28, "must be a day that every month has, 1 to 28"),
    ("billing.services", lambda s: _distinct(s.billing.services), "is empty or says a thing twice"),
    ("pay.min_kop", lambda s: s.pay.min_kop >= 100, "is less than a ruble, the least that is taken"),
    ("pay.max_kop", lambda s: s.pay.max_kop >= s.pay.min_kop, "is less than pay.min_kop"),
    ("pay.max_kop", lambda s: s.pay.max_kop <= 10_000_000, "is more than the 100 000 rubles that one payment may carry"),
    ("pay.commission_bp", lambda s: 0 <= s.pay.commission_bp <= 1000, "must be 0 to 1000 hundredths of a per cent"),
    ("pay.commission_min_kop", lambda s: s.pay.commission_min_kop >= 0, "must be 0 or more kopecks"),
    ("pay.commission", lambda s: s.pay.commission != "" or not (s.pay.commission_bp or s.pay.commission_min_kop),
     "is empty, but pay.commission_bp or pay.commission_min_kop takes one"),
    ("support.answer_days", lambda s: 1 <= s.support.answer_days <= 30, "must be 1 to 30 working days"),
)  # fmt: skip
"""Key, what must hold, and why the file is refused otherwise. The order matters: later checks rely on earlier ones."""


def fault(supplier: Supplier) -> tuple[str, str] | None:
    """The first (key, reason) for which the supplier must be refused, if any."""
    return next(_faults(supplier), None)


def _faults(supplier: Supplier) -> Iterator[tuple[str, str]]:
    for key, holds, reason in CHECKS:
        if not holds(supplier):
            yield key, reason
    yield from _example_faults(supplier.account)


def _example_faults(rule: AccountRule) -> Iterator[tuple[str, str]]:
    """The examples are the tests of the account rule: each must come out as the file says."""
    if len(rule.examples_valid) < FEWEST_EXAMPLES:
        yield "account.examples_valid", f"has fewer than {FEWEST_EXAMPLES} examples"
    if len(rule.examples_invalid) < FEWEST_EXAMPLES:
        yield "account.examples_invalid", f"has fewer than {FEWEST_EXAMPLES} examples"
    for typed, stored in rule.examples_valid:
        for text in (typed, stored):
            if not _accepts(rule, text):
                yield "account.examples_valid", f"has {text!r}, which is not accepted"
            elif (found := rule.canonical(text)) != stored:
                yield "account.examples_valid", f"has {text!r}, which comes out as {found!r}, not {stored!r}"
    for typed in rule.examples_invalid:
        if _accepts(rule, typed):
            yield "account.examples_invalid", f"has {typed!r}, which is accepted"
    if not _accepts(rule, rule.example):
        yield "account.example", "is not accepted"
    if not _has(r"[^{}]*\{:0[1-9]d\}[^{}]*", rule.sample):
        yield "account.sample", "must hold one place for a number with leading zeros, such as {:05d}"
    elif not all(_accepts(rule, rule.sample.format(index)) for index in (0, LAST_SAMPLE)):
        yield "account.sample", f"gives a number that is not accepted, for 0 or {LAST_SAMPLE}"
