"""Who may ask: this machine's user alone. Host, Origin and token are checked before anything else is looked at.

The page is served on the loopback address. A foreign page in the same browser could still reach it (DNS rebinding, a
form, an image), so a request must carry a Host of ours, no foreign Origin, and the token that was printed at the start:
in the address once, then in a cookie that other sites' requests do not carry.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MOST_BODY_BYTES = 1_000_000
MOST_QUERY_BYTES = 16_000

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


class Guard:
    """Lets a request through to *app*, or answers it itself: 403, 405, 413, 414."""

    def __init__(self, app: App, token: str, port: int) -> None:
        self.app = app
        self.token = token
        self.cookie = f"costbasis-{port}"
        self.hosts = {f"127.0.0.1:{port}", f"localhost:{port}"} | ({"127.0.0.1", "localhost"} if port == 80 else set())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            return

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", []), *_raw(HEADERS)]}
            await send(message)

        refusal = self._refusal(scope)
        if refusal is not None:
            await _answer(sent, *refusal)
            return
        if self._wants_cookie(scope):
            await self._welcome(scope, sent)
            return
        await self.app(scope, receive, sent)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        headers = _headers(scope)
        host = headers.get("host", [])
        if len(host) != 1 or host[0].lower() not in self.hosts:
            return 403, "This page is served to this machine alone, under 127.0.0.1 or localhost."
        own = {f"http://{name}" for name in self.hosts}
        if any(origin.lower() not in own for origin in headers.get("origin", [])):
            return 403, "Another site asked for this."
        if any(site not in ("same-origin", "none") for site in headers.get("sec-fetch-site", [])):
            return 403, "Another site asked for this."
        if scope["method"] not in ("GET", "HEAD", "POST"):
            return 405, "Only GET and POST."
        if len(scope.get("query_string", b"")) > MOST_QUERY_BYTES:
            return 414, "The address is too long."
        if any(not _is_at_most(size, MOST_BODY_BYTES) for size in headers.get("content-length", [])):
            return 413, f"At most {MOST_BODY_BYTES:,} bytes."
        if self._wants_cookie(scope) or self._is_known(headers):
            return None
        return 403, "The token is missing. Open the address that costbasis explore printed."

    def _wants_cookie(self, scope: Scope) -> bool:
        """The right token in the address: it moves to a cookie, so that no address that is shared carries it."""
        return any(name == "token" and self._is_token(value) for name, value in _query(scope))

    def _is_known(self, headers: dict[str, list[str]]) -> bool:
        if any(self._is_token(value) for value in headers.get("x-costbasis-token", [])):
            return True
        crumbs = [crumb.strip().partition("=") for cookie in headers.get("cookie", []) for crumb in cookie.split(";")]
        return any(name == self.cookie and self._is_token(value) for name, _, value in crumbs)

    def _is_token(self, value: str) -> bool:
        return secrets.compare_digest(value.encode(), self.token.encode())

    async def _welcome(self, scope: Scope, send: Send) -> None:
        rest = urlencode([pair for pair in _query(scope) if pair[0] != "token"])
        cookie = f"{self.cookie}={self.token}; Path=/; HttpOnly; SameSite=Strict"
        headers = _raw({"location": f"/?{rest}" if rest else "/", "set-cookie": cookie, "content-length": "0"})
        await send({"type": "http.response.start", "status": 303, "headers": headers})
        await send({"type": "http.response.body", "body": b""})


def _is_at_most(size: str, most: int) -> bool:
    """Whether a length as it was sent is a number, and no greater; one without end is not even read."""
    return size.isascii() and size.isdigit() and len(size) <= len(str(most)) and int(size) <= most


def _headers(scope: Scope) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        found.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    return found


def _query(scope: Scope) -> list[tuple[str, str]]:
    return parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)


def _raw(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in headers.items()]


async def _answer(send: Send, status: int, text: str) -> None:
    body = f"{text}\n".encode()
    headers = _raw(
        {"content-type": "text/plain; charset=utf-8", "content-length": str(len(body)), "connection": "close"}
    )
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
