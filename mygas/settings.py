"""Everything that differs between installations, read once from the environment.

In production nothing secret has a default and the portal refuses to start, saying why. In demo mode the keys are made
on first start inside the data folder.
"""

import os
import re
import secrets
import stat
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from mygas import contacts

ROOT = Path(__file__).resolve().parent.parent
KEY_NAMES = ("session", "codes", "pins", "pepper", "sealing")
TRAINING = "/training"


class BadSettings(Exception):
    """The portal cannot start with these settings; the message says which one and why."""


@dataclass(frozen=True, repr=False)
class Keys:
    """32 random bytes each. `session` signs form cookies, `codes` derives confirmation codes, `pins` derives and compares
    PINs, `pepper` goes into password hashes, `sealing` encrypts what waits in the outbox."""

    session: bytes
    codes: bytes
    pins: bytes
    pepper: bytes
    sealing: bytes


@dataclass(frozen=True)
class Settings:
    """One portal. `public_url` is what links in letters begin with; `proxies` is the true number of proxies in front.

    `mount` is the path under which it hangs, empty for the portal of an installation. `jobs`: whether what is promised waits for
    the worker, or is done right after the commit by the process that promised it. `training`: whether the training portal hangs
    beside it, for at most `learners` at a time.

    `keys_dir` is where the keys were read from, None where they came from nowhere.

    `support_…` are of the portal's own support: its address, empty where there is none, working days to an answer, whether each
    new question is sent to that address too.
    """

    data_dir: Path
    keys: Keys = field(repr=False)
    demo: bool = False
    database_url: str = ""
    redis_url: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = "http://localhost:8000"
    proxies: int = 0
    catalogue: Path = ROOT / "mygas" / "suppliers" / "catalogue"
    password_policy: str = "instruction"  # noqa: S105 - the name of a policy, not a password
    captcha: str = "risk"
    mail_url: str = field(default="screen:", repr=False)
    mail_from: str = "Smorodina <noreply@localhost>"
    sms_url: str = field(default="screen:", repr=False)
    sms_method: str = "POST"
    sms_body: str = field(default="", repr=False)
    sms_daily: int = 2000
    bank_url: str = field(default="pretend:", repr=False)
    support_email: str = "support@смородина.онлайн"
    support_days: int = 3
    support_copy: bool = False
    requests: str = "300 per 5 minutes"
    web_processes: int = 1
    mount: str = ""
    jobs: Literal["worker", "at once"] = "worker"
    training: bool = True
    learners: int = 2000
    keys_dir: Path | None = None

    def for_training(self, data_dir: Path, bank_port: int) -> "Settings":
        """The portal of lessons: the same rules, and nothing shared. All that it knows, its keys too, is in `data_dir`; its
        messages go to a file there, its money to a pretend bank at that port of this machine. Raises BadSettings.
        """
        return replace(
            self, data_dir=data_dir, keys=_keys(data_dir / "keys", make=True), keys_dir=data_dir / "keys", redis_url="",
            database_url=f"sqlite:///{data_dir / 'mygas.db'}", captcha="off", public_url=self.public_url + TRAINING,
            mount=TRAINING, jobs="at once", training=False, mail_url="screen:", mail_from=Settings.mail_from, sms_url="screen:",
            sms_body="", sms_daily=20 * self.learners, bank_url=f"pretend:{bank_port}",
        )  # fmt: skip

    def cookie(self, name: str) -> str:
        """The cookie of that name as this portal calls it.

        `__Host-` binds a cookie to this host, to TLS and to the path `/` (ASVS 3.3.3); plain HTTP of a demo cannot have that. A
        portal under a path calls its own otherwise, for a browser shows it the cookies of the whole host too.
        """
        own = f"{self.mount.strip('/')}-{name}" if self.mount else name
        binding = ("__Secure-" if self.mount else "__Host-") if self.secure else ""
        return binding + own

    @property
    def cookie_path(self) -> str:
        """The path that this portal's cookies are bound to."""
        return self.mount or "/"

    @property
    def secure(self) -> bool:
        """Whether people reach the portal over TLS: cookies are then Secure and say so by their names."""
        return self.public_url.startswith("https://")

    @property
    def hosts(self) -> list[str]:
        """The host names the portal answers to; none in demo, where any address of the machine will do."""
        return [] if self.demo else [urlsplit(self.public_url).hostname or ""]

    @property
    def screen_file(self) -> Path:
        """Where demo messages are appended, one JSON object a line."""
        return self.data_dir / "outbox.jsonl"

    @property
    def last_backup(self) -> Path:
        """Where it is noted when the last backup was made, and where it is."""
        return self.data_dir / "last-backup.json"

    @property
    def heart(self) -> Path:
        """The file that a living worker touches."""
        return self.data_dir / "worker.beat"

    @property
    def at_work(self) -> Path:
        """The lock that all processes of the portal share, and a restore wants alone."""
        return self.data_dir / "at-work.lock"

    @property
    def restoring(self) -> Path:
        """The mark of a restore that has begun and not ended."""
        return self.data_dir / "restoring"

    @property
    def lessons(self) -> str:
        """Where the training portal is found from this one, empty where none hangs beside it."""
        return f"{TRAINING}/" if self.training else ""

    @property
    def shows_messages(self) -> bool:
        """Whether anybody may read them all: in the demo, where nobody is to be protected."""
        return self.demo and not self.mount

    @property
    def pretend_bank(self) -> bool:
        """Whether payments go to the bank of the demo, where no money is."""
        return self.bank_url.startswith("pretend:")

    @property
    def redis_socket(self) -> Path:
        """The private socket of the Redis that `flask up` starts when no REDIS_URL is given (a path of at most 107 bytes)."""
        path = self.data_dir / "redis.sock"
        if len(str(path).encode()) < 100:
            return path
        digest = sha256(str(self.data_dir).encode()).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"mygas-{os.getuid()}-{digest}" / "redis.sock"


