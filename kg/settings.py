"""Settings: from the environment, with defaults that suit one person on a laptop."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields

from kg.iris import DEFAULT_BASE


class SettingError(ValueError):
    """A variable of the environment whose value cannot be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What may differ from one installation to another; each is `HEARSAY_…` in the environment.

    `query_timeout` is in seconds; `max_query` and `max_results` are in bytes.
    """

    base: str = DEFAULT_BASE
    store: str = "build"
    host: str = "127.0.0.1"
    port: int = 8000
    query_timeout: float = 30.0
    workers: int = 2
    max_query: int = 65_536
    max_results: int = 100_000_000

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
