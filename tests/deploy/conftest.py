"""The portal as in production, and nginx before it; nginx before nothing."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from mygas.settings import KEY_NAMES
from tests.deploy import proxy
from tests.e2e import portal


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[proxy.Proxy]:
    """client → TLS → nginx → `flask up` in production mode."""
    if proxy.NGINX is None:
        pytest.skip(proxy.NO_NGINX)
    folder = tmp_path_factory.mktemp("served")
    with (
        portal.running(folder / "data", **production(folder)) as running,
        proxy.running(folder / "nginx", running.port) as before,
    ):
        yield before


@pytest.fixture(scope="session")
def lonely(tmp_path_factory: pytest.TempPathFactory) -> Iterator[proxy.Proxy]:
    """client → TLS → nginx → nobody."""
    if proxy.NGINX is None:
        pytest.skip(proxy.NO_NGINX)
    with proxy.running(tmp_path_factory.mktemp("lonely") / "nginx", portal.free_port()) as before:
        yield before


def production(folder: Path, **more: str) -> dict[str, str]:
    """Settings of production; the gateways that they name are nowhere."""
    keys = folder / "keys"
    keys.mkdir()
    for name in KEY_NAMES:
        (keys / name).touch(mode=0o600)
        (keys / name).write_text(secrets.token_hex(32), encoding="ascii")
    return {
        "MYGAS_MODE": "production", "PUBLIC_URL": f"https://{proxy.HOST}", "MYGAS_KEYS": str(keys), "MYGAS_PROXIES": "1",
        "MYGAS_MAIL_URL": "smtp://127.0.0.1:9", "MYGAS_MAIL_FROM": f"Gas <noreply@{proxy.HOST}>",
        "MYGAS_SMS_URL": "http://127.0.0.1:9/", "MYGAS_SMS_BODY": "to={to}&text={text}",
        "MYGAS_TRAINING": "off", "MYGAS_WEB_PROCESSES": "1", "MYGAS_REQUESTS": "10000 per minute", **more,
    }  # fmt: skip
