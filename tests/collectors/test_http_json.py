import contextlib
import gzip
import json
import socket
import threading
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from collectors import http_json
from collectors._errors import Failure
from collectors._payload import merged
from tests.collectors.conftest import NOW, a_case, a_source, one


def rows_of(payloads):
    return [row for payload in payloads for row in payload.rows]


def test_it_reads_rows_at_a_path(system, want):
    system.says(json.dumps({"success": True, "data": {"items": [a_case(1), a_case(2)]}}))
    source = a_source("http_json", {"url": system.url + "/cases", "rows": "data.items", "expect": {"success": True}})
    assert [row["id"] for row in rows_of(http_json.fetch(source, want()))] == ["1", "2"]


def test_it_takes_a_failure_told_with_status_200_for_one__F47(system, want):
    system.says('{"success": false, "result": []}')
    source = a_source("http_json", {"url": system.url, "rows": "result", "expect": {"success": True}})
    with pytest.raises(Failure, match="success is False"):
        list(http_json.fetch(source, want()))


@pytest.mark.parametrize("kind", ["page", "offset", "next"])
def test_it_reads_every_page(system, want, kind):
    def answer(path, headers):
        asked = parse_qs(urlsplit(path).query)
        if kind == "next":
            page = int(asked.get("p", ["0"])[0])
        else:
            page = int(asked["page"][0]) - 1 if kind == "page" else int(asked["offset"][0]) // 2
        rows = [a_case(n) for n in range(5)][page * 2 : page * 2 + 2]
        # The last page names a next one, as CKAN does.
        return 200, {}, json.dumps({"rows": rows, "links": {"next": f"/?p={page + 1}"}}).encode()

    system.answer = answer
    paging = {"kind": kind, "size": 2} if kind != "next" else {"kind": "next", "next": "links.next"}
    source = a_source("http_json", {"url": system.url + "/", "rows": "rows", "paging": paging})
    payloads = list(http_json.fetch(source, want()))
    assert [row["id"] for row in rows_of(payloads)] == list("01234")
    assert [bool(payload.mark) for payload in payloads] == [False] * (len(payloads) - 1) + [True]


def test_it_goes_on_by_a_cursor_until_there_is_none(system, want):
    def answer(path, headers):
        at = int(parse_qs(urlsplit(path).query).get("after", ["0"])[0])
        following = {"after": at + 2} if at < 4 else {"after": None}
        return 200, {}, json.dumps({"rows": [a_case(n) for n in range(5)][at : at + 2], "meta": following}).encode()

    system.answer = answer
    paging = {"kind": "cursor", "param": "after", "next": "meta.after", "size": 2, "size_param": "limit"}
    source = a_source("http_json", {"url": system.url + "/c", "rows": "rows", "paging": paging, "params": {"kind": "a"}})
    assert [row["id"] for row in rows_of(http_json.fetch(source, want()))] == list("01234")
    assert [path for path, _ in system.asked] == ["/c?kind=a&limit=2", "/c?kind=a&limit=2&after=2", "/c?kind=a&limit=2&after=4"]


def test_it_goes_on_by_the_header_link(system, want):
    def answer(path, headers):
        page = int(parse_qs(urlsplit(path).query).get("p", ["1"])[0])
        following = f', </c?p={page + 1}>; rel="next"' if page < 3 else ""
        return 200, {"Link": '</c?p=1>; rel="first"' + following}, json.dumps([a_case(page)]).encode()

    system.answer = answer
    source = a_source("http_json", {"url": system.url + "/c", "paging": {"kind": "next"}})
    assert [row["id"] for row in rows_of(http_json.fetch(source, want()))] == list("123")


def test_all_pages_together_have_a_deadline(system, want):
    system.answer = lambda path, headers: (200, {}, json.dumps([a_case(len(system.asked))]).encode())
    source = a_source("http_json", {"url": system.url, "paging": {"kind": "page"}, "whole": "0s"})
    with pytest.raises(Failure, match="1 pages took longer than 0 s"):
        list(http_json.fetch(source, want()))


def test_it_gives_up_on_pages_without_end(system, want):
    system.says(json.dumps([a_case(1)]))
    source = a_source("http_json", {"url": system.url, "paging": {"kind": "page", "limit": 3}})
    with pytest.raises(Failure, match="more than 3 pages"):
        list(http_json.fetch(source, want()))
    assert len(system.asked) == 3


def test_it_asks_from_the_newest_change_less_an_overlap__F41(system, want):
    system.says(json.dumps([a_case(1, changed="2026-03-02T10:00:00+08:00"), a_case(2, changed="2026-03-01T10:00:00+08:00")]))
    since = {"param": "since", "field": "changed", "overlap": "30m"}
    source = a_source("http_json", {"url": system.url + "/c", "since": since})
    mark = merged({}, one(http_json.fetch(source, want())).mark)
    list(http_json.fetch(source, want(mark=mark)))
    assert system.asked[0][0] == "/c"
    assert parse_qs(urlsplit(system.asked[1][0]).query) == {"since": ["2026-03-02T01:30:00Z"]}


