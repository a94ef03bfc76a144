import json

import pytest

from access import policies
from access.guard import Unguarded
from tests.access.conftest import build, update_body
from tests.access.conftest import one_engine as database_url  # noqa: F401

PAGES = ("/", "/anything/below", "/_dash-layout", "/_dash-dependencies", "/_reload-hash", "/_favicon.ico", "/static/x.css",
         "/assets/00-tokens.css", "/_dash-component-suites/dash/deps/polyfill@7.min.js", "/export/cases.csv", "/live",
         "/other-department", "/broken")  # fmt: skip


def addresses(site):
    """Every rule and method of the app, with something in the place of each variable."""
    for rule in site.server.url_map.iter_rules():
        address = rule.rule.replace("<path:path>", "x/y").replace("<path:filename>", "x.css")
        address = address.replace("<string:package_name>", "dash").replace("<path:fingerprinted_path>", "x.js")
        for method in rule.methods - {"OPTIONS", "HEAD"}:
            yield rule.rule, method, address


def outputs(site):
    return [output for output, entry in site.dash.callback_map.items() if "callback" in entry]


def test_it_answers_nobody_on_any_route_or_callback_but_the_public_ones(site):
    client = site.visitor()
    for rule, method, address in addresses(site):
        for headers in ({}, {"Origin": site.origin}, {"Cookie": "yuncha=forged"}, {"Authorization": "Bearer wrong"}):
            status = client.open(address, method=method, headers=headers).status_code
            if rule not in policies.PUBLIC:
                assert status == 401, (method, address, headers)
    for output in outputs(site):
        assert site.update(client, output).status_code == 401, output
    assert site.calls == []


def test_it_answers_public_addresses_with_the_status_word_only(site):
    assert site.visitor().get("/healthz").json == {"status": "ok"}
    assert site.signed_in("viewer-1").get("/healthz").json == {"status": "ok", "sources": 3}
    assert policies.PUBLIC == ("/login", "/login.css", "/welcome", "/healthz", "/csp-report")


def test_it_denies_what_is_not_there_to_nobody_and_says_404_or_405_to_a_person(site):
    for address, method in (("/nope/x", "POST"), ("/login/x", "DELETE"), ("/", "TRACE"), ("//evil", "PUT")):
        assert site.visitor().open(address, method=method).status_code == 401
    person = site.signed_in("viewer-1")
    assert person.open("/", method="TRACE", headers={"Origin": site.origin}).status_code == 405
    assert person.delete("/live", headers={"Origin": site.origin}).status_code == 405


ALLOWED = {
    "viewer": {"view", "export", "self"}, "staff": {"view", "export", "self", "acknowledge"},
    "supervisor": {"view", "export", "self", "acknowledge"},
    "administrator": {"view", "export", "self", "acknowledge", "administer"},
}  # fmt: skip


@pytest.mark.parametrize("role", ALLOWED)
def test_it_gives_each_role_exactly_its_policies_on_every_route_and_callback(site, role):
    person = site.signed_in(f"{role}-1")
    for output in outputs(site):
        action = policies.of_callback(site.dash.callback_map[output], output)[0]
        status = site.update(person, output).status_code
        assert (status == 403) is (action not in ALLOWED[role]), output
        assert status in (200, 204, 403), output
    for rule, method, address in addresses(site):
        if rule in (*policies.PUBLIC, policies.UPDATE, "/logout", "/other-department"):
            continue
        action = policies.of_route(
            site.server, rule, next(r.endpoint for r in site.server.url_map.iter_rules() if r.rule == rule)
        )[0]
        status = person.open(address, method=method, headers={"Origin": site.origin}).status_code
        assert (status == 403) is (action not in ALLOWED[role]), (method, address)


def test_it_lets_a_visitor_of_the_demo_look_and_export_and_nothing_else(demo):
    client = demo.visitor()
    for output in outputs(demo):
        action = policies.of_callback(demo.dash.callback_map[output], output)[0]
        assert (demo.update(client, output).status_code == 401) is (action not in ("view", "export")), output
    for rule, method, address in addresses(demo):
        if rule in (*policies.PUBLIC, policies.UPDATE):
            continue
        status = client.open(address, method=method, headers={"Origin": demo.origin}).status_code
        if method == "POST" or rule == "/account":
            assert status == 401, address
        elif rule != "/other-department":
            assert status not in (401, 403), address
    assert demo.visitor().get("/healthz").json["sources"] == 3
    assert all(who.user is None and who.roles == {"viewer"} for _, who in demo.calls)
    assert demo.audit() == []  # there is no one to name


