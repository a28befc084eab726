"""The machine that the portal stands on: its disk, its clock, its key files, and the proxy before it."""

import ctypes
import shutil
import stat
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Literal, Protocol

from mygas import clock

_MB = 1024 * 1024
LEAST_FREE, LEAST_SHARE = 500 * _MB, 20  # bytes; one in so many of the disk's
SET_BACK = timedelta(minutes=5)
_TIME_ERROR = 5  # of adjtimex(2): the clock is not synchronised


@dataclass(frozen=True)
class Finding:
    """Of one check: what it found, and what to do about it where it is not well."""

    name: str
    state: Literal["ok", "warn", "bad"]
    says: str
    remedy: str = ""


class Installation(Protocol):
    """What the checks must know of the settings; mygas.settings tells what each is."""

    @property
    def data_dir(self) -> Path: ...
    @property
    def keys_dir(self) -> Path | None: ...
    @property
    def heart(self) -> Path: ...
    @property
    def last_backup(self) -> Path: ...
    @property
    def restoring(self) -> Path: ...
    @property
    def mount(self) -> str: ...
    @property
    def secure(self) -> bool: ...
    @property
    def host(self) -> str: ...
    @property
    def proxies(self) -> int: ...


def disk(of: Installation) -> Finding:
    """A full disk stops everything, so it is told of before."""
    usage = shutil.disk_usage(of.data_dir)
    least = max(LEAST_FREE, usage.total // LEAST_SHARE)
    says = f"{usage.free // _MB} MB free of {usage.total // _MB}"
    if usage.free <= least:
        return Finding("disk", "bad", f"{says}; at least {least // _MB} are wanted", "make room, or put in a larger disk")
    return Finding("disk", "ok", says)


def clock_is_sane(newest: datetime | None) -> Finding:
    """`newest` is when the last deed was written down: a clock that was set back stands before it."""
    now = clock.now()
    if newest is not None and newest > now + SET_BACK:
        says = f"{now:%Y-%m-%d %H:%M} UTC, and something was written down at {newest:%Y-%m-%d %H:%M}"
        return Finding("clock", "bad", says, "set the clock right: `timedatectl`")
    if _adjtimex() == _TIME_ERROR:
        return Finding("clock", "warn", f"{now:%H:%M:%S} UTC, not synchronised", "`timedatectl set-ntp true`")
    return Finding("clock", "ok", f"{now:%H:%M:%S} UTC")


def keys(of: Installation) -> Finding:
    """Keys are read by their owner alone, and nobody else puts another one in their place."""
    if of.keys_dir is None:
        return Finding("keys", "ok", "given by hand")
    others = stat.S_IRWXG | stat.S_IRWXO
    open_to_others = [path.name for path in sorted(of.keys_dir.iterdir()) if path.is_file() and path.stat().st_mode & others]
    if open_to_others:
        return Finding("keys", "bad", f"others may read {', '.join(open_to_others)}", f"chmod 400 {of.keys_dir}/*")
    if of.keys_dir.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return Finding("keys", "bad", f"others may write into {of.keys_dir}", f"chmod 700 {of.keys_dir}")
    return Finding("keys", "ok", f"{of.keys_dir}, for their owner alone")


def proxies(of: Installation) -> Finding:
    """With too few proxies named all visitors have one address; past a proxy anybody may claim any."""
    if of.secure and of.proxies == 0:
        says = "PUBLIC_URL is https, so a proxy is in front, and MYGAS_PROXIES is 0: all visitors have the proxy's address"
        return Finding("proxies", "bad", says, "set MYGAS_PROXIES to the true number, mostly 1")
    if of.proxies and not _is_loopback(of.host):
        says = f"MYGAS_PROXIES is {of.proxies}, and the portal listens on {of.host}: who comes past the proxy claims any address"
        return Finding("proxies", "warn", says, "MYGAS_HOST=127.0.0.1, or a firewall before PORT")
    return Finding("proxies", "ok", f"{of.proxies} in front")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _adjtimex() -> int:
    """What the kernel says of its clock; -1 where it may not be asked. The buffer asks for nothing to be changed."""
    try:
        return int(ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(1024)))
    except (AttributeError, OSError):
        return -1