def from_environment(env: Mapping[str, str] = os.environ) -> Settings:
    """Settings from `MYGAS_*`, `PORT`, `DATABASE_URL`, `REDIS_URL`; `NAME_FILE` may hold the value of a secret NAME.

    Raises BadSettings.
    """
    demo = _is_demo(env)
    data_dir = _folder(Path(env.get("MYGAS_DATA") or ROOT / "var"))
    keys_dir = Path(env.get("MYGAS_KEYS") or data_dir / "keys")
    port = _number(env, "PORT", 8000, most=65535)
    settings = Settings(
        data_dir=data_dir,
        keys=_keys(keys_dir, make=demo),
        keys_dir=keys_dir,
        demo=demo,
        database_url=_secret(env, "DATABASE_URL") or f"sqlite:///{data_dir / 'mygas.db'}",
        redis_url=_secret(env, "REDIS_URL"),
        host=env.get("MYGAS_HOST", "127.0.0.1"),
        port=port,
        public_url=env.get("PUBLIC_URL", f"http://localhost:{port}" if demo else "").rstrip("/"),
        proxies=_number(env, "MYGAS_PROXIES", 0),
        catalogue=Path(env.get("MYGAS_CATALOGUE") or Settings.catalogue),
        password_policy=env.get("MYGAS_PASSWORD_POLICY", Settings.password_policy),
        captcha=env.get("MYGAS_CAPTCHA", Settings.captcha),
        mail_url=_secret(env, "MYGAS_MAIL_URL") or ("screen:" if demo else ""),
        mail_from=env.get("MYGAS_MAIL_FROM") or Settings.mail_from,
        sms_url=_secret(env, "MYGAS_SMS_URL") or ("screen:" if demo else ""),
        sms_method=env.get("MYGAS_SMS_METHOD", Settings.sms_method).upper(),
        sms_body=_secret(env, "MYGAS_SMS_BODY"),
        sms_daily=_number(env, "MYGAS_SMS_DAILY", Settings.sms_daily),
        bank_url=_secret(env, "MYGAS_BANK_URL") or ("pretend:" if demo else "off"),
        support_email=env.get("MYGAS_SUPPORT_EMAIL", Settings.support_email if demo else ""),
        support_days=_number(env, "MYGAS_SUPPORT_DAYS", Settings.support_days, most=30),
        support_copy=_switch(env, "MYGAS_SUPPORT_COPY", Settings.support_copy),
        requests=env.get("MYGAS_REQUESTS", Settings.requests),
        web_processes=_number(env, "MYGAS_WEB_PROCESSES", min(2, os.cpu_count() or 1), most=32),
        training=_switch(env, "MYGAS_TRAINING", Settings.training),
        learners=_number(env, "MYGAS_LEARNERS", Settings.learners, most=10_000),
    )
    _check(settings)
    return settings


