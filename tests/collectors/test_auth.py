import base64
import json
import socket

import pytest

from collectors import _auth, _net, http_json
from collectors._errors import Failure
from tests.collectors.conftest import a_case, a_source, one

SECRET = "ca/na ry+1"


def ask(system, want, secret=SECRET, **settings):
    source = a_source("http_json", {"url": system.url + "/cases", **settings})
    return one(http_json.fetch(source, want(secret=secret)))


@pytest.mark.parametrize(
    ("auth", "name", "value"),
    [
        ({}, "Authorization", f"Bearer {SECRET}"),
        ({"header": "X-Token", "scheme": ""}, "X-Token", SECRET),
        ({"kind": "key"}, "X-API-Key", SECRET),
        ({"kind": "key", "header": "apikey", "scheme": "Key"}, "apikey", f"Key {SECRET}"),
        ({"kind": "basic", "user": "yuncha"}, "Authorization", "Basic " + base64.b64encode(f"yuncha:{SECRET}".encode()).decode()),
    ],
)
def test_it_sends_the_secret_as_declared(system, want, auth, name, value):
    system.says("[]")
    ask(system, want, auth=auth)
    path, headers = system.asked[0]
    assert headers[name] == value
    assert path == "/cases"


def test_it_sends_a_key_as_a_parameter_and_shows_it_nowhere(system, want):
    system.says("[]", etag='"1"')
    payload = ask(system, want, auth={"kind": "key", "param": "apikey"}, params={"a": "b"})
    assert system.asked[0][0] == "/cases?a=b&apikey=ca%2Fna+ry%2B1"
    assert "ca%2Fna" not in str(payload.mark)
    system.says("", 403)
    with pytest.raises(Failure) as caught:
        ask(system, want, auth={"kind": "key", "param": "apikey"})
    assert caught.value.what == f"{system.url}/cases: status 403"


@pytest.mark.parametrize("in_body", [False, True])
def test_it_gets_a_token_once_and_a_new_one_when_it_is_refused(system, want, in_body):
    _auth._tokens.clear()
    good = ["first"]

    def answer(path, headers):
        if path == "/token":
            return 200, {}, json.dumps({"access_token": good[-1], "token_type": "Bearer", "expires_in": 3600}).encode()
        return (200, {}, b"[]") if headers["Authorization"] == f"Bearer {good[-1]}" else (401, {}, b"")

    system.answer = answer
    auth = {"kind": "oauth2", "client_id": "yun cha", "token_url": system.url + "/token", "scope": "read", "in_body": in_body}
    ask(system, want, auth=auth)
    ask(system, want, auth=auth)
    assert [path for path, _ in system.asked] == ["/token", "/cases", "/cases"]
    body = system.bodies[0].decode()
    assert body.startswith("grant_type=client_credentials&scope=read")
    assert ("client_secret=ca%2Fna+ry%2B1" in body) == in_body
    if not in_body:
        assert system.asked[0][1]["Authorization"] == "Basic " + base64.b64encode(b"yun+cha:ca%2Fna+ry%2B1").decode()
    good.append("second")
    ask(system, want, auth=auth)
    assert [path for path, _ in system.asked[3:]] == ["/cases", "/token", "/cases"]


@pytest.mark.parametrize("says", [b"<html>", b"[]", b'{"access_token": "a\\nb"}', b'{"access_token": "x", "token_type": "mac"}'])
def test_it_takes_nothing_else_for_a_token(system, want, says):
    _auth._tokens.clear()
    system.says(says)
    auth = {"kind": "oauth2", "client_id": "c", "token_url": system.url + "/token"}
    with pytest.raises(Failure) as caught:
        ask(system, want, auth=auth)
    assert caught.value.kind == "permission"
    assert len(system.asked) == 1


@pytest.mark.parametrize("settings", [{"headers": {"Authorization": "Bearer x"}}, {"headers": {"x-api-key": "x"}},
                                      {"auth": {"kind": "basic"}}, {"auth": {"kind": "oauth2", "client_id": "x"}}])  # fmt: skip
def test_a_secret_is_never_written_into_a_source(system, want, settings):
    with pytest.raises(Failure) as caught:
        ask(system, want, **settings)
    assert caught.value.kind == "settings"
    assert "Bearer x" not in caught.value.what


def test_it_takes_the_secret_out_of_what_a_system_gives_back__F93():
    for way in (SECRET, "ca%2Fna+ry%2B1", "ca%2Fna%20ry%2B1", base64.b64encode(SECRET.encode()).decode()):
        assert "ca" not in _auth.redacted(f"no user {way}", SECRET)
    assert _auth.redacted("a short one", "a") == "a short one"


def leads_to(monkeypatch, address):
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, port, **_: [(2, 1, 6, "", (address, port))])


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "192.168.1.1", "100.64.0.1", "fd00::1"])
def test_a_private_network_is_asked_only_where_the_source_names_it__F43(monkeypatch, address):
    leads_to(monkeypatch, address)
    with pytest.raises(Failure, match=r"private network") as caught:
        _net.resolve("permits.example", 80)
    assert "allow: [permits.example:80]" in caught.value.hint
    assert _net.resolve("permits.example", 80, by_name=True) == address


@pytest.mark.parametrize("address", ["169.254.169.254", "0.0.0.0", "fe80::1", "224.0.0.1", "::ffff:169.254.169.254"])
def test_some_addresses_are_asked_never__F43(monkeypatch, address):
    leads_to(monkeypatch, address)
    with pytest.raises(Failure, match="leads to") as caught:
        _net.resolve("permits.example", 80, by_name=True)
    assert caught.value.hint == "a source may not be there"


def test_it_asks_a_further_host_that_is_allowed_and_pins_its_address__F43(system, want, monkeypatch):
    port = int(system.url.rpartition(":")[2])
    known, real = [], socket.getaddrinfo

    def ask_once(host, port, *more, **how):
        if host == "127.0.0.1":
            return real(host, port, *more, **how)
        known.append(host)
        return [(2, 1, 6, "", ("127.0.0.1" if len(known) == 1 else "169.254.169.254", port))]

    monkeypatch.setattr(socket, "getaddrinfo", ask_once)
    pages = {"/cases": {"rows": [a_case(1)], "next": f"http://second.example:{port}/more"}, "/more": {"rows": [a_case(2)]}}
    system.answer = lambda path, headers: (200, {}, json.dumps(pages[path]).encode())
    paging = {"kind": "next", "next": "next"}
    settings = {"url": system.url + "/cases", "rows": "rows", "paging": paging, "allow": [f"second.example:{port}"]}
    payloads = list(http_json.fetch(a_source("http_json", settings), want()))
    assert [row["id"] for payload in payloads for row in payload.rows] == ["1", "2"]
    assert known == ["second.example"]


@pytest.mark.parametrize("entry", ["10.0.0.1", "a.example", "*:80", "10.0.0.0/8:80", "a.example:x", "user@a.example:80"])
def test_an_allowed_host_is_exact(system, want, entry):
    with pytest.raises(Failure) as caught:
        ask(system, want, allow=[entry])
    assert caught.value.kind == "settings"
