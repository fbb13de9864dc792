"""The environment of a WSGI application (PEP 3333) from a connection of ASGI."""

from __future__ import annotations

import io
import sys
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_to_bytes

from web.server.clients import Origin


def environ(
    scope: Mapping[str, Any], headers: Mapping[str, str], body: bytes, origin: Origin
) -> dict[str, Any]:
    """Return the environment of one request whose body has been read."""
    server, port = scope["server"] or ("localhost", 80)
    found: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": server,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": origin.address,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": origin.scheme or scope["scheme"],
        "wsgi.input": io.BytesIO(body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in headers.items():
        # A name with an underscore could pass for one with a hyphen.
        if "_" not in name:
            found[f"HTTP_{name.upper().replace('-', '_')}"] = value
    for name in ("HTTP_CONTENT_LENGTH", "HTTP_TRANSFER_ENCODING"):
        found.pop(name, None)
    if "HTTP_CONTENT_TYPE" in found:
        found["CONTENT_TYPE"] = found.pop("HTTP_CONTENT_TYPE")
    if body or "content-length" in headers:
        found["CONTENT_LENGTH"] = str(len(body))
    if origin.host:
        found["HTTP_HOST"] = origin.host
    return found
