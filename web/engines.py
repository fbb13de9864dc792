"""Choose the engine that the settings ask for."""

from __future__ import annotations

from kg.settings import Settings
from web.cache import CachingEngine
from web.engine import Engine
from web.remote import RemoteEngine
from web.workers import PoolEngine


def make_engine(settings: Settings) -> Engine:
    """Return the engine of a store, with a cache before it unless the settings forbid one."""
    if settings.store.startswith(("http://", "https://")):
        # What it answers may change without a sign, so nothing of it is kept.
        return RemoteEngine(
            settings.store,
            base=settings.base,
            timeout=settings.query_timeout,
            connections=4 * settings.workers,
            max_bytes=settings.max_results,
        )
    engine: Engine = PoolEngine(
        settings.store,
        workers=settings.workers,
        query_timeout=settings.query_timeout,
        queue_seconds=settings.queue_seconds,
        max_queue=settings.max_queue,
        max_results=settings.max_results,
        max_memory=settings.max_memory,
        in_memory=settings.in_memory,
    )
    return CachingEngine(engine, settings.max_cache) if settings.max_cache else engine
