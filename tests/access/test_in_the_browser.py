"""The real browser under the real policy: DMC, AG Grid, a graph and clientside callbacks, signing in and out."""

import threading

import pytest
from werkzeug.serving import make_server

from tests.access.conftest import PASSWORD, build
from tests.access.conftest import one_engine as database_url  # noqa: F401

pytestmark = pytest.mark.browser


@pytest.fixture
def address(people, clock):
    import dash_ag_grid
    import dash_mantine_components as dmc
    from dash import Input, Output, dcc, html

    from access import current, policy

    def rich(server, app):
        grid = dash_ag_grid.AgGrid(id="g", columnDefs=[{"field": "a"}], rowData=[{"a": n} for n in range(30)])
        graph = dcc.Graph(id="f", figure={"data": [{"type": "bar", "x": [1, 2], "y": [3, 4]}]}, config={"showSendToCloud": False})
        app.layout = dmc.MantineProvider(
            html.Div([html.Button("b", id="b"), html.Div(id="who"), html.Div(id="twice"), dmc.Button("x"), grid, graph,
                      html.Form(html.Button("out", id="out"), action="/logout", method="POST")])
        )  # fmt: skip

        @app.callback(Output("who", "children"), Input("b", "n_clicks"))
        @policy("view")
        def who(clicks):
            return f"{current().user} {clicks or 0}"

        app.clientside_callback("function(x){return x + '!'}", Output("twice", "children"), Input("who", "children"))

    site = build(people, clock, before_install=rich)
    running = make_server("127.0.0.1", 0, site.server, threaded=True)
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield site, f"http://127.0.0.1:{running.port}"
    running.shutdown()
    thread.join()


def test_it_signs_in_works_and_signs_out_without_a_word_from_the_policy(address, page, request):
    site, url = address
    page.goto(f"{url}/?x=1")
    page.fill("#name", "staff-1")
    page.fill("#password", "wrong")
    page.click("button")
    assert "账号或密码不对" in page.inner_text("main")
    assert page.evaluate("getComputedStyle(document.querySelector('button')).backgroundColor") != "rgba(0, 0, 0, 0)"
    page.fill("#name", "staff-1")
    page.fill("#password", PASSWORD)
    page.click("button")
    page.wait_for_selector("#who:has-text('staff-1 0')")
    assert page.url == f"{url}/?x=1"
    page.click("#b")
    page.wait_for_selector("#twice:has-text('staff-1 1!')")
    page.wait_for_selector(".ag-cell")
    page.wait_for_selector("#f .bars path")
    page.click("#out")
    page.wait_for_selector("text=您已退出")
    page.goto(f"{url}/")
    page.wait_for_selector("#password")
    assert [fault for fault in page.faults if "status of 401" not in fault] == []
    assert site.server.extensions["csp_reports"].seen == {}


def test_it_stops_an_inline_script_and_hears_of_it(address, page):
    site, url = address
    page.goto(f"{url}/login")
    page.evaluate(
        "() => { const s = document.createElement('script'); s.textContent = 'window.evil = 1'; document.body.append(s) }"
    )
    page.wait_for_timeout(300)
    assert page.evaluate("window.evil") is None
    assert [directive for directive, _ in site.server.extensions["csp_reports"].seen] == ["script-src-elem"]
