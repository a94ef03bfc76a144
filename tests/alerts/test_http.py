"""Posting to an address as people write them."""

import socket
import socketserver
import threading
from contextlib import contextmanager
from time import monotonic

import pytest

from alerts.channels import _http
from alerts.channels._http import keeping, post
from alerts.channels._message import Temporary
from tests.alerts.servers import free_port


class _OnSix(socketserver.ThreadingTCPServer):
    address_family = socket.AF_INET6


@pytest.fixture(params=["127.0.0.1", "::1"])
def heard(request):
    """(address without scheme, the request's bytes as they came)."""
    got = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            lines = []
            while line := self.rfile.readline().strip():
                lines.append(line.decode())
            got.extend(lines)
            self.wfile.write(b"HTTP/1.1 204 No Content\r\n\r\n")

    kind = _OnSix if ":" in request.param else socketserver.ThreadingTCPServer
    try:
        made = kind((request.param, 0), Handler)
    except OSError as fault:
        pytest.skip(f"no {request.param} on this machine: {fault}")
    with made as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        host = f"[{request.param}]" if ":" in request.param else request.param
        yield f"{host}:{server.server_address[1]}", got
        server.shutdown()


def test_it_names_the_host_and_asks_for_the_path_with_its_query(heard):
    address, got = heard
    assert post(f"http://{address}/a%20b?c=d&e=督", b"{}", {"X-One": "1"}).status == 204
    assert got[0] == "POST /a%20b?c=d&e=%E7%9D%A3 HTTP/1.1"
    assert f"Host: {address}" in got
    assert "X-One: 1" in got
    assert "Content-Length: 2" in got


def test_it_signs_in_with_the_user_and_password_of_an_address(heard):
    address, got = heard
    post(f"http://some%40body:p%3Aw@{address}/", b"{}", {})
    assert "Authorization: Basic c29tZUBib2R5OnA6dw==" in got
    assert f"Host: {address}" in got


class _Kept(socketserver.StreamRequestHandler):
    """Answers until it is to hang up; on its server: how many called, and the paths they asked for."""

    def handle(self):
        self.server.calls += 1
        for _ in range(self.server.answers):
            head = []
            while line := self.rfile.readline().strip():
                head.append(line.decode())
            if not head:
                return
            self.rfile.read(int(next(one for one in head if one.startswith("Content-Length")).partition(":")[2]))
            self.server.asked.append(head[0].split()[1])
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


class _Hangs(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, answers):
        super().__init__(("127.0.0.1", 0), _Kept)
        self.calls, self.asked, self.answers, self.gone = 0, [], answers, threading.Semaphore(0)

    def shutdown_request(self, request):
        super().shutdown_request(request)
        self.gone.release()


@contextmanager
def answering(answers):
    """`answers`: to one caller before it hangs up."""
    with _Hangs(answers) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server, f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_it_calls_a_receiver_once_for_all_it_has_to_say():
    with answering(10) as (server, url):
        with keeping():
            said = [post(f"{url}/{number}", b"{}", {}).text for number in range(3)]
        post(f"{url}/3", b"{}", {})
    assert (server.calls, server.asked, said) == (2, ["/0", "/1", "/2", "/3"], ["ok"] * 3)


def test_it_calls_again_where_the_other_side_has_hung_up():
    with answering(1) as (server, url), keeping():
        for number in range(3):
            assert post(f"{url}/{number}", b"{}", {}).status == 200
            assert server.gone.acquire(timeout=10)
    assert (server.calls, server.asked) == (3, ["/0", "/1", "/2"])


def test_it_calls_again_after_a_call_that_failed():
    port = free_port()
    with keeping():
        for _ in range(2):
            with pytest.raises(Temporary, match="no connection"):
                post(f"http://127.0.0.1:{port}/", b"{}", {})
        with answering(2) as (server, url):
            assert post(f"{url}/", b"{}", {}).status == 200


def test_each_message_over_a_kept_connection_has_a_deadline_of_its_own(monkeypatch):
    monkeypatch.setattr(_http, "DEADLINE", 0.4)
    with answering(1_000_000) as (server, url), keeping():
        begun = monotonic()
        many = 0
        while monotonic() - begun < 0.6:
            post(f"{url}/", b"{}", {})
            many += 1
    assert server.calls == 1
    assert many > 1
