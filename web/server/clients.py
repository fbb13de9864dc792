"""Who a request comes from, and how much one client may ask at the same time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from kg.settings import SettingError

_MANY = 10_000


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request comes from, and how its client addressed it."""

    address: str
    scheme: str | None = None
    host: str | None = None


class Proxies:
    """The reverse proxies whose word on the client is taken: addresses or networks."""

    def __init__(self, trusted: str) -> None:
        """Read a list with commas; raise SettingError, which names what is no address.

        >>> Proxies("127.0.0.1, 10.0.0.0/8").origin("127.0.0.1", {"x-forwarded-for": "192.0.2.7"}).address
        '192.0.2.7'
        """
        networks: list[IPv4Network | IPv6Network] = []
        for word in trusted.replace(",", " ").split():
            try:
                networks.append(ip_network(word))
            except ValueError:
                raise SettingError(
                    f"HEARSAY_TRUSTED_PROXIES: '{word}' is neither an address nor a network"
                ) from None
        self._networks = tuple(networks)

    def origin(self, peer: str, headers: Mapping[str, str]) -> Origin:
        """Return where a request comes from: the peer, or what the trusted proxies before it say.

        X-Forwarded-For is read from its end, since its beginning is whatever the client wrote.
        """
        if not self._networks or not self.trusts(peer):
            return Origin(peer)
        address = peer
        for word in reversed(headers.get("x-forwarded-for", "").split(",")):
            hop = _address(word)
            if hop is None:
                break
            address = hop
            if not self.trusts(hop):
                break
        scheme = headers.get("x-forwarded-proto", "").strip().lower()
        host = headers.get("x-forwarded-host", "").strip()
        return Origin(address, scheme if scheme in ("http", "https") else None, host or None)

    def trusts(self, address: str) -> bool:
        """Say whether an address is one of a trusted proxy."""
        try:
            parsed = ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self._networks)


def _address(word: str) -> str | None:
    word = word.strip()
    if word.startswith("["):
        word = word[1:].partition("]")[0]
    elif word.count(":") == 1:
        word = word.partition(":")[0]
    try:
        return str(ip_address(word))
    except ValueError:
        return None


def client_of(address: str) -> str:
    """Return what counts as one client: an IPv4 address, or the 64 bits of an IPv6 one that name a network.

    >>> client_of("2001:db8:1:2:3:4:5:6")
    '2001:db8:1:2::'
    """
    if ":" not in address:
        return address
    try:
        return str(ip_network(f"{address}/64", strict=False).network_address)
    except ValueError:
        return address


@dataclass(slots=True)
class _Client:
    tokens: float
    when: float
    running: int = 0


class Limits:
    """A token bucket, and a bound on requests at the same time, for each client. Not for several threads."""

    def __init__(
        self, *, rate: float, at_once: int, seconds: float = 10.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Allow `rate` requests a second, over `seconds`, and `at_once` together; 0 bounds nothing."""
        self._rate, self._at_once, self._clock = rate, at_once, clock
        self._full = max(1.0, rate * seconds)
        self._clients: dict[str, _Client] = {}

    def enter(self, address: str) -> int:
        """Begin a request: return 0, or the seconds after which the client may come back."""
        name, now = client_of(address), self._clock()
        client = self._clients.get(name)
        if client is None:
            if len(self._clients) >= _MANY:
                self._forget(now)
            client = self._clients[name] = _Client(self._full, now)
        if self._at_once and client.running >= self._at_once:
            return 1
        if self._rate:
            client.tokens = min(self._full, client.tokens + (now - client.when) * self._rate)
            client.when = now
            if client.tokens < 1:
                return max(1, round((1 - client.tokens) / self._rate))
            client.tokens -= 1
        client.running += 1
        return 0

    def leave(self, address: str) -> None:
        """End a request that `enter` let begin."""
        client = self._clients[client_of(address)]
        client.running -= 1
        if not client.running and not self._rate:
            del self._clients[client_of(address)]

    def _forget(self, now: float) -> None:
        for name in [name for name, client in self._clients.items() if self._idle(client, now)]:
            del self._clients[name]

    def _idle(self, client: _Client, now: float) -> bool:
        return not client.running and client.tokens + (now - client.when) * self._rate >= self._full


def header_map(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return headers by name in lower case; those that are repeated are joined by commas (RFC 9110, 5.2)."""
    found: dict[str, str] = {}
    for name, value in headers:
        key, text = name.decode("latin-1"), value.decode("latin-1")
        found[key] = f"{found[key]},{text}" if key in found else text
    return found
