"""Start and stop the processes of `kg.worker`: a keeper for a release, and its workers."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

from kg.store import Release
from kg.worker.frames import LAST, Frames, Request, send_request
from kg.worker.keeper import BURY, COMMAND, FORK, NUMBER
from web.engine import UnavailableError

_ROOT = Path(__file__).parent.parent
# Memory of the store in pages of 2 MB: forking is ten times faster, joins are up to twice as fast.
_TUNABLES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}


class Worker:
    """A process that answers one query at a time."""

    def __init__(self, keeper: Keeper, number: int, connection: socket.socket) -> None:
        self.keeper = keeper
        self.number = number
        self.deadline = float("inf")
        self.overdue = False
        self._connection = connection
        self._frames = Frames(connection)
        self._lock = threading.Lock()
        self._killed = False

    def send(self, request: Request) -> None:
        """Send a request; raise OSError where the process has died."""
        send_request(self._connection, request)

    def receive(self) -> tuple[int, bytes] | None:
        """Wait for the next frame; return None when the process has died or been killed."""
        return self._frames.receive()

    def kill(self) -> None:
        """End the process at once, and whatever waits for it to answer."""
        with self._lock:
            if not self._killed:
                self._killed = True
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self.number, signal.SIGKILL)
                # The end of a big process takes its time; those who wait need not.
                with contextlib.suppress(OSError):
                    self._connection.shutdown(socket.SHUT_RDWR)

    def hang_up(self) -> None:
        """Close the connection: the process ends when it would next speak or listen."""
        self._connection.close()

    def bury(self) -> None:
        """Let the keeper forget the process: its number may then be another's."""
        self.kill()
        self.hang_up()
        self.keeper.bury(self.number)


class Keeper:
    """The process that holds a release. One thread at a time may use it."""

    def __init__(self, release: Release, *, in_memory: bool, max_memory: int) -> None:
        """Start the process, and wait until it has opened the store; raise UnavailableError."""
        self.release = release
        self.in_memory = in_memory
        self.confined = True
        self._control, theirs = socket.socketpair()
        where = "memory" if in_memory else "disk"
        arguments = [str(theirs.fileno()), str(release.folder), where, str(max_memory)]
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "kg.worker", *arguments],
                cwd=_ROOT,
                env=os.environ | (_TUNABLES if in_memory else {}),
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        try:
            length = self._number()
            sentence = self._control.recv(length, socket.MSG_WAITALL).decode() if length else ""
        except OSError as error:
            self.close()
            raise UnavailableError(f"{release.folder} cannot be opened: {error}") from error
        if sentence:
            self.close()
            raise UnavailableError(sentence)

    def start(self) -> Worker:
        """Fork a worker, and wait until it can answer; raise OSError."""
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                socket.send_fds(self._control, [COMMAND.pack(FORK, 0)], [theirs.fileno()])
            worker = Worker(self, self._number(), ours)
        except OSError:
            ours.close()
            raise
        hello = worker.receive()
        if hello is None or hello[0] != LAST:
            worker.bury()
            raise OSError("a worker died before its first query")
        self.confined = self.confined and bool(hello[1])
        return worker

    def bury(self, number: int) -> None:
        """Let a dead worker's number go."""
        with contextlib.suppress(OSError):
            self._control.sendall(COMMAND.pack(BURY, number))

    def ended(self) -> bool:
        """Say whether the process has ended by itself."""
        return self._process.poll() is not None

    def close(self) -> None:
        """End the process, and with it its workers."""
        self._process.kill()
        self._process.wait()
        self._control.close()

    def _number(self) -> int:
        data = self._control.recv(NUMBER.size, socket.MSG_WAITALL)
        if len(data) < NUMBER.size:
            raise OSError("its process has ended")
        return int(NUMBER.unpack(data)[0])
