"""Certificates, settings and bare servers for the gateways to talk to."""

import datetime
import ipaddress
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from mygas.settings import Keys, Settings
from tests.gateways.faults import Talk


@pytest.fixture
def settings(tmp_path):
    """A maker of settings: `settings(mail_url=…)`."""

    def make(**changes) -> Settings:
        return Settings(**{"data_dir": tmp_path, "keys": Keys(*[bytes(range(32))] * 5), **changes})

    return make


@pytest.fixture(scope="session")
def certificate(tmp_path_factory) -> str:
    """Of this machine, trusted by nobody who was not told to; a PEM file with its key."""
    names = x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    return _certificate(tmp_path_factory.mktemp("certificates"), "localhost", *names)


@pytest.fixture(scope="session")
def strange_certificate(tmp_path_factory) -> str:
    """Of another host."""
    return _certificate(tmp_path_factory.mktemp("certificates"), "elsewhere", x509.DNSName("elsewhere.example"))


def _certificate(folder, name: str, *names: x509.GeneralName) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    today = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / f"{name}.pem"
    path.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return str(path)


@pytest.fixture
def serve():
    """`serve(talk)` starts a server that hands each connection to `talk`; returns its port."""
    with ExitStack() as running:
        yield lambda talk: running.enter_context(_serving(talk))


@contextmanager
def _serving(talk: Talk) -> Iterator[int]:
    def answer(line: socket.socket) -> None:
        with line, suppress(OSError):
            talk(line)

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=answer, args=listener.accept()[:1], daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def closed_port() -> int:
    """Where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]
