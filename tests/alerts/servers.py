"""Real receivers on loopback: a web server that records and answers as told, a mail server that keeps what it got."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller

Answer = tuple[int, dict[str, str], bytes]


class Web:
    """Records every request; answers from `answers` in turn, then 200."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.answers: list[int | Answer] = []
        self.before: Callable[[dict[str, Any]], None] = lambda request: None
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                request = {"path": self.path, "headers": dict(self.headers), "body": body, "json": json.loads(body)}
                outer.got.append(request)
                outer.before(request)
                told = outer.answers.pop(0) if outer.answers else 200
                code, headers, said = told if isinstance(told, tuple) else (told, {}, b"")
                self.send_response(code)
                for name, value in {**headers, "Content-Length": str(len(said))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(said)

            def handle(self) -> None:
                """Who tells us may be killed before it hears the answer: that is what some tests are for."""
                with suppress(ConnectionError):
                    super().handle()

            def log_message(self, *given: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"

    @contextmanager
    def serving(self) -> Iterator[Web]:
        thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.server.shutdown()
            self.server.server_close()
            thread.join()


class Post:
    """Keeps the mails; `after_text` and `on_address` answer in place of the usual 250."""

    def __init__(self) -> None:
        self.mails: list[Any] = []
        self.after_text: list[str | None] = []
        self.on_address: list[str] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        answer = self.on_address.pop(0) if self.on_address else "250 OK"
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.mails.append(envelope)
        answer = self.after_text.pop(0) if self.after_text else "250 kept"
        if answer is None:
            server.transport.abort()
            return "250 never seen"
        return answer

    @contextmanager
    def serving(self) -> Iterator[Post]:
        controller = Controller(self, hostname="127.0.0.1", port=free_port())
        controller.start()
        self.port = controller.port
        try:
            yield self
        finally:
            controller.stop()


@contextmanager
def dripping(begin: bytes, every: float) -> Iterator[int]:
    """Answers whoever connects with these bytes, then a letter each so many seconds, and never comes to an end; its port."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            with suppress(OSError):
                while True:
                    threading.Thread(target=drip, args=(listening.accept()[0],), daemon=True).start()

        def drip(connection: socket.socket) -> None:
            with connection, suppress(OSError):
                connection.sendall(begin)
                while not over.wait(every):
                    connection.sendall(b"a")

        threading.Thread(target=answer, daemon=True).start()
        try:
            yield listening.getsockname()[1]
        finally:
            over.set()
            listening.shutdown(socket.SHUT_RDWR)  # closing alone does not wake who accepts


def free_port() -> int:
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        return made.getsockname()[1]
