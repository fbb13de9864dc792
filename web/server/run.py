"""Serve the application: listen, answer, and stop when told to."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import os
import resource
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import uvicorn
from flask import Flask

from kg.settings import Settings
from web.accesslog import AccessLog
from web.answers import SETTINGS
from web.metrics import METRICS, Metrics
from web.server.application import Application, Pools
from web.server.bridge import Bridge
from web.server.clients import Limits, Proxies
from web.server.connection import Bounds, bounded

# Longer than the 60 seconds after which usual reverse proxies give an idle connection up: whoever waits
# longer does not meet a connection that closes while a request is on its way.
_KEEP_ALIVE_SECONDS = 75
_BACKLOG = 1024
# What a store, its workers and the logs need of the file descriptors.
_DESCRIPTORS_OF_OTHERS = 256


class ListenError(OSError):
    """An address that cannot be listened on; its text says what to do."""


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens on a host and a port (0: any that is free); raise ListenError."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(cast(tuple[str, int], address[:2]), family=family, backlog=_BACKLOG)
    except OSError as error:
        # Python adds the address to some systems' words, and it is here already.
        own = isinstance(error, socket.gaierror) or error.errno is None
        reason = error.strerror if own else os.strerror(error.errno or 0)
        raise ListenError(
            f"cannot listen on {host}:{port} ({reason}): choose another --host or --port"
        ) from error


class Server(uvicorn.Server):
    """A server that ends with exit code 0 when it is told to, and opens its log anew on SIGHUP."""

    def __init__(self, config: uvicorn.Config, access: AccessLog, pools: Pools) -> None:
        super().__init__(config)
        self._access, self._pools = access, pools

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer requests until SIGTERM or SIGINT; those that are being answered then have time to end."""
        super().run(sockets)
        self._pools.close()
        self._access.close()

    def stop(self) -> None:
        """Stop, as a signal would; the second time is impatience."""
        self.force_exit = self.should_exit
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let requests end; then break off what is left."""
        await super().shutdown(sockets)
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await asyncio.sleep(0.05)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handle signals where there are any: in the main thread."""
        if threading.current_thread() is threading.main_thread():
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, self.stop)
            loop.add_signal_handler(signal.SIGHUP, functools.partial(_reopen, self._access))
        yield


def make_server(app: Flask) -> Server:
    """Return a server of an application that `create_app` made; raise OSError or SettingError."""
    settings = cast(Settings, app.extensions[SETTINGS])
    metrics = cast(Metrics, app.extensions[METRICS])
    proxies = Proxies(settings.trusted_proxies)
    access = AccessLog(settings.access_log)
    max_body = int(app.config["MAX_CONTENT_LENGTH"])
    # Each query that runs or waits has a thread, and some more are told that they may not wait.
    queries = settings.workers + settings.max_queue + 4
    pools = Pools(
        queries=ThreadPoolExecutor(queries, "query"),
        pages=ThreadPoolExecutor(16, "page"),
        operators=ThreadPoolExecutor(2, "operator"),
        most=2 * queries,
    )
    limits = Limits(rate=settings.client_rate, at_once=settings.client_requests)
    bridge = Bridge(
        cast(Application, app.wsgi_app),
        pools=pools,
        limits=limits,
        proxies=proxies,
        metrics=metrics,
        access=access,
        max_body=max_body,
        client_seconds=settings.client_seconds,
    )
    bounds = Bounds(
        metrics=metrics,
        proxies=proxies,
        limits=limits,
        access=access,
        client_seconds=settings.client_seconds,
        max_head=max_body,
        most=_descriptors() - _DESCRIPTORS_OF_OTHERS,
        most_of_client=2 * settings.client_requests or sys.maxsize,
    )
    _logs()
    config = uvicorn.Config(
        cast(Any, bridge),
        http=bounded(bounds),
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=_BACKLOG,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=max(1, round(settings.stop_seconds)),
    )
    return Server(config, access, pools)


def _reopen(access: AccessLog) -> None:
    try:
        access.reopen()
    except OSError as error:
        logging.getLogger("hearsay.server").warning("the access log cannot be opened anew: %s", error)


def _descriptors() -> int:
    """Allow as many open files as the system lets us; return how many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4096 if hard == resource.RLIM_INFINITY else min(4096, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    return min(soft, 4096)


def _logs() -> None:
    """Send our own sentences to standard error; uvicorn's say the same with a traceback."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger = logging.getLogger("hearsay")
    logger.handlers[:] = [handler]
    logger.propagate = False
    logging.getLogger("uvicorn").setLevel(logging.CRITICAL + 1)
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL + 1)
    logging.getLogger("asyncio").setLevel(logging.ERROR)


def finish() -> None:
    """End the process now: a thread whose work nobody waits for any more must not hold it up."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
