"""Hold one release, and fork workers of it on demand."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
import struct
from pathlib import Path

from pyoxigraph import Store

from kg.store import Release, StoreError, read_release
from kg.worker.answer import work
from kg.worker.sandbox import confine

# What a server says: start a worker on the socket that comes along; bury one that it has killed, or that
# has died. Until it is buried its number belongs to no other process, so that the server may kill by it.
FORK, BURY = 1, 2
COMMAND = struct.Struct("<BI")
# What is answered: to the start, how many bytes of a sentence follow (none: ready); to FORK, a number.
NUMBER = struct.Struct("<I")


def keep(control: socket.socket, folder: Path, *, in_memory: bool, max_memory: int) -> None:
    """Open the release in a folder, and do what the server says until it is gone."""
    # Ctrl-C and a service manager's SIGTERM reach the whole group: the server says when to end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        release = read_release(folder, in_memory=in_memory)
        with release.held():
            store = release.store if in_memory else None
            gc.collect()
            # What is never looked at by the collector stays shared with the workers.
            gc.freeze()
            control.sendall(NUMBER.pack(0))
            _obey(control, release, store, max_memory)
    except (StoreError, MemoryError) as error:
        sentence = (str(error) or "there is not enough memory for the store").encode()
        control.sendall(NUMBER.pack(len(sentence)) + sentence)
    except ConnectionError:
        pass  # the server is gone, and so is everything that was to be done


def _obey(control: socket.socket, release: Release, store: Store | None, max_memory: int) -> None:
    dead: set[int] = set()
    while True:
        data, descriptors, _, _ = socket.recv_fds(control, COMMAND.size, 1)
        if len(data) < COMMAND.size:
            return
        command, number = COMMAND.unpack(data)
        if command == FORK:
            control.sendall(NUMBER.pack(_fork(control, descriptors[0], release, store, max_memory)))
        else:
            dead.add(number)
        dead -= {number for number in dead if _buried(number)}


def _fork(
    control: socket.socket, descriptor: int, release: Release, store: Store | None, max_memory: int
) -> int:
    number = os.fork()
    if number:
        os.close(descriptor)
        return number
    status = 1
    try:
        control.close()
        # A store that aborts says so at length, and strangers decide how often.
        null = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(null, standard)
        connection = socket.socket(fileno=descriptor)
        confined = confine()
        work(connection, store or release.store, release.base, max_memory=max_memory, confined=confined)
        status = 0
    finally:
        os._exit(status)


def _buried(number: int) -> bool:
    with contextlib.suppress(ChildProcessError):
        return os.waitpid(number, os.WNOHANG)[0] == number
    return True
