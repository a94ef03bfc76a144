import base64
import hashlib
import re

from access import origin, pages
from access.headers import REPORTS, Reports
from tests.access.conftest import build
from tests.access.conftest import one_engine as database_url  # noqa: F401
from tests.access.test_guard import addresses

ALWAYS = ("X-Content-Type-Options", "Cross-Origin-Resource-Policy")
DOCUMENT = ("Content-Security-Policy", "X-Frame-Options", "Referrer-Policy", "Permissions-Policy")


def test_it_sends_the_headers_with_every_answer_errors_included(site):
    for client in (site.visitor(), site.signed_in("administrator-1")):
        for _, method, address in addresses(site):
            answer = client.open(address, method=method, headers={"Origin": site.origin})
            required = ALWAYS if answer.status_code == 204 else (*ALWAYS, *DOCUMENT)
            assert all(name in answer.headers for name in required), (method, address)
            assert answer.status_code != 204 or not answer.data
            assert "no-store" in answer.headers["Cache-Control"] or "private" in answer.headers["Cache-Control"], address
            assert "public" not in answer.headers["Cache-Control"]


def test_it_allows_the_scripts_of_the_page_by_hash_and_no_others(site):
    answer = site.signed_in("viewer-1").get("/")
    policy = answer.headers["Content-Security-Policy"]
    script = re.search(r"script-src ([^;]*)", policy)[1]
    text = re.sub(r"<!--.*?-->", "", answer.text, flags=re.S)
    inline = re.findall(r"<script(?![^>]*(?:src=|application/json))[^>]*>(.*?)</script>", text, re.S)
    assert "unsafe" not in script
    hashes = {"'sha256-" + base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() + "'" for one in inline}
    assert set(script.split()) == {"'self'"} | hashes
    assert len(hashes) == 2
    for part in ("frame-ancestors 'none'", "object-src 'none'", "base-uri 'none'", "form-action 'self'", "connect-src 'self'"):
        assert part in policy


def test_it_takes_reports_from_anyone_and_keeps_no_more_than_it_must(site):
    client = site.visitor()
    report = {"csp-report": {"effective-directive": "img-src", "blocked-uri": "https://cdn.example/x.png?secret=1"}}
    assert client.post("/csp-report", json=report).status_code == 204
    for raw in (b"", b"[]", b"{", b'{"csp-report": 7}', b"\xff"):
        assert client.post("/csp-report", data=raw).status_code == 204
    assert client.post("/csp-report", data=b"x" * 20_000).status_code == 413
    assert site.server.extensions["csp_reports"].seen == {("img-src", "https://cdn.example/x.png"): 1, ("unreadable", ""): 5}
    reports = Reports()
    for n in range(3 * REPORTS):
        reports.take(f'{{"csp-report": {{"blocked-uri": "{n}"}}}}'.encode())
    assert (len(reports.seen), reports.beyond) == (REPORTS, 2 * REPORTS)


def test_it_goes_back_only_to_a_path_of_this_site():
    for safe in ("/", "/cases?department=a&b=//x", "/region/成都"):
        assert pages.local_path(safe) == safe
    for other in ("", "//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "/\n/evil", "cases",
                  "/login", "/logout", "/_dash-layout", "\\\\evil", "/\t/evil.example"):  # fmt: skip
        assert pages.local_path(other) == "/", other


def test_it_shows_the_login_page_in_both_languages_with_its_own_style(site):
    client = site.visitor()
    chinese, english = client.get("/login").text, client.get("/login", headers={"Accept-Language": "en-GB"}).text
    assert 'lang="zh-CN"' in chinese
    assert "账号" in chinese
    assert 'lang="en"' in english
    assert "Password" in english
    assert "Password" in client.get("/login?lang=en&next=/cases").text
    assert "<script" not in chinese + english
    assert "--accent" in client.get("/login.css").text
    assert "prefers-color-scheme:dark" in pages.style(None) or "--accent" in pages.style(None)


def test_it_shows_hostile_text_as_text(site):
    answer = site.visitor().get('/login?next=/"><script>alert(1)</script>&lang="><b>')
    assert "<script>" not in answer.text
    assert "<b>" not in answer.text


def test_it_knows_loopback():
    assert all(origin.loopback(host) for host in ("localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "::1", "[::1]"))
    assert not any(
        origin.loopback(host) for host in ("0.0.0.0", "::", "", "127.0.0.1.evil.example", "localhost.evil", "10.0.0.1")
    )


def test_it_uses_the_public_address_as_its_own_origin(people, clock):
    site = build(people, clock, public_url="https://yuncha.example/")
    for sent, status in (("https://yuncha.example", 401), ("http://localhost", 403), ("https://evil.example", 403)):
        assert site.visitor().post("/login", data={}, headers={"Origin": sent}).status_code == status
