"""Which bank the settings name, if any (docs/gateways.md)."""

import ssl
from ipaddress import ip_address, ip_network
from urllib.parse import parse_qsl, unquote, urlsplit

from mygas.acquiring import Acquirer
from mygas.gateways.asking import Host
from mygas.gateways.contract import is_near
from mygas.gateways.yookassa import Network, YooKassa
from mygas.gateways.yookassa_words import Custom
from mygas.settings import BadSettings, Settings

PRETEND_PORT = 8010  # where `flask bank` listens when nobody chose a port; `flask up` chooses a free one
PRETEND_SHOP = "pretend:pretend"
_TIMEOUT = 15  # seconds; YooKassa promises an answer or a 500 within 30
_YOOKASSA_PAGES = "https://yoomoney.ru,https://yookassa.ru"
_YOOKASSA_NETWORKS = (  # https://yookassa.ru/developers/using-api/webhooks#ip
    "185.71.76.0/27,185.71.77.0/27,77.75.153.0/25,77.75.156.11,77.75.156.35,77.75.154.128/25,2a02:5180::/32"
)
_NOTES = {"vat", "tax", "receipt", "order", "pages", "networks", "ca", "timeout"}


def from_settings(settings: Settings) -> Acquirer | None:
    """The bank of `bank_url`: `off`, `pretend:PORT?timeout=15` or `https://SHOPID:SECRET@api.yookassa.ru/v3?vat=11`.

    Raises BadSettings, never quoting the address: it holds a secret.
    """
    if settings.bank_url == "off":
        return None
    try:
        return _pretend(settings) if settings.pretend_bank else _yookassa(settings.bank_url)
    except (ValueError, OSError) as error:
        raise BadSettings(f"MYGAS_BANK_URL cannot be understood ({type(error).__name__})") from None


def _pretend(settings: Settings) -> YooKassa:
    """The bank of the demo: another process on this machine. Its pages are mounted under the portal's own address."""
    notes = _notes(settings.bank_url)
    public = urlsplit(settings.public_url)
    return YooKassa(
        host=Host("127.0.0.1", pretend_port(settings.bank_url), None, _timeout(notes)),
        path="/v3",
        shop=PRETEND_SHOP,
        pages=(f"{public.scheme}://{public.netloc}",),
        networks=_here(settings.host),
        custom=_custom(notes),
        name="pretend",
    )


def pretend_port(bank_url: str) -> int:
    """Where the bank of the demo listens. Raises ValueError."""
    return int(urlsplit(bank_url).path or PRETEND_PORT)


def _yookassa(bank_url: str) -> YooKassa:
    url, notes = urlsplit(bank_url), _notes(bank_url)
    if url.scheme not in ("https", "http") or not url.hostname or not url.username or not url.password or url.fragment:
        raise BadSettings("MYGAS_BANK_URL must be off, pretend: or https://SHOPID:SECRET@api.yookassa.ru/v3")
    if url.scheme == "http" and not is_near(url.hostname):
        raise BadSettings("MYGAS_BANK_URL must begin with https:// unless the bank is on this machine or in a private network")
    context = ssl.create_default_context(cafile=notes.get("ca")) if url.scheme == "https" else None
    return YooKassa(
        host=Host(url.hostname, url.port, context, _timeout(notes)),
        path=url.path.rstrip("/"),
        shop=f"{unquote(url.username)}:{unquote(url.password)}",
        pages=tuple(notes.get("pages", _YOOKASSA_PAGES).split(",")),
        networks=_networks(notes.get("networks", _YOOKASSA_NETWORKS)),
        custom=_custom(notes),
    )


def _notes(bank_url: str) -> dict[str, str]:
    notes = dict(parse_qsl(urlsplit(bank_url).query, keep_blank_values=True))
    if strange := notes.keys() - _NOTES:
        raise BadSettings(f"MYGAS_BANK_URL may have only {', '.join(sorted(_NOTES))} after ?, not {', '.join(sorted(strange))}")
    return notes


def _custom(notes: dict[str, str]) -> Custom:
    vat, tax = int(notes.get("vat", Custom.vat)), int(notes["tax"]) if "tax" in notes else None
    if not 1 <= vat <= 12 or (tax is not None and not 1 <= tax <= 6):
        raise BadSettings("MYGAS_BANK_URL: vat is a code from 1 to 12, tax one from 1 to 6")
    if {notes.get(name, "on") for name in ("receipt", "order")} - {"on", "off"}:
        raise BadSettings("MYGAS_BANK_URL: receipt and order are on or off")
    return Custom(vat, tax, receipt=notes.get("receipt") != "off", order=notes.get("order") != "off")


def _timeout(notes: dict[str, str]) -> int:
    """Seconds for one question: less than the 30 of the worker's lease."""
    timeout = int(notes.get("timeout", _TIMEOUT))
    if not 1 <= timeout <= 25:
        raise BadSettings("MYGAS_BANK_URL: timeout is from 1 to 25 seconds")
    return timeout


def _networks(given: str) -> tuple[Network, ...]:
    return tuple(ip_network(ip_address(one)) if "/" not in one else ip_network(one) for one in given.split(","))


def _here(host: str) -> tuple[Network, ...]:
    """This machine, by the addresses it has when it speaks to itself; `host` is where the portal listens."""
    here = _networks("127.0.0.0/8,::1")
    try:
        return (*here, *_networks(host))
    except ValueError:  # a name: it speaks from an address of the above
        return here
