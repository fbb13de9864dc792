"""Send an answer, or a refusal, to a client that may be slow to take it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from web.server.application import Answer
from web.server.connection import Connection

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_PIECE = 65_536
# How long a refused client may go on sending, so that it reads the refusal and not a reset connection.
_LINGER_SECONDS = 2.0


class RefusalError(Exception):
    """A request that is not passed on: a status, a sentence, and the seconds after which to come back."""

    def __init__(self, status: int, sentence: str, limit: str, *, retry_after: int = 0) -> None:
        super().__init__(sentence)
        self.status, self.sentence, self.limit, self.retry_after = status, sentence, limit, retry_after


class CutError(Exception):
    """An answer that is broken off: `by` a client's hang-up, its slowness, or an error."""

    def __init__(self, by: str) -> None:
        super().__init__(by)
        self.by = by


class Sender:
    """Sends an answer in pieces, each within some seconds, and keeps count."""

    def __init__(self, send: Send, link: Connection, seconds: float) -> None:
        self._send, self._link, self._seconds = send, link, seconds
        self.status = 0
        self.size = 0

    async def start(self, answer: Answer) -> None:
        """Send the head; raise CutError if the client does not take what came before."""
        self.status = answer.status
        await self._within(
            {"type": "http.response.start", "status": answer.status, "headers": answer.headers}
        )

    async def body(self, data: bytes, *, more: bool) -> None:
        """Send a chunk, the last one unless there is more; raise CutError where a client is too slow."""
        if len(data) > _PIECE:
            view = memoryview(data)
            pieces = [bytes(view[at : at + _PIECE]) for at in range(0, len(data), _PIECE)]
        else:
            pieces = [data]
        for number, piece in enumerate(pieces, 1):
            last = number == len(pieces) and not more
            await self._within({"type": "http.response.body", "body": piece, "more_body": not last})
            self.size += len(piece)

    async def _within(self, message: Message) -> None:
        if not self._link.paused:
            await self._send(message)
            return
        try:
            async with asyncio.timeout(self._seconds):
                await self._send(message)
        except TimeoutError:
            raise CutError("slowness") from None


async def refuse(refused: RefusalError, receive: Receive, sender: Sender) -> None:
    """Answer with a sentence, and let the client go on sending for a while if it is cut off then."""
    body = f"{refused.sentence}\n".encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"access-control-allow-origin", b"*"),
        (b"cache-control", b"no-store"),
    ]
    if refused.retry_after:
        headers.append((b"retry-after", str(refused.retry_after).encode()))
    else:
        headers.append((b"connection", b"close"))
    await sender.start(Answer(refused.status, headers))
    await sender.body(body, more=not refused.retry_after)
    if not refused.retry_after:
        try:
            async with asyncio.timeout(_LINGER_SECONDS):
                message = await receive()
                while message["type"] != "http.disconnect" and message.get("more_body", False):
                    message = await receive()
        except TimeoutError:
            pass
        await sender.body(b"", more=False)