def test_it_keeps_the_mark_when_nothing_came(system, want):
    system.says("[]")
    source = a_source("http_json", {"url": system.url, "since": {"param": "since", "field": "changed"}})
    mark = {"since": NOW.isoformat(), "full": NOW.isoformat()}
    assert merged(mark, one(http_json.fetch(source, want(mark=mark))).mark) == mark


def test_it_does_not_let_a_date_to_come_move_the_mark_past_now(system, want):
    system.says(json.dumps([a_case(1, changed="2099-01-01T00:00:00Z")]))
    source = a_source("http_json", {"url": system.url, "since": {"param": "since", "field": "changed"}})
    assert one(http_json.fetch(source, want())).mark["since"] == NOW.isoformat()


def test_it_takes_304_as_unchanged_and_not_for_ever__F40(system, want):
    tag = {"Etag": '"7"'}
    system.answer = lambda path, asked: (304, tag, b"") if asked.get("If-None-Match") == '"7"' else (200, tag, b"[]")
    source = a_source("http_json", {"url": system.url, "recheck": "1h"})
    mark = merged({}, one(http_json.fetch(source, want())).mark)
    assert one(http_json.fetch(source, want(mark=mark))).unchanged
    assert not one(http_json.fetch(source, want(mark=mark, now=NOW + timedelta(hours=2)))).unchanged


def test_it_asks_a_back_fill_by_its_window(system, want):
    system.says("[]")
    window = {"since": "settled_from", "until": "settled_before", "format": "%Y-%m-%d"}
    source = a_source("http_json", {"url": system.url, "window": window, "since": {"param": "since", "field": "changed"}})
    list(http_json.fetch(source, want(since=NOW - timedelta(days=30), until=NOW)))
    assert parse_qs(urlsplit(system.asked[0][0]).query) == {"settled_from": ["2026-01-31"], "settled_before": ["2026-03-02"]}


def test_it_asks_earlier_and_in_another_form_where_the_source_needs_that(system, want):
    system.says(json.dumps([a_case(1, rev=int(NOW.timestamp()))]))
    since = {"param": "since", "field": "rev", "format": "epoch", "ask": "iso", "overlap": "0s"}
    source = a_source("http_json", {"url": system.url + "/c", "since": since, "window": {"since": "since", "slack": "45d"}})
    mark = merged({}, one(http_json.fetch(source, want(since=NOW))).mark)
    list(http_json.fetch(source, want(mark=mark, since=NOW)))
    asked = [parse_qs(urlsplit(path).query)["since"] for path, _ in system.asked]
    assert asked == [["2026-01-16T04:00:00Z"], ["2026-03-02T04:00:00Z"]]


def test_it_sends_the_secret_in_the_header_only(system, want):
    system.says("[]")
    list(http_json.fetch(a_source("http_json", {"url": system.url + "/x"}), want(secret="canary")))
    path, headers = system.asked[0]
    assert headers["Authorization"] == "Bearer canary"
    assert "canary" not in path


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        ("<!doctype html><title>Login</title>", "bad_input", "HTML"),
        ('[{"id": 1, "id": 2}]', "bad_input", "stands twice"),
        ('[{"id": 1', "bad_input", "not JSON"),
        ("", "bad_input", "empty"),
        ("[" * 100_000, "bad_input", "end"),
        ("[" + "{}," * 500_000 + "{}]", "too_large", "more than 500000 values"),
        (json.dumps([{f"k{n}": n for n in range(2001)}]), "too_large", "2001 keys"),
        ('[{"id": ' + "1" * 5000 + "}]", "bad_input", "too long"),
        ('{"error": "x"}', "schema_changed", "no list"),
        ('["a", 1]', "", ""),
        (b'[{"id": "\xff"}]', "bad_input", "byte 9"),
    ],
)
def test_it_names_what_is_not_json__F31_F32(system, want, body, kind, words):
    system.says(body)
    source = a_source("http_json", {"url": system.url})
    if not kind:
        refused = one(http_json.fetch(source, want())).refusals
        assert [each.place for each in refused] == ["the answer, row 1", "the answer, row 2"]
        return
    with pytest.raises(Failure) as caught:
        list(http_json.fetch(source, want()))
    assert caught.value.kind == kind
    assert words in caught.value.what


def test_it_reads_a_bom_utf_16_and_a_declared_charset__F29(system, want):
    source = a_source("http_json", {"url": system.url})
    text = '[{"id": "龘𠮷"}]'
    for body, kind in ((b"\xef\xbb\xbf" + text.encode(), "json"), (text.encode("utf-16"), "json"),
                       (text.encode("gb18030"), "json; charset=gb18030")):  # fmt: skip
        system.says(body, content_type=f"application/{kind}")
        assert one(http_json.fetch(source, want())).rows == [{"id": "龘𠮷"}]


