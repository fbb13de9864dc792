"""A WSGI application under ASGI: the loop talks to clients, threads do the work.

A thread is never held by a client: bodies are read before one is taken, and while an answer waits for
its reader none waits with it. So slow clients cost memory, which is bounded, and nothing else.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

from web.accesslog import AccessLog, line
from web.metrics import Metrics
from web.server.application import Answer, Application, Pools, advance, begin, begin_whole, close_in
from web.server.clients import Limits, Origin, Proxies, header_map
from web.server.connection import LINK, Connection
from web.server.environ import environ
from web.server.replay import keepable
from web.server.sender import CutError, Message, Receive, RefusalError, Send, Sender, refuse

log = logging.getLogger("hearsay.server")


class Bridge:
    """The ASGI application."""

    def __init__(
        self,
        application: Application,
        *,
        pools: Pools,
        limits: Limits,
        proxies: Proxies,
        metrics: Metrics,
        access: AccessLog,
        max_body: int,
        client_seconds: float,
    ) -> None:
        self._application = application
        self._pools, self._limits, self._proxies = pools, limits, proxies
        self._metrics, self._access = metrics, access
        self._max_body, self._client_seconds = max_body, client_seconds
        self._waiting = 0

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI 3.0, HTTP)."""
        started = time.perf_counter()
        headers = header_map(scope["headers"])
        peer = scope["client"][0] if scope["client"] else ""
        origin = self._proxies.origin(peer, headers)
        link: Connection = scope["extensions"][LINK]
        sender = Sender(send, link, self._client_seconds)
        self._metrics.running.inc()
        try:
            await self._admitted(scope, headers, origin, receive, sender, link)
        except RefusalError as refused:
            self._metrics.refused(refused.limit)
            await refuse(refused, receive, sender)
        except CutError as cut:
            self._metrics.cut(cut.by)
            if cut.by != "client":
                why = cut.__cause__ or cut
                log.warning("%s %s: cut after %d bytes: %r", scope["method"], _path(scope), sender.size, why)
            if not sender.status:
                # What uvicorn then answers, or what nobody hears.
                sender.status = 500 if cut.by == "error" else 499
            # The server closes the connection of an answer that is not whole, without its last chunk.
            if cut.by == "slowness":
                link.transport.abort()
            else:
                link.abort_soon()
        except asyncio.CancelledError:
            self._metrics.cut("stop")
            log.warning("%s %s: cut after %d bytes by the stop", scope["method"], _path(scope), sender.size)
            raise
        finally:
            self._metrics.running.dec()
            seconds = time.perf_counter() - started
            self._metrics.request(scope["method"], scope["path"], sender.status, seconds, sender.size)
            if self._access:
                self._access.write(_line(scope, headers, origin, sender))

    async def _admitted(
        self,
        scope: Message,
        headers: dict[str, str],
        origin: Origin,
        receive: Receive,
        sender: Sender,
        link: Connection,
    ) -> None:
        if _head_size(scope) > self._max_body:
            raise RefusalError(431, "The head of the request is too long.", "head")
        if wait := self._limits.enter(origin.address):
            sentence = f"Too many requests from {origin.address}: try again in {wait} s."
            raise RefusalError(429, sentence, "client", retry_after=wait)
        try:
            body = b""
            if "content-length" in headers or "transfer-encoding" in headers:
                body = await self._body(headers, receive)
            answer = await self._answer(environ(scope, headers, body, origin), sender, link)
            if scope["method"] == "GET" and answer.whole and answer.first is not None:
                names = (name for name, _ in answer.headers)
                if keepable(answer.status, names, sender.size, headers):
                    link.keep(answer.headers, answer.first, _about(scope, headers, origin))
        finally:
            self._limits.leave(origin.address)

    async def _body(self, headers: dict[str, str], receive: Receive) -> bytes:
        large = RefusalError(413, f"A request may have {self._max_body:,} bytes, and not more.", "body")
        if int(headers.get("content-length", "0")) > self._max_body:
            raise large
        body = bytearray()
        try:
            async with asyncio.timeout(self._client_seconds):
                more = True
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise CutError("client")
                    body += message.get("body", b"")
                    if len(body) > self._max_body:
                        raise large
                    more = message.get("more_body", False)
        except TimeoutError:
            raise RefusalError(
                408, f"The request was not whole after {self._client_seconds:g} seconds.", "slowness"
            ) from None
        return bytes(body)

    async def _answer(self, request: dict[str, Any], sender: Sender, link: Connection) -> Answer:
        # Those whose answer has begun do not count: no thread waits with them for their clients.
        if self._waiting >= self._pools.most:
            sentence = "Too many requests are being answered: try again shortly."
            raise RefusalError(503, sentence, "all", retry_after=2)
        loop, answer = asyncio.get_running_loop(), Answer()
        pool = self._pools.of(request["PATH_INFO"])
        hangup = link.hangup = answer.hangup
        # A client of HTTP/1.0 knows of no chunks, so it is told the length of an answer beforehand.
        start = begin_whole if request["SERVER_PROTOCOL"] == "HTTP/1.0" else begin
        work = loop.run_in_executor(pool, start, self._application, request, answer)
        self._waiting += 1
        work.add_done_callback(self._begun)
        try:
            await asyncio.shield(work)
            if hangup.happened:
                raise CutError("client")
            await sender.start(answer)
            while answer.first is not None:
                await sender.body(answer.first, more=not answer.whole)
                if answer.whole:
                    return answer
                if hangup.happened:
                    raise CutError("client")
                work = loop.run_in_executor(pool, advance, answer)
                await asyncio.shield(work)
            await sender.body(b"", more=False)
            return answer
        except (CutError, asyncio.CancelledError):
            raise
        except Exception as error:
            raise CutError("client" if hangup.happened else "error") from error
        finally:
            link.hangup = None
            if not answer.whole:
                # The thread, where one is at work, ends once its query has been stopped.
                if not work.done():
                    hangup.happen()
                work.add_done_callback(lambda _: close_in(pool, answer))

    def _begun(self, _: asyncio.Future[None]) -> None:
        self._waiting -= 1


def _head_size(scope: Message) -> int:
    lines = sum(len(name) + len(value) for name, value in scope["headers"])
    return len(scope["raw_path"]) + len(scope["query_string"]) + lines


def _path(scope: Message) -> str:
    # As it was sent: decoded, it could hold a line break.
    return str(scope["raw_path"].decode("latin-1"))


def _about(scope: Message, headers: dict[str, str], origin: Origin) -> dict[str, Any]:
    return {
        "address": origin.address,
        "path": scope["path"],
        "target": (scope["raw_path"].decode("latin-1"), scope["query_string"].decode("latin-1")),
        "referer": headers.get("referer", ""),
        "agent": headers.get("user-agent", ""),
    }


def _line(scope: Message, headers: dict[str, str], origin: Origin, sender: Sender) -> str:
    return line(
        origin.address,
        scope["method"],
        scope["raw_path"].decode("latin-1"),
        scope["query_string"].decode("latin-1"),
        f"HTTP/{scope['http_version']}",
        sender.status,
        sender.size,
        referer=headers.get("referer", ""),
        agent=headers.get("user-agent", ""),
    )
