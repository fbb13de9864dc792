"""Releases: complete stores on disk that are swapped in at once and never change.

    out/current -> releases/<id>      the release that is served
    out/releases/<id>/dump.nq         the dataset, as sorted N-Quads; <id> begins its SHA-256
                      dump.nt         its union as sorted N-Triples, each triple once
                      store/          both, loaded: the union is the store's default graph
                      release.json    what there is to know without opening the store

The union is stored, not computed: a triple that two graphs hold is then one triple to a plain query
(Oxigraph's own union answers it twice), and joins run two to five times faster.
"""

from __future__ import annotations

import contextlib
import datetime
import fcntl
import hashlib
import itertools
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, cast

from pyoxigraph import Quad, RdfFormat, Store, serialize

from kg import __version__
from kg.iris import DEFAULT_BASE
from kg.joined import Joined
from kg.lines import SortedLines
from kg.query import QueryError, query

__all__ = ["QueryError", "Release", "StoreError", "open_release", "query", "read_release", "write_release"]

_AT_ONCE = 200_000
_KEPT = 2
# Measured on 1.2 million entries: 408 MB for dumps of 187 MB.
_BYTES_IN_MEMORY = 2.2
_DUMPS = ("dump.nq", "dump.nt")


class StoreError(Exception):
    """A store that cannot be opened or written; its text says what to do."""


@dataclass(frozen=True)
class Release:
    """One complete, unchanging dataset on disk."""

    id: str
    folder: Path
    base: str
    quads: int
    built: str
    in_memory: bool = False

    @property
    def dump(self) -> Path:
        """Return the file that holds the dataset as sorted N-Quads."""
        return self.folder / "dump.nq"

    @property
    def bytes_in_memory(self) -> int:
        """Estimate what a copy in memory takes, from the size of the dumps."""
        dumps = (self.folder / name for name in _DUMPS)
        return int(_BYTES_IN_MEMORY * sum(dump.stat().st_size for dump in dumps if dump.exists()))

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Keep the files from being cleared away; raise StoreError where they already are.

        Processes that are forked meanwhile hold them too, as long as they live.
        """
        try:
            manifest = (self.folder / "release.json").open("rb")
        except OSError as error:
            raise StoreError(f"{self.folder} cannot be opened ({error}): build it again") from error
        with manifest:
            try:
                fcntl.flock(manifest, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StoreError(f"{self.folder} is being cleared away: open the current release") from None
            yield

    @cached_property
    def store(self) -> Store:
        """Open the store, read-only on disk or as a copy in memory; raise StoreError."""
        try:
            if not self.in_memory:
                return Store.read_only(str(self.folder / "store"))
            store = Store()
            _load(store, self.folder)
        except (OSError, RuntimeError, SyntaxError) as error:
            raise StoreError(f"{self.folder} cannot be opened ({error}): build it again") from error
        return store


def open_release(out: Path | str, *, in_memory: bool = False) -> Release:
    """Return the current release of a folder; raise StoreError where there is none.

    In memory, joins run 5 to 20 times faster than on disk.
    """
    current = _folder(out) / "current"
    if not current.exists():
        raise StoreError(f"there is no store in '{out}': make one with 'python -m kg build --out {out}'")
    return read_release(current.resolve(), in_memory=in_memory)


def write_release(
    quads: Iterable[Quad], out: Path | str, *, base: str = DEFAULT_BASE, union: bool = True
) -> Release:
    """Write quads as a new release, swap it in, and return it; raise StoreError.

    Without `union` a plain query sees only what the quads themselves put into the default graph.
    Until the swap everything happens in a temporary folder: whatever fails, the old release stays.
    """
    out = _folder(out)
    with _locked(out):
        releases = out / "releases"
        for stale in (*releases.glob(".building-*"), *out.glob(".current-*")):
            shutil.rmtree(stale) if stale.is_dir() and not stale.is_symlink() else stale.unlink()
        building = releases / f".building-{os.getpid()}"
        building.mkdir(parents=True)
        try:
            folder = _write(quads, building, base=base, union=union)
        finally:
            shutil.rmtree(building, ignore_errors=True)
        link = out / f".current-{os.getpid()}"
        link.symlink_to(Path("releases") / folder.name)
        link.replace(out / "current")
        _prune(releases, folder)
    return read_release(folder.resolve())


def _folder(out: Path | str) -> Path:
    if str(out).startswith(("http://", "https://")):
        raise StoreError(f"'{out}' is a remote store: only a folder can be given yet")
    return Path(out)


def _write(quads: Iterable[Quad], building: Path, *, base: str, union: bool) -> Path:
    dataset, merged = SortedLines(building, "nq"), SortedLines(building, "nt")
    iterator = iter(quads)
    while chunk := list(itertools.islice(iterator, _AT_ONCE)):
        dataset.add(serialize(chunk, format=RdfFormat.N_QUADS) or b"")
        if union:
            merged.add(serialize((quad.triple for quad in chunk), format=RdfFormat.N_TRIPLES) or b"")
    count = dataset.write(building / "dump.nq")
    if union:
        merged.write(building / "dump.nt")
    with (building / "dump.nq").open("rb") as dump:
        digest = hashlib.file_digest(dump, "sha256").hexdigest()[:16]
    folder = building.parent / (digest if union else f"{digest}-plain")
    built = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    manifest = {"id": digest, "base": base, "quads": count, "built": built, "software": __version__}
    if not folder.exists():
        store = Store(str(building / "store"))
        _load(store, building)
        store.optimize()
        store.flush()
        del store
        (building / "release.json").write_text(json.dumps(manifest, indent="\t") + "\n", encoding="utf-8")
        building.rename(folder)
    return folder


def _load(store: Store, folder: Path) -> None:
    # As one file, of which every line is N-Quads: read apart, a blank node of the union would not be the
    # one of its graph.
    with Joined([folder / name for name in _DUMPS if (folder / name).exists()]) as lines:
        store.bulk_load(cast(IO[bytes], lines), format=RdfFormat.N_QUADS)


def read_release(folder: Path, *, in_memory: bool = False) -> Release:
    """Return the release in a folder of its own; raise StoreError."""
    try:
        manifest = json.loads((folder / "release.json").read_text(encoding="utf-8"))
        return Release(
            manifest["id"], folder, manifest["base"], manifest["quads"], manifest["built"], in_memory
        )
    except (OSError, ValueError, KeyError) as error:
        raise StoreError(f"{folder} has no readable release.json ({error}): build again") from error


def _prune(releases: Path, current: Path) -> None:
    # The release before this one may be about to be opened by a server that has not yet noticed the swap.
    old = sorted((p for p in releases.iterdir() if p != current), key=lambda p: p.stat().st_mtime)
    for folder in old[: max(0, len(old) - (_KEPT - 1))]:
        try:
            manifest = (folder / "release.json").open("rb")
        except FileNotFoundError:
            shutil.rmtree(folder)
            continue
        with manifest, contextlib.suppress(BlockingIOError):
            fcntl.flock(manifest, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder)


@contextlib.contextmanager
def _locked(out: Path) -> Iterator[None]:
    out.mkdir(parents=True, exist_ok=True)
    with (out / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreError(f"another build is writing to '{out}': wait, or choose another --out") from None
        yield
