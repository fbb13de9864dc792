"""Run the commands that a written page shows, in a copy of the project beside a server of its own."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
SHOWN = "127.0.0.1:8000"


def blocks(page: str) -> list[tuple[str, str]]:
    """Return the code blocks of a page of Markdown: the language of each, and its text."""
    found = re.findall(r"^ *```(\w+)\n(.*?)^ *```$", page, re.MULTILINE | re.DOTALL)
    return [(language, textwrap.dedent(text)) for language, text in found]


def copied(folder: Path) -> Path:
    """Copy the project into a folder, with what is installed already."""
    copy = folder / "hearsay"
    leave_out = shutil.ignore_patterns(".git", ".venv", "build", "node_modules", "__pycache__", ".*_cache")
    shutil.copytree(ROOT, copy, ignore=leave_out)
    (copy / ".venv").symlink_to(sys.prefix)
    return copy


@contextlib.contextmanager
def make_serve(project: Path) -> Iterator[str]:
    """Run `make serve`, which installs nothing here: the venv is there; yield the server's address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = project / "serve.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            ["make", "-o", ".venv/installed", "serve"],
            cwd=project,
            env=os.environ | {"HEARSAY_PORT": str(port)},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            _wait_for(f"http://127.0.0.1:{port}/health", server, log)
            yield f"127.0.0.1:{port}"
        finally:
            os.killpg(server.pid, signal.SIGINT)
            server.wait(20)


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        assert server.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(f"no answer from {url}: {log.read_text()}")


def run(language: str, text: str, project: Path) -> str:
    """Run a block in the shell or in Python, and return what it prints."""
    command = ["bash", "-euo", "pipefail", "-c", text] if language == "sh" else [sys.executable, "-c", text]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, f"{text}\n{done.stdout}{done.stderr}"
    return done.stdout
