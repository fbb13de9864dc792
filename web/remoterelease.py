"""What a remote store is known by, since it has no release of ours: its counts.

The id is a hash of how many triples each graph holds, and the default graph. A change that leaves all
counts as they are is not noticed, and an entity tag then stands for the data before: whoever changes a
remote store so restarts the service, or lets clients ask with `Cache-Control: no-cache`.
"""

from __future__ import annotations

import datetime
import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from pyoxigraph import Literal

from kg.store import Release
from web.engine import Row

_DEFAULT = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
_GRAPHS = "SELECT ?g (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"


def read_release(rows: Callable[[str], list[Row]], base: str, *, before: Release | None) -> Release:
    """Return the release that a store's counts make, the one before if they are the same."""
    counts = {str(row["g"]): _number(row) for row in rows(_GRAPHS) if "g" in row}
    counts[""] = _number(rows(_DEFAULT)[0])
    id_ = hashlib.sha256(repr(sorted(counts.items())).encode()).hexdigest()[:16]
    if before is not None and before.id == id_:
        return before
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    quads = sum(count for graph, count in counts.items() if graph)
    # There are no files: nothing is ever found in the null device.
    return Release(id_, Path(os.devnull), base, quads, now)


def _number(row: Row) -> int:
    count = row["n"]
    assert isinstance(count, Literal)
    return int(count.value)