@pytest.mark.parametrize(
    ("status", "kind", "tries"),
    [(500, "http", 3), (503, "http", 3), (404, "missing", 1), (401, "permission", 1), (302, "blocked", 1)],
)
def test_it_tries_again_only_where_that_can_help__F21_F42(system, want, status, kind, tries):
    system.says("", status, location="http://169.254.169.254/")
    with pytest.raises(Failure) as caught:
        list(http_json.fetch(a_source("http_json", {"url": system.url}), want()))
    assert caught.value.kind == kind
    assert len(system.asked) == tries
    assert len(want.waits) == tries - 1


def test_it_waits_as_long_as_it_is_asked_to_within_a_cap__F21(system, want):
    system.says("", 503, retry_after="3")
    with pytest.raises(Failure):
        list(http_json.fetch(a_source("http_json", {"url": system.url}), want()))
    assert want.waits == [3.0, 3.0]
    system.says("", 503, retry_after="3600")
    with pytest.raises(Failure, match="asks to wait 3600 s"):
        list(http_json.fetch(a_source("http_json", {"url": system.url}), want()))
    assert want.waits == [3.0, 3.0]


def test_it_stops_at_the_limit_of_unpacked_bytes__F27(system, want):
    system.says(gzip.compress(b" " * 30_000_000), content_encoding="gzip")
    with pytest.raises(Failure, match="more than 20971520 bytes"):
        list(http_json.fetch(a_source("http_json", {"url": system.url}), want()))
    system.says(gzip.compress(b"[]"), content_encoding="gzip")
    assert one(http_json.fetch(a_source("http_json", {"url": system.url}), want())).rows == []
    system.says(gzip.compress(b"[]")[:-4], content_encoding="gzip")
    with pytest.raises(Failure, match="cut off"):
        list(http_json.fetch(a_source("http_json", {"url": system.url}), want()))


def test_it_goes_nowhere_but_to_its_own_address__F42(system, want):
    system.says(json.dumps({"rows": [a_case(1)], "next": "http://127.0.0.1:5432/"}))
    paging = {"kind": "next", "next": "next"}
    with pytest.raises(Failure, match="not the source's own address"):
        list(http_json.fetch(a_source("http_json", {"url": system.url, "rows": "rows", "paging": paging}), want()))


@pytest.mark.parametrize(
    "host",
    [
        "0x7f000001",
        "2130706433",
        "[::ffff:127.0.0.1]",
        "127.1",
        "user@127.0.0.1",
        "localhost.",
        "169.254.169.254",
        "0.0.0.0",
        "[fe80::1]",
    ],
)
def test_it_refuses_hosts_in_disguise__F43(want, host):
    with pytest.raises(Failure) as caught:
        list(http_json.fetch(a_source("http_json", {"url": f"http://{host}:9/"}), want()))
    assert caught.value.kind == "blocked"


@pytest.mark.parametrize("url", ["file:///etc/passwd", "gopher://127.0.0.1/", "127.0.0.1/x"])
def test_it_refuses_other_schemes__F42(want, url):
    with pytest.raises(Failure) as caught:
        list(http_json.fetch(a_source("http_json", {"url": url}), want()))
    assert caught.value.kind == "blocked"


class Raw:
    """A server that accepts and then does what a test says with the socket, until the test is over."""

    def __init__(self, serve):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}/"
        self.over = threading.Event()
        threading.Thread(target=self._accept, args=(serve,), daemon=True).start()

    def _accept(self, serve):
        while not self.over.is_set():
            try:
                talk, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(serve, talk), daemon=True).start()

    def _talk(self, serve, talk):
        with talk, contextlib.suppress(OSError):
            serve(talk, self.over)

    def close(self):
        self.over.set()
        self.listener.close()


def _silent(talk, over):
    over.wait(20)


def _drip(talk, over):
    talk.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while not over.wait(0.05):
        talk.sendall(b" ")


def _drip_headers(talk, over):
    for byte in b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 100_000:
        if over.wait(0.05):
            return
        talk.sendall(bytes([byte]))


def _lies(talk, over):
    talk.recv(65536)
    talk.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[]")


def _no_http(talk, over):
    talk.recv(65536)
    talk.sendall(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")


@pytest.mark.parametrize(
    ("serve", "kind"),
    [(_silent, "timeout"), (_drip, "timeout"), (_drip_headers, "timeout"), (_lies, "truncated"), (_no_http, "bad_input")],
)
def test_it_is_cut_off_in_time_whatever_the_other_side_does__F25_F26_F28(want, serve, kind):
    raw = Raw(serve)
    try:
        source = a_source("http_json", {"url": raw.url, "read": "150ms", "total": "400ms"})
        with pytest.raises(Failure) as caught:
            list(http_json.fetch(source, want()))
        assert caught.value.kind == kind
    finally:
        raw.close()


def test_it_says_that_nobody_answers(want):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/"
    with pytest.raises(Failure) as caught:
        list(http_json.fetch(a_source("http_json", {"url": url}), want()))
    assert caught.value.kind == "connect"


def test_it_ignores_a_proxy_in_the_environment(system, want, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1/")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1/")
    system.says("[]")
    assert one(http_json.fetch(a_source("http_json", {"url": system.url}), want())).rows == []
