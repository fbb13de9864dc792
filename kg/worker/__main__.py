"""Start a keeper: `python -m kg.worker DESCRIPTOR FOLDER memory|disk MAX_MEMORY`, by a server only."""

import socket
import sys
from pathlib import Path

from kg.worker.keeper import keep

descriptor, folder, where, max_memory = sys.argv[1:]
keep(
    socket.socket(fileno=int(descriptor)),
    Path(folder),
    in_memory=where == "memory",
    max_memory=int(max_memory),
)
