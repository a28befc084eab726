"""Runs a command as a unit of deploy/ would be run, as far as that can be done without systemd:

    python -m tests.deploy.confined mygas.service COMMAND...

only the system calls and families of addresses that the unit allows, no memory both writable and executable, no new privileges.
User, capabilities and file system stay what they are.
"""

import ctypes
import errno
import os
import subprocess
import sys
from pathlib import Path

from tests.deploy.units import Unit, read_unit

DEPLOY = Path(__file__).parents[2] / "deploy"
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000 | errno.EPERM
_NO_NEW_PRIVS, _SET_MDWE = 38, 65
_EQUAL = 4
_FAMILIES = {"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10}


class _Compare(ctypes.Structure):
    _fields_ = (("arg", ctypes.c_uint), ("op", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64))


def allowed(unit: Unit) -> set[str]:
    """Names of the system calls that the unit's filters leave, as systemd of this machine knows its groups."""
    calls: set[str] = set()
    for words in unit.all("Service", "SystemCallFilter"):
        named = _expanded(words.removeprefix("~").split())
        calls = calls - named if words.startswith("~") else calls | named
    return calls


def _expanded(words: list[str]) -> set[str]:
    calls: set[str] = set()
    for word in words:
        if word.startswith("@"):
            told = subprocess.run(
                ["systemd-analyze", "syscall-filter", "--no-pager", word], capture_output=True, text=True, check=True
            )
            calls |= _expanded([line.strip() for line in told.stdout.splitlines()[1:] if line.strip() and "#" not in line])
        else:
            calls.add(word)
    return calls


def confine(calls: set[str], families: set[str]) -> None:
    """From here on, and in all children, nothing else is answered but with EPERM. Raises OSError."""
    libc, seccomp = ctypes.CDLL(None, use_errno=True), ctypes.CDLL("libseccomp.so.2")
    seccomp.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(seccomp.seccomp_init(ctypes.c_uint32(_ERRNO)))
    for name in calls - {"socket"}:
        if (number := seccomp.seccomp_syscall_resolve_name(name.encode())) >= 0:
            seccomp.seccomp_rule_add_array(context, ctypes.c_uint32(_ALLOW), number, 0, None)
    for family in families:
        compare = _Compare(0, _EQUAL, _FAMILIES[family], 0)
        number = seccomp.seccomp_syscall_resolve_name(b"socket")
        seccomp.seccomp_rule_add_array(context, ctypes.c_uint32(_ALLOW), number, 1, ctypes.byref(compare))
    for option in (_NO_NEW_PRIVS, _SET_MDWE):
        if libc.prctl(option, 1, 0, 0, 0) != 0 and option == _NO_NEW_PRIVS:  # the second is newer than some kernels
            raise OSError(ctypes.get_errno(), "prctl")
    if seccomp.seccomp_load(context) != 0:
        raise OSError(errno.EINVAL, "seccomp_load")


def main(unit_name: str, command: list[str]) -> None:
    unit = read_unit(DEPLOY / unit_name)
    calls, families = allowed(unit), set(unit.one("Service", "RestrictAddressFamilies").split())
    os.umask(int(unit.one("Service", "UMask"), 8))
    confine(calls | {"execve"}, families)
    os.execv(command[0], command)  # noqa: S606 - the command is the caller's


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