def _is_demo(env: Mapping[str, str]) -> bool:
    mode = env.get("MYGAS_MODE", "production")
    if mode not in ("demo", "production"):
        raise BadSettings(f"MYGAS_MODE is {mode!r}; it must be demo or production")
    return mode == "demo"


def _folder(path: Path) -> Path:
    """The data folder, made where it is not there yet."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BadSettings(f"MYGAS_DATA: the folder {path} cannot be made: {error.strerror}") from error
    return path.resolve()


def _check(settings: Settings) -> None:
    if settings.password_policy not in ("instruction", "strong"):
        raise BadSettings("MYGAS_PASSWORD_POLICY must be instruction or strong")
    if settings.captcha not in ("off", "risk", "always"):
        raise BadSettings("MYGAS_CAPTCHA must be off, risk or always")
    if urlsplit(settings.public_url).hostname is None:
        raise BadSettings("PUBLIC_URL is not set: links in letters begin with it, for example https://gas.example.ru")
    if settings.support_email and not contacts.is_email(settings.support_email):
        raise BadSettings("MYGAS_SUPPORT_EMAIL must be an e-mail address in small letters, or empty")
    if settings.support_days < 1:
        raise BadSettings("MYGAS_SUPPORT_DAYS must be 1 to 30 working days")
    if settings.demo:
        return
    if not settings.secure:
        raise BadSettings("PUBLIC_URL must begin with https:// in production")
    if settings.mail_from == Settings.mail_from:
        raise BadSettings("MYGAS_MAIL_FROM is not set: letters come from it, for example `Smorodina <noreply@gas.example.ru>`")
    for name, url in (("MYGAS_MAIL_URL", settings.mail_url), ("MYGAS_SMS_URL", settings.sms_url)):
        if not url or url.startswith("screen:"):
            raise BadSettings(f"{name} must name a real gateway in production")
    if settings.pretend_bank:
        raise BadSettings("MYGAS_BANK_URL must name a real bank in production, or be off")


def _number(env: Mapping[str, str], name: str, default: int, most: int = 10**9) -> int:
    given = env.get(name) or str(default)
    if not re.fullmatch(r"[0-9]{1,10}", given) or int(given) > most:
        raise BadSettings(f"{name} must be a whole number from 0 to {most}, not {given!r}")
    return int(given)


def _switch(env: Mapping[str, str], name: str, default: bool) -> bool:
    given = env.get(name) or ("on" if default else "off")
    if given not in ("on", "off"):
        raise BadSettings(f"{name} must be on or off, not {given!r}")
    return given == "on"


def _secret(env: Mapping[str, str], name: str) -> str:
    if path := env.get(f"{name}_FILE"):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise BadSettings(f"{name}_FILE: {path} cannot be read: {error.strerror}") from error
    return env.get(name, "")


def _keys(folder: Path, *, make: bool) -> Keys:
    """Each key is a file of 64 hexadecimal digits that only its owner may read."""
    missing = [name for name in KEY_NAMES if not (folder / name).exists()]
    if missing and not make:
        recipe = f"umask 077; mkdir -p {folder}; for key in {' '.join(missing)}; do openssl rand -hex 32 > {folder}/$key; done"
        raise BadSettings(f"keys do not exist: {', '.join(missing)} in {folder}. Make them with `{recipe}`")
    found = {}
    for name in KEY_NAMES:
        path = folder / name
        if not path.exists():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(secrets.token_hex(32), encoding="ascii")
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise BadSettings(f"the key {path} can be read by others: chmod 400 {path}")
        try:
            found[name] = bytes.fromhex(path.read_text(encoding="ascii").strip())
        except ValueError as error:
            raise BadSettings(f"the key {path} is not hexadecimal") from error
        if len(found[name]) < 32 or len(set(found[name])) < 8:
            raise BadSettings(f"the key {path} is too short or not random")
    return Keys(**found)
