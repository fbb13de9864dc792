"""uvicorn's connections, with the bounds that it leaves to a reverse proxy.

A request's head must come within some seconds and some bytes; one client, and all of them, have so many
connections and no more; a connection that is closed goes, whether or not its client reads the rest.
"""

from __future__ import annotations

import asyncio
from asyncio.events import TimerHandle
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from web.accesslog import AccessLog, line
from web.hangup import Hangup
from web.metrics import Metrics
from web.server.clients import Limits, Proxies, client_of
from web.server.replay import SECONDS, Kept, Replay, repeatable

LINK = "hearsay.link"


@dataclass
class Bounds:
    """What connections may take; `of_client` holds how many each client has."""

    metrics: Metrics
    proxies: Proxies
    limits: Limits
    access: AccessLog
    client_seconds: float
    max_head: int
    most: int
    most_of_client: int
    of_client: Counter[str] = field(default_factory=Counter)
    replay: Replay = field(default_factory=Replay)


class Connection(HttpToolsProtocol):
    """A connection within bounds."""

    bounds: Bounds  # set by `bounded`

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._late: TimerHandle | None = None
        self._ending: TimerHandle | None = None
        self._head_bytes = 0
        self._in_head = True
        self._client_name = ""
        self.hangup: Hangup | None = None
        self._whole: bytes | None = None

    @property
    def paused(self) -> bool:
        """Say whether the client has yet to read what was sent before."""
        return self.flow.write_paused

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, or end it at once where there are too many."""
        super().connection_made(transport)
        bounds, address = self.bounds, self.client[0] if self.client else ""
        bounds.metrics.connections.inc()
        # Behind a proxy many clients come from one address.
        self._client_name = "" if bounds.proxies.trusts(address) else client_of(address)
        bounds.of_client[self._client_name] += 1
        of_client = bounds.of_client[self._client_name] if self._client_name else 0
        if len(self.connections) > bounds.most or of_client > bounds.most_of_client:
            bounds.metrics.refused("connections")
            transport.abort()
            return
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a connection."""
        super().connection_lost(exc)
        self._stop_waiting()
        if self._ending is not None:
            self._ending.cancel()
        if self.hangup is not None:
            # What is done then is quick: it kills a process and does not wait for its end.
            self.hangup.happen()
        self.bounds.metrics.connections.dec()
        self.bounds.of_client[self._client_name] -= 1
        if not self.bounds.of_client[self._client_name]:
            del self.bounds.of_client[self._client_name]

    def data_received(self, data: bytes) -> None:
        """Take bytes of a request; refuse a head that is too long."""
        fresh = self._in_head and not self._head_bytes and not self._busy() and not self.paused
        self._whole = data if fresh and repeatable(data) else None
        if self._whole is not None and self._replayed(data):
            return
        if self._in_head:
            if self._late is None:
                self._await_head()
            self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._head_bytes > self.bounds.max_head and not self.transport.is_closing():
            self.bounds.metrics.refused("head")
            self._end(431, "The head of the request is too long.")

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self.scope["extensions"] = {LINK: cast(dict[object, object], self)}

    def on_headers_complete(self) -> None:
        """Have the head of a request."""
        self._in_head, self._head_bytes = False, 0
        self._stop_waiting()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Have a whole request: what comes now is the head of the next."""
        super().on_message_complete()
        self._in_head = True

    def on_response_complete(self) -> None:
        """End an answer, and the connection if that is to be."""
        super().on_response_complete()
        if not self._in_head:
            # The rest of a request that is answered already could come for ever.
            self.transport.close()
        if self.transport.is_closing():
            self.abort_soon()

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection that is not used any more."""
        super().timeout_keep_alive_handler()
        self.abort_soon()

    def keep(self, head: list[tuple[bytes, bytes]], body: bytes, about: dict[str, Any]) -> None:
        """Keep the answer that was given last, for those who ask the same in the next second."""
        if self._whole is None or not self.cycle.keep_alive:
            return
        lines = [name + b": " + value for name, value in (*self.server_state.default_headers, *head)]
        data = b"\r\n".join((b"HTTP/1.1 200 OK", *lines, b"", body))
        kept = Kept(data, self.loop.time() + SECONDS, len(body), **about)
        self.bounds.replay.keep(self._whole, kept, by_proxy=not self._client_name)

    def _replayed(self, request: bytes) -> bool:
        bounds = self.bounds
        kept = bounds.replay.find(request, self.loop.time(), by_proxy=not self._client_name)
        if kept is None:
            return False
        address = self.client[0] if self._client_name and self.client else kept.address
        if bounds.limits.enter(address):
            return False
        bounds.limits.leave(address)
        self._stop_waiting()
        self._unset_keepalive_if_required()
        self.transport.write(kept.data)
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )
        bounds.metrics.replayed(kept.path, kept.size)
        if bounds.access:
            path, query = kept.target
            bounds.access.write(
                line(
                    address,
                    "GET",
                    path,
                    query,
                    "HTTP/1.1",
                    200,
                    kept.size,
                    referer=kept.referer,
                    agent=kept.agent,
                )
            )
        return True

    def _busy(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _await_head(self) -> None:
        self._late = self.loop.call_later(self.bounds.client_seconds, self._head_is_late)

    def _stop_waiting(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _head_is_late(self) -> None:
        self._late = None
        if not self._in_head or self._busy() or self.transport.is_closing():
            return
        if not self._head_bytes:
            self.transport.close()  # a browser's, opened in case it is needed
        else:
            self.bounds.metrics.refused("slowness")
            self._end(408, "The head of the request took too long.")

    def _end(self, status: int, sentence: str) -> None:
        words = {408: "Request Timeout", 431: "Request Header Fields Too Large"}[status]
        self.transport.write(
            f"HTTP/1.1 {status} {words}\r\ncontent-type: text/plain; charset=utf-8\r\n"
            f"content-length: {len(sentence) + 1}\r\nconnection: close\r\n\r\n{sentence}\n".encode()
        )
        self.transport.close()
        self.abort_soon()

    def abort_soon(self) -> None:
        """Give a client that is to read the end of its answer some seconds."""
        if self._ending is None and self in self.connections:
            self._ending = self.loop.call_later(self.bounds.client_seconds, self.transport.abort)


def bounded(bounds: Bounds) -> type[Connection]:
    """Return the class of connections within these bounds."""
    return type("BoundedConnection", (Connection,), {"bounds": bounds})
