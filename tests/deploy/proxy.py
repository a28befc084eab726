"""The shipped files of nginx, on free ports and scratch folders, before whatever listens at a port; and a client of it."""

import http.client
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.portal import free_port

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
HOST = "gas.example.ru"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
NO_NGINX = "no nginx on this machine; .ci/run installs it"

_AROUND = """
{user}
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/all.error.log;
events {{ worker_connections 1024; }}
http {{
    include /etc/nginx/mime.types;
    {temporary}
    gzip on;  # as Debian's own file has it
    include {folder}/site.conf;
}}
"""


@dataclass
class Answer:
    """`headers` as they came, by small names, repeated ones repeated; `body` as it came, packed or not."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name]

    def text(self) -> str:
        return self.body.decode()


@dataclass
class Proxy:
    """A running nginx; `portal` is the port that it passes requests to."""

    folder: Path
    http: int
    https: int
    portal: int

    def connect(self) -> http.client.HTTPSConnection:
        """A connection by the name of HOST that believes the made-up certificate alone."""
        connection = http.client.HTTPSConnection(HOST, self.https, timeout=30, context=self.trust())
        connection._create_connection = lambda *_, **__: socket.create_connection(("127.0.0.1", self.https), 30)  # type: ignore[attr-defined]
        return connection

    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.folder / "tls" / "fullchain.pem")

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, headers=headers)

    def ask(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
        connection = self.connect()
        try:
            connection.request(method, path, body, {name.replace("_", "-"): value for name, value in (headers or {}).items()})
            return answered(connection)
        finally:
            connection.close()

    def access_log(self) -> str:
        return _grown(self.folder / "log" / "mygas.access.log")

    def error_log(self) -> str:
        return _grown(self.folder / "log" / "mygas.error.log") + _grown(self.folder / "all.error.log")

    def close(self) -> None:
        (self.folder / "closed").touch()

    def open(self) -> None:
        (self.folder / "closed").unlink()


def answered(connection: http.client.HTTPConnection) -> Answer:
    """The answer to what was asked last."""
    response = connection.getresponse()
    return Answer(response.status, [(name.lower(), value) for name, value in response.getheaders()], response.read())


def write(folder: Path, portal: int) -> Proxy:
    """The shipped files in `folder`, with its own folders and free ports in the places of the system's; and a certificate."""
    proxy = Proxy(folder, free_port(), free_port(), portal)
    for name in ("tls", "log", "more", "temporary"):
        (folder / name).mkdir(parents=True)
    ours = {
        "/etc/mygas/tls": folder / "tls", "/etc/nginx/mygas-proxy.conf": folder / "proxy.conf",
        "/etc/nginx/mygas.d": folder / "more",
        "/opt/mygas/current/deploy": DEPLOY, "/run/mygas-closed": folder / "closed", "/var/log/nginx": folder / "log",
        "/var/www/mygas-acme": folder / "acme", "127.0.0.1:8000": f"127.0.0.1:{portal}",
        "listen 80;": f"listen 127.0.0.1:{proxy.http};", "listen 443 ": f"listen 127.0.0.1:{proxy.https} ",
    }  # fmt: skip
    for shipped, name in (("nginx.conf", "site.conf"), ("nginx-proxy.conf", "proxy.conf")):
        text = re.sub(r"(?m)^\s*listen \[::\].*\n", "", (DEPLOY / shipped).read_text(encoding="utf-8"))
        for theirs, own in ours.items():
            text = text.replace(theirs, str(own))
        (folder / name).write_text(text, encoding="utf-8")
    temporary = "".join(
        f"{kind}_temp_path {folder}/temporary/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.getuid() == 0 else ""  # its children must be able to enter the scratch folder
    (folder / "nginx.conf").write_text(_AROUND.format(user=user, folder=folder, temporary=temporary), encoding="utf-8")
    make_certificate(folder / "tls")
    return proxy


def make_certificate(folder: Path) -> None:
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}",
         "-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem"], check=True, capture_output=True,
    )  # fmt: skip


@contextmanager
def running(folder: Path, portal: int) -> Iterator[Proxy]:
    """nginx with the shipped files before that port."""
    proxy = write(folder, portal)
    process = subprocess.Popen([str(NGINX), "-c", folder / "nginx.conf"])
    try:
        _wait(proxy.https, process)
        yield proxy
    finally:
        process.terminate()
        process.wait(20)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("nginx did not come up")


def _grown(log: Path) -> str:
    """The log, when it has stopped growing: nginx writes of a request after its answer."""
    before, text = None, ""
    while before != text:
        before = text
        time.sleep(0.2)
        text = log.read_text(encoding="utf-8") if log.exists() else ""
    return text
