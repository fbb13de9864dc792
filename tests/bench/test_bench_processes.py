"""Processor time is that of a process and of all below it."""

import os
import subprocess
import sys
import time

from bench.processes import processor_seconds, settle

BUSY = "import time\nwhile time.process_time() < 0.3: pass"
NESTED = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {BUSY!r}])"


def test_what_a_child_that_has_ended_used_counts() -> None:
    before = processor_seconds(os.getpid())
    subprocess.run([sys.executable, "-c", NESTED], check=True)
    assert processor_seconds(os.getpid()) - before >= 0.28


def test_it_waits_until_a_grandchild_is_idle() -> None:
    with subprocess.Popen([sys.executable, "-c", NESTED]) as busy:
        time.sleep(0.05)
        settle(busy.pid, quiet=0.2)
        assert busy.poll() is not None
