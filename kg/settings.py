"""Settings: from the environment, with defaults that suit one person on a laptop."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields

from kg.iris import DEFAULT_BASE

IN_MEMORY = ("auto", "always", "never")


class SettingError(ValueError):
    """A variable of the environment whose value cannot be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What may differ from one installation to another; each is `HEARSAY_…` in the environment.

    base            what the IRIs of a build begin with
    store           folder of the releases, or the URL of a SPARQL endpoint
    host, port      where to listen
    query_timeout   seconds after which a query is stopped
    workers         strangers' queries that run at the same time; one process each
    queue_seconds   seconds that a query waits for a worker before the answer is 503
    max_queue       queries that wait at the same time; one more is answered 503 at once
    max_query       bytes of a query
    max_results     bytes of a result
    max_memory      bytes that a query may use, beyond what its worker begins with
    max_cache       bytes of answers that are kept to be given again; 0 keeps none
    in_memory       whether the store is served from memory: auto (if there is room for a copy of
                    it in every worker), always, or never
    client_rate     requests a second from one client, on average over ten; 0 bounds none
    client_requests how many requests one client may make at the same time; 0 bounds none
    client_seconds  seconds in which a client sends a request, and takes each 64 kB of the answer
    stop_seconds    seconds that requests have to end when the server is told to stop
    trusted_proxies addresses or networks of reverse proxies, with commas between them
    access_log      file of the access log, - for standard error; nothing writes none
    """

    base: str = DEFAULT_BASE
    store: str = "build"
    host: str = "127.0.0.1"
    port: int = 8000
    query_timeout: float = 30.0
    workers: int = 4
    queue_seconds: float = 2.0
    max_queue: int = 64
    max_query: int = 65_536
    max_results: int = 100_000_000
    max_memory: int = 1_000_000_000
    max_cache: int = 64_000_000
    in_memory: str = "auto"
    client_rate: float = 0.0
    client_requests: int = 100
    client_seconds: float = 20.0
    stop_seconds: float = 10.0
    trusted_proxies: str = ""
    access_log: str = ""

    def __post_init__(self) -> None:
        if self.in_memory not in IN_MEMORY:
            raise SettingError(f"HEARSAY_IN_MEMORY is one of {', '.join(IN_MEMORY)}, not '{self.in_memory}'")
        if self.workers < 1:
            raise SettingError(f"HEARSAY_WORKERS should be at least 1, and is {self.workers}")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read the settings; raise SettingError, which names the variable, for a value of the wrong kind.

        >>> Settings.from_environment({"HEARSAY_PORT": "8080"}).port
        8080
        """
        defaults, given = cls(), dict[str, str | int | float]()
        for setting in fields(cls):
            name = f"HEARSAY_{setting.name.upper()}"
            text = environment.get(name, "").strip()
            if not text:
                continue
            kind = type(getattr(defaults, setting.name))
            try:
                given[setting.name] = kind(text)
            except ValueError:
                raise SettingError(f"{name} should be a number, and is '{text}'") from None
        return cls(**given)  # type: ignore[arg-type]