@pytest.mark.parametrize(
    "header", ["X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Anything", "Forwarded", "Via", "X-Real-IP"]
)
def test_it_knows_no_visitor_behind_a_proxy(demo, header):
    assert demo.visitor().get("/", headers={header: "1.2.3.4"}).status_code == 401
    assert demo.signed_in("viewer-1").get("/", headers={header: "1.2.3.4"}).status_code == 200


def test_it_knows_no_visitor_under_a_foreign_name(demo):
    assert demo.visitor().get("/", headers={"Host": "evil.example:8050"}).status_code == 401
    for host in ("[", "[::1", "evil@127.0.0.1", "127.0.0.1.evil.example", ""):
        assert demo.visitor().get("/", headers={"Host": host}).status_code in (400, 401), host
    assert demo.visitor().get("/", headers={"Host": "127.0.0.1:8050"}).status_code == 200
    assert demo.visitor().get("/", headers={"Host": "[::1]:8050"}).status_code == 200


def test_it_knows_no_visitor_where_the_server_is_not_on_loopback(people, clock):
    for host in ("0.0.0.0", "::", "10.0.0.4", "yuncha.example", ""):
        assert build(people, clock, demo=True, host=host).visitor().get("/").status_code == 401
    for host in ("localhost", "::1", "127.0.0.1"):
        assert build(people, clock, demo=True, host=host).visitor().get("/").status_code == 200


def test_it_never_takes_a_wrong_token_for_a_visitor(demo):
    assert demo.visitor().get("/", headers={"Authorization": "Bearer wrong"}).status_code == 401


def test_it_does_not_start_with_a_route_or_a_callback_without_a_policy(people, clock):
    from dash import Input, Output, callback

    def forgetful(server, app):
        server.get("/hole")(lambda: "open")
        callback(Output("hole", "children"), Input("b", "n_clicks"))(lambda clicks: "open")

    with pytest.raises(Unguarded) as said:
        build(people, clock, before_install=forgetful)
    assert "/hole" in str(said.value)
    assert "hole.children" in str(said.value)
    assert "test_guard.py" in str(said.value)


def test_it_refuses_what_was_registered_after_the_start(site):
    from dash import Input, Output

    site.server.get("/late")(lambda: "open")
    site.dash.callback(Output("late", "children"), Input("b", "n_clicks"))(lambda clicks: "open")
    person = site.signed_in("administrator-1")
    assert person.get("/late").status_code == 403
    assert site.update(person, "late.children").status_code == 403


def test_it_refuses_a_policy_nobody_knows():
    with pytest.raises(ValueError, match="no action"):
        policies.policy("look")


def changed(body, **parts):
    return {**body, **parts}


def test_it_answers_a_body_that_does_not_fit_with_4xx_and_calls_nothing(site):
    person, good = site.signed_in("viewer-1"), update_body(site.dash, "seen.children")
    one = good["inputs"][0]
    bad = [
        None, [], "text", 7, {}, {"output": None}, {"output": ["seen.children"]}, {"output": "nope.children"},
        changed(good, output="s.data"), changed(good, inputs=None), changed(good, inputs={}), changed(good, inputs=[]),
        changed(good, inputs=[one, one]), changed(good, inputs=[[one]]), changed(good, inputs=[None]),
        changed(good, inputs=["b"]),
        changed(good, inputs=[{**one, "id": "other"}]), changed(good, inputs=[{**one, "id": {"any": 1}}]),
        changed(good, inputs=[{**one, "property": 1}]), changed(good, inputs=[{**one, "property": "style"}]),
        changed(good, inputs=[{"value": 1}]), changed(good, state=[]), changed(good, state="x"), changed(good, outputs=None),
        changed(good, outputs=[]), changed(good, outputs={"id": "done", "property": "children"}),
        changed(good, outputs={"id": "seen"}),
        changed(good, changedPropIds=None), changed(good, changedPropIds="b.n_clicks"), changed(good, changedPropIds=[{}]),
        changed(good, extra=1),
    ]  # fmt: skip
    for body in bad:
        answer = person.post("/_dash-update-component", json=body, headers={"Origin": site.origin})
        assert answer.status_code in (400, 404), body
        assert "Traceback" not in answer.text
    for raw, kind in ((b"{", "application/json"), (b"\xff\xfe", "application/json"), (b"", "application/json"),
                      (b'{"output":"seen.children"}', "text/plain"), (b"[" * 100_000, "application/json")):  # fmt: skip
        answer = person.post("/_dash-update-component", data=raw, content_type=kind, headers={"Origin": site.origin})
        assert answer.status_code == 400, raw[:20]
    big = person.post("/_dash-update-component", json=changed(good, x="y" * 9_000_000), headers={"Origin": site.origin})
    assert big.status_code == 413
    assert site.calls == []


