"""Send requests and time them: with wrk under load, one after another where each takes long.

wrk (in C, from Debian) sends and parses some 100,000 requests a second on one core, so that it is the
endpoint that is measured; a client in Python would be slower than the fastest of the endpoints.
"""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.peers import HOST, Peer
from bench.processes import processor_seconds, settle

_SCRIPT = Path(__file__).parent / "wrk.lua"
_LONGEST = 60
_number = itertools.count(time.time_ns())


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured: times in milliseconds, `rate` in requests a second.

    `processor` is what each request takes of the processors at the endpoint, in microseconds.
    """

    median: float
    p99: float
    rate: float
    requests: int
    failed: int = 0
    processor: float = 0.0


class LoadError(Exception):
    """Requests that could not be sent; its text says why."""


def under_load(
    peer: Peer, paths: Sequence[str], accept: str, *, clients: int, seconds: int, fresh: bool
) -> Measured:
    """Measure an endpoint under so many clients, each of which asks again as soon as it is answered.

    With `fresh`, no two requests are the same: the paths take turns, and each ends with a comment of its
    own; otherwise every request is the first path.
    """
    if not shutil.which("wrk"):
        raise LoadError("wrk is not installed: try 'apt-get install wrk'")
    with tempfile.NamedTemporaryFile("w", suffix=".paths") as file:
        file.write("\n".join(paths) + "\n")
        file.flush()
        options = f"-t1 -c{clients} -d{seconds}s --timeout {_LONGEST}s -s {_SCRIPT}".split()
        command = ["wrk", *options, "-H", f"Accept: {accept}", f"http://{HOST}:{peer.port}/"]
        given = [file.name, "fresh" if fresh else "same", str(next(_number))]
        before = processor_seconds(peer.number)
        output = subprocess.run([*command, "--", *given], capture_output=True, text=True, check=False)
        used = processor_seconds(peer.number) - before
    # wrk hangs up on whatever is under way: that is not what is measured next.
    settle(peer.number, quiet=0.3, longest=5)
    line = next((line for line in output.stdout.splitlines() if line.startswith("RESULT ")), None)
    if line is None:
        raise LoadError(f"wrk: {output.stderr.strip() or output.stdout.strip()}")
    found = json.loads(line.removeprefix("RESULT "))
    requests = int(found["requests"])
    return Measured(
        median=found["median"] / 1e3,
        p99=found["p99"] / 1e3,
        rate=requests / (found["microseconds"] / 1e6),
        requests=requests,
        failed=int(found["failed"]),
        processor=1e6 * used / max(requests, 1),
    )


def one_by_one(peer: Peer, paths: Sequence[str], accept: str, *, seconds: float, least: int = 3) -> Measured:
    """Measure an endpoint that takes long, over one connection: for so many seconds, and so many times."""
    connection = http.client.HTTPConnection(HOST, peer.port, timeout=_LONGEST)
    failed = 0

    def send(path: str) -> None:
        nonlocal failed
        connection.request("GET", path, headers={"Accept": accept})
        response = connection.getresponse()
        response.read()
        failed += response.status != 200

    with contextlib.closing(connection):
        measured = timed(send, paths, seconds=seconds, least=least)
    return Measured(measured.median, measured.p99, measured.rate, measured.requests, failed)


def timed(run: Callable[[str], object], texts: Iterable[str], *, seconds: float, least: int = 3) -> Measured:
    """Time a function for so many seconds, and at least so many times; the texts take turns."""
    times = list[float]()
    end = time.perf_counter() + seconds
    for text in itertools.cycle(texts):
        started = time.perf_counter()
        run(text)
        times.append(time.perf_counter() - started)
        if time.perf_counter() > end and len(times) >= least:
            break
    ordered = sorted(times)
    p99 = ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))]
    return Measured(1e3 * statistics.median(times), 1e3 * p99, len(times) / sum(times), len(times))
