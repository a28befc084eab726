"""`flask up` as people run it: a page on a fresh folder, one at a time, nothing left behind."""

import os
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest
import redis

from mygas import up
from tests.e2e.portal import ROOT, command, environment, free_port, running
from tests.jobs.conftest import url_of, wait_until


def test_up_on_a_fresh_folder_serves_a_page_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with running(tmp_path) as portal:
        with urllib.request.urlopen(portal.url) as answer:  # noqa: S310 - our own
            assert "Вход в личный кабинет" in answer.read().decode()
        children = portal.children()
        assert set(children) == ({"redis"} if up.redis_server() else set()) | {"bank", "worker", "serve"}
        second = subprocess.run(
            command("up"), cwd=ROOT, env=environment(tmp_path, free_port()), capture_output=True, text=True, check=False
        )
        assert second.returncode == 1
        assert second.stderr == f"Another `flask up` is already running on {tmp_path}.\n"
        assert portal.children() == children
        assert portal.stop(signal.SIGINT) < 10
    assert portal.process.returncode == 0
    assert [name for name, pids in children.items() for pid in pids if Path(f"/proc/{pid}").exists()] == []
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", portal.port))


def test_up_does_not_pass_another_program_off_as_the_portal(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        told = subprocess.run(
            command("up"), cwd=ROOT, env=environment(tmp_path, port), capture_output=True, text=True, check=False
        )
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr == f"Port {port} of 127.0.0.1 is not to be had; give another one by PORT=8001.\n"


@pytest.mark.parametrize("name", ["worker", "serve", "redis", "bank"])
def test_up_starts_again_what_was_killed(tmp_path: Path, name: str) -> None:
    with running(tmp_path) as portal:
        before = portal.children()
        dead = before[name][0]
        os.kill(dead, signal.SIGKILL)
        wait_until(lambda: dead not in (now := portal.children().get(name, [])) and len(now) == len(before[name]))
        after = portal.children()
        assert {pid for pids in before.values() for pid in pids} - {pid for pids in after.values() for pid in pids} == {dead}


def test_web_servers_share_a_door_that_never_shuts(tmp_path: Path) -> None:
    """While all of them are dead a visitor waits, and is served by the next one; one alone serves as well as two."""
    with running(tmp_path, MYGAS_WEB_PROCESSES="2") as portal:
        both = portal.children()["serve"]
        assert len(both) == 2
        for pid in both:
            os.kill(pid, signal.SIGKILL)
        with urllib.request.urlopen(portal.url, timeout=30) as answer:  # noqa: S310 - our own
            assert answer.status == 200
        wait_until(lambda: len(portal.children().get("serve", [])) == 2)
        os.kill(portal.children()["serve"][0], signal.SIGSTOP)
        try:
            for _ in range(5):
                with urllib.request.urlopen(portal.url, timeout=10) as answer:  # noqa: S310 - our own
                    assert answer.status == 200
        finally:
            os.kill(portal.children()["serve"][0], signal.SIGCONT)


def test_a_worker_whose_redis_died_still_ends_when_asked(tmp_path: Path, redis_server: redis.Redis) -> None:
    env = {**environment(tmp_path, free_port()), "REDIS_URL": url_of(redis_server)}
    subprocess.run(command("db", "upgrade"), cwd=ROOT, env=env, check=True, capture_output=True)
    worker = subprocess.Popen(command("worker"), cwd=ROOT, env=env, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: bool(redis_server.smembers("rq:workers")))
        redis_server.shutdown(nosave=True)
        time.sleep(0.5)
        worker.terminate()
        assert worker.wait(10) == 0
    finally:
        worker.kill()
        worker.wait()


def test_without_any_redis_the_worker_ends_when_asked(tmp_path: Path) -> None:
    env = environment(tmp_path, free_port())
    subprocess.run(command("db", "upgrade"), cwd=ROOT, env=env, check=True, capture_output=True)
    worker = subprocess.Popen(command("worker"), cwd=ROOT, env=env, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: hears(worker.pid, signal.SIGTERM))
        worker.terminate()
        assert worker.wait(10) == 0
    finally:
        worker.kill()
        worker.wait()


def hears(pid: int, number: int) -> bool:
    """Whether the process has a handler for the signal (proc(5), SigCgt)."""
    caught = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("SigCgt"))
    return bool(int(caught.split()[1], 16) >> (number - 1) & 1)
