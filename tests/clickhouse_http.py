"""ClickHouse over HTTP for tests: its engine (chdb) behind the few lines that its real client needs of a server."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any
from urllib.parse import parse_qsl, urlsplit

TRANSPORT = {"query", "default_format", "session_id", "query_id", "client_protocol_version", "compress",
             "wait_end_of_query", "send_progress_in_http_headers", "enable_http_compression",
             "http_headers_progress_interval_ms", "cancel_http_readonly_queries_on_client_close"}  # fmt: skip
"""Parameters of a request that are of the transport; all others are settings of a query, and are set."""


class Served:
    """A server that runs: where it is, its engine, and the statements that were asked of it.

    *cut_at*: an answer to a statement with this text in it ends in the middle, and the connection with it.
    """

    def __init__(self, engine: Any) -> None:
        self.engine, self.asked, self.cut_at, self.port = engine, list[str](), "", 0

    def answer(self, parameters: dict[str, str], sql: str) -> tuple[int, bytes]:
        """The status and the body of one request."""
        self.asked.append(sql)
        try:
            for name, value in parameters.items():
                if name == "database":
                    self.engine.query(f"USE {value}")
                elif name not in TRANSPORT:
                    self.engine.query(f"SET {name} = {value if value.isdigit() else repr(value)}")
            return 200, bytes(self.engine.query(sql, parameters.get("default_format", "TabSeparated")).bytes() or b"")
        except RuntimeError as error:
            return 500, str(error).encode()


@contextmanager
def clickhouse_server() -> Iterator[Served]:
    """A server on a free port of this machine for as long as the block lasts."""
    engine = import_module("chdb.session").Session()
    served = Served(engine)

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

        def do_POST(self) -> None:
            parameters = dict(parse_qsl(urlsplit(self.path).query))
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            sql = parameters.get("query", "") + body
            status, told = served.answer(parameters, sql)
            self.send_response(status)
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            is_cut = bool(served.cut_at) and served.cut_at in sql
            self.wfile.write(told[: len(told) // 2] if is_cut else told)
            if is_cut:
                self.close_connection = True

        def do_GET(self) -> None:
            self.do_POST()

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        engine.close()