def test_it_gives_a_callback_only_values_of_the_types_it_names(site):
    person, good = site.signed_in("viewer-1"), update_body(site.dash, "seen.children")

    def send(clicks, data):
        body = {**good, "inputs": [{**good["inputs"][0], "value": clicks}], "state": [{**good["state"][0], "value": data}]}
        return person.post("/_dash-update-component", json=body, headers={"Origin": site.origin}).status_code

    for clicks, data in ((1, {}), (None, []), (0, 1.5), (3, 2)):
        assert send(clicks, data) == 200, (clicks, data)
    for clicks, data in (("1", {}), (True, {}), ({"any": []}, {}), ([1], {}), (1.5, {}), (1, "x"), (1, True)):
        assert send(clicks, data) == 400, (clicks, data)


def test_it_takes_no_text_that_is_none(site):
    person = site.signed_in("viewer-1")
    for text, status in (("\ud800", 400), ("a\udfffb", 400), ("\x00", 400), ("\U0001f600 云 \u202e", 200)):
        body = update_body(site.dash, "seen.children")
        body["state"][0]["value"] = [text]
        answer = person.post("/_dash-update-component", data=json.dumps(body), content_type="application/json",
                             headers={"Origin": site.origin})  # fmt: skip
        assert answer.status_code == status, repr(text)
    assert person.get("/?a=%00").status_code == person.get("/a%00b").status_code == 400


def test_it_takes_patterns_only_under_their_declared_names(site):
    admin = site.signed_in("administrator-1")
    output = next(output for output in site.dash.callback_map if "MATCH" in output)
    good = update_body(site.dash, output)
    assert admin.post("/_dash-update-component", json=good, headers={"Origin": site.origin}).status_code == 200
    for id in (
        {"type": "other", "index": 1},
        {"type": "row"},
        {"type": "row", "index": 1, "x": 2},
        {"type": "row", "index": [1]},
        "row",
    ):
        bad = {**good, "inputs": [{**good["inputs"][0], "id": id}]}
        assert admin.post("/_dash-update-component", json=bad, headers={"Origin": site.origin}).status_code == 400, id
        bad = {**good, "state": [[{**good["state"][0][0], "id": id}]]}
        assert admin.post("/_dash-update-component", json=bad, headers={"Origin": site.origin}).status_code == 400, id


@pytest.mark.parametrize("headers", [
    {}, {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": "https://localhost"}, {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"}, {"Sec-Fetch-Site": "none"},
])  # fmt: skip
def test_it_refuses_what_another_site_sends_in_a_persons_name(site, headers):
    admin = site.signed_in("administrator-1")
    for address in ("/api/v1/push", "/logout", "/login", "/welcome"):
        assert admin.post(address, headers=headers).status_code == 403, address
    body = update_body(site.dash, "seen.children")
    assert admin.post("/_dash-update-component", json=body, headers=headers).status_code == 403
    assert admin.get("/").status_code == 200
    assert ("administrator-1", "cross_site", "/api/v1/push", "refused") in site.audit()


def test_it_writes_down_who_did_what_and_who_was_refused(site):
    viewer, staff = site.signed_in("viewer-1"), site.signed_in("staff-1")
    done = next(output for output in outputs(site) if "done.children" in output)
    viewer.get("/export/cases.csv")
    site.update(viewer, done)
    site.update(staff, done)
    viewer.get("/other-department")
    viewer.get("/")
    assert [row for row in site.audit() if row[1] != "login"] == [
        ("viewer-1", "export", "/export/cases.csv", "ok"), ("viewer-1", "acknowledge", done, "refused"),
        ("staff-1", "acknowledge", done, "ok"), ("viewer-1", "view", "/other-department", "refused"),
    ]  # fmt: skip


def test_it_tells_nothing_of_what_went_wrong_inside(site):
    answer = site.signed_in("viewer-1").get("/broken", headers={"Accept": "text/html"})
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "系统出错" in answer.text


def test_it_greets_a_person_without_a_session_with_the_login_page(site):
    answer = site.visitor().get("/cases?department=d", headers={"Accept": "text/html", "Accept-Language": "en"})
    assert answer.status_code == 401
    assert 'name="next" value="/cases?department=d"' in answer.text
    assert "Sign in" in answer.text
    program = site.visitor().get("/api/v1/x", headers={"Accept": "text/html"})
    assert program.json == {"error": {"code": 401, "id": "not_signed_in", "message": "请先登录。", "hint": ""}}
