"""Servers' misbehaviour: each is what one connection does."""

import socket
import struct
import time
from collections.abc import Callable

Talk = Callable[[socket.socket], None]


def silent(line: socket.socket) -> None:
    """Takes everything, answers nothing."""
    while line.recv(65536):
        pass


def reset(line: socket.socket) -> None:
    """Drops the connection rudely."""
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def nonsense(line: socket.socket) -> None:
    """Speaks no known protocol."""
    line.sendall(b"\x00\xffwhat?\r\nbad dog\r\n" * 3)
    silent(line)


def dripping(beginning: bytes) -> Talk:
    """Begins an answer and goes on by one byte each 50 ms: no pause is ever as long as a socket's time-out."""

    def talk(line: socket.socket) -> None:
        line.sendall(beginning)
        for _ in range(600):
            line.sendall(b"1")
            time.sleep(0.05)

    return talk
