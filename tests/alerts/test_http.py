"""Posting to an address as people write them."""

import socket
import socketserver
import threading

import pytest

from alerts.channels._http import post


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
