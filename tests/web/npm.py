"""What the tests drive from npm: installed once into tests/web/node, as its lock file says."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

NODE = Path(__file__).parent / "node"


def run_node(script: str, *arguments: str, seconds: float = 60) -> subprocess.CompletedProcess[str]:
    """Run a script of tests/web/node; what it prints is in the result, and it must end well."""
    _installed()
    command = ["node", str(NODE / script), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds)
    assert done.returncode == 0, done.stderr
    return done


@cache
def _installed() -> None:
    if not shutil.which("node") or not shutil.which("npm"):
        _do_without("node and npm are not installed: install Node.js 18 or newer to run this test")
    lock = NODE / "package-lock.json"
    stamp, digest = NODE / "node_modules" / ".installed", hashlib.sha256(lock.read_bytes()).hexdigest()
    with lock.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_text() == digest:
            return
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
        done = subprocess.run(command, cwd=NODE, capture_output=True, text=True, timeout=600)
        if done.returncode:
            _do_without(f"`npm ci` in {NODE} failed: {done.stderr.strip()[-500:]}")
        stamp.write_text(digest)


def _do_without(reason: str) -> None:
    # Nobody needs Node.js to use or change Hearsay; what lands has passed with it.
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
