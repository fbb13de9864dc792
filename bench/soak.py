"""Soak the server in polite, hostile and hung-up clients: make soak, or python -m bench.soak --seconds 180.

Everything is on the loopback address, and ends by itself. It prints a line every five seconds, and ends
with 1 if an answer was wrong, the server said anything unexpected, or its memory grew.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from bench.clients import KINDS, Tally, get
from web.metrics import descendants

ROOT = Path(__file__).parent.parent
_EVERY = 5.0
# What the allocator and the caches may still take after the first third.
_GROWTH, _GROWTH_BYTES = 1.10, 30 << 20
_SETTINGS = {
    "HEARSAY_QUERY_TIMEOUT": "2",
    "HEARSAY_CLIENT_SECONDS": "3",
    "HEARSAY_MAX_RESULTS": "5000000",
    "HEARSAY_MAX_MEMORY": "300000000",
    "HEARSAY_MAX_CACHE": "8000000",
    "HEARSAY_ACCESS_LOG": os.devnull,
}


def main() -> int:
    """Soak, report, and return the exit code."""
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "store"
        _swap(options.store, store, 0)
        process = _start(store)
        assert process.stderr is not None
        port = _port(process)
        said: list[str] = []
        threading.Thread(target=lambda: said.extend(process.stderr or ()), daemon=True).start()
        try:
            tally, memory = _soak(process.pid, port, options, store)
            faults = _faults(tally, memory, process, port)
        finally:
            process.terminate()
            try:
                code = process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                code = -9
    if code:
        faults.append(f"the server ended with {code}")
    # An answer that is cut is told with a warning; anything else is news.
    faults += [f"the server said: {line.strip()}" for line in said if " WARNING " not in line][:10]
    _report(tally, options.seconds, faults)
    return 1 if faults else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Soak the server.")
    parser.add_argument("--store", type=Path, default=ROOT / "build", help="Store to serve a copy of.")
    parser.add_argument("--seconds", type=float, default=180.0, help="How long; 600 at most.")
    options = parser.parse_args()
    options.seconds = min(options.seconds, 600.0)
    return options


def _start(store: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "kg", "serve", "--store", str(store), "--port", "0"]
    return subprocess.Popen(
        command, cwd=ROOT, env=os.environ | _SETTINGS, stderr=subprocess.PIPE, text=True, bufsize=1
    )


def _port(process: subprocess.Popen[str]) -> int:
    assert process.stderr is not None
    line = process.stderr.readline()
    found = re.search(r":(\d+)/", line)
    if not found:
        raise SystemExit(f"the server did not start: {line}")
    return int(found[1])


def _swap(source: Path, store: Path, number: int) -> None:
    """Make a release of a store's dump and a triple more, as a build would."""
    more = store.parent / "more.nt"
    more.write_text(f'<http://example.org/soak> <http://example.org/n> "{number}" .\n', encoding="utf-8")
    dump = shutil.copy(source / "current" / "dump.nq", store.parent / "dump.nq") if not number else None
    files = [str(dump or store.parent / "dump.nq"), str(more)]
    command = [sys.executable, "-m", "kg", "load", *files, "--union", "--out", str(store)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)


def _soak(server: int, port: int, options: argparse.Namespace, store: Path) -> tuple[Tally, list[int]]:
    tally, stop, memory = Tally(), threading.Event(), [_memory(server)]
    clients = [threading.Thread(target=kind, args=(port, tally, stop), daemon=True) for kind in KINDS]
    for client in clients:
        client.start()
    started, swaps, before = time.monotonic(), 0, 0
    _say(f"{'s':>4} {'answers/s':>10} {'busy':>6} {'wrong':>6} {'MB':>7} {'processes':>9}  release")
    while (elapsed := time.monotonic() - started) < options.seconds:
        time.sleep(_EVERY)
        # Four new releases, while everybody goes on.
        if elapsed > (swaps + 1) * options.seconds / 5:
            swaps += 1
            _swap(options.store, store, swaps)
        memory.append(_memory(server))
        answers, busy, wrong = tally.totals()
        rate = (answers - before) / (time.monotonic() - started - elapsed)
        before = answers
        level = f"{memory[-1] / 1e6:7.0f} {_processes(server):9}"
        _say(f"{elapsed + _EVERY:4.0f} {rate:10.0f} {busy:6} {wrong:6} {level}  {swaps}")
    stop.set()
    for client in clients:
        client.join(timeout=15)
        if client.is_alive():
            tally.wrong("a client that did not end", "")
    return tally, memory


def _faults(tally: Tally, memory: list[int], process: subprocess.Popen[str], port: int) -> list[str]:
    faults = [f"{kind}: {what}" for kind, what in tally.faults[:20]]
    if process.poll() is not None:
        return [*faults, f"the server ended by itself, with {process.returncode}"]
    # The first third warms up; a fifth of what is left is what is compared.
    warm = memory[len(memory) // 3 :]
    part = max(1, len(warm) // 5)
    early, late = statistics.median(warm[:part]), statistics.median(warm[-part:])
    _say(f"memory: {early / 1e6:.0f} MB after a third, {late / 1e6:.0f} MB at the end")
    if late > early * _GROWTH + _GROWTH_BYTES:
        faults.append(f"memory grew from {early / 1e6:.0f} to {late / 1e6:.0f} MB")
    time.sleep(5)
    status, body = get(port, "/metrics")
    counted = dict(line.rsplit(" ", 1) for line in body.decode().splitlines() if not line.startswith("#"))
    for name, most in (("hearsay_http_running", 1), ("hearsay_http_connections", 3), ("hearsay_busy", 0)):
        if status != 200 or float(counted.get(name, 0)) > most:
            faults.append(f"{name} is {counted.get(name)} when all have gone")
    return faults


def _processes(server: int) -> int:
    """Return how many processes run: one that has ended, and is yet to be waited for, does not."""
    states = (Path(f"/proc/{number}/stat") for number in (server, *descendants(server)))
    return sum(path.exists() and ") Z " not in path.read_text(encoding="ascii") for path in states)


def _memory(server: int) -> int:
    """Return the bytes of the server and what it started, what they share counted once."""
    total = 0
    for number in (server, *descendants(server)):
        try:
            rollup = Path(f"/proc/{number}/smaps_rollup").read_text(encoding="ascii")
        except OSError:
            continue
        total += sum(int(line.split()[1]) << 10 for line in rollup.splitlines() if line.startswith("Pss:"))
    return total


def _report(tally: Tally, seconds: float, faults: list[str]) -> None:
    for kind, statuses in sorted(tally.statuses.items()):
        shown = ", ".join(f"{count} × {status}" for status, count in sorted(statuses.items()))
        _say(f"{kind:10} {shown}")
    answers, _, _ = tally.totals()
    _say(f"{answers} answers in {seconds:g} s: {answers / seconds:.0f} a second")
    for fault in faults:
        _say(f"fault: {fault}")
    _say("failed" if faults else "no fault")


def _say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
