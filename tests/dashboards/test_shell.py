import json

import flask
import pytest

from dashboards import _shell
from dashboards._live import encode
from dashboards._view import View, view
from tests.dashboards.made import WHO, words


@pytest.fixture
def request_in(server):
    def _request(address: str, **headers):
        context = server.test_request_context(address, headers=headers)
        context.push()
        flask.g.principal = WHO
        return context

    return _request


def test_it_keeps_the_filters_on_a_link_and_drops_what_is_the_pages_own():
    seen = View("/", {"region": "W01", "lang": "en", "peer": "wards"}, "en")
    assert seen.href("/indicator/x") == "/indicator/x?lang=en&region=W01"
    assert seen.href(peer=None) == "/?lang=en&region=W01"
    assert seen.href(region="_T") == "/?lang=en&peer=wards"


def test_it_takes_language_and_theme_from_the_address_before_the_cookie(request_in):
    with request_in("/", Cookie="lang=zh; theme=dark"):
        seen = view("/", {"lang": "en"})
        assert (seen.lang, seen.theme) == ("en", "dark")
        assert view("/", {"lang": "xx", "theme": "neon"}).theme == "dark"


def test_it_opens_in_the_first_language_of_the_workspace(request_in):
    with request_in("/"):
        assert view("/").lang == "en"


def test_it_frames_a_page(request_in):
    with request_in("/"):
        seen = view("/", {"lang": "zh"})
        tree = _shell.page(seen, active="sources", title="标题", children="内容")
        text = words(tree)
        for word in ("云察", "总览", "数据源", "标题", "内容", "登录"):
            assert word in text
        body = json.loads(encode(tree))
        assert "演示数据" not in json.dumps(body, ensure_ascii=False)


def test_it_paints_theme_and_language_before_any_script(request_in):
    with request_in("/?theme=dark&lang=zh"):
        document = _shell.index(metas="", title="<b>", css="", config="", scripts="", app_entry="", favicon="", renderer="")
        assert '<html lang="zh-CN" data-theme="dark"' in document
        assert "&lt;b&gt;" in document


def test_it_says_in_its_frame_that_a_page_failed(request_in, caplog):
    def broken(**query):
        raise ZeroDivisionError

    with request_in("/?lang=zh"):
        text = words(_shell.guarded(broken)())
    assert "E-" in text
    assert "E-" in caplog.text


def test_it_says_that_a_page_is_not_for_this_person(request_in):
    with request_in("/", Cookie="lang=zh"):
        text = words(_shell.guarded(lambda: flask.abort(403))())
    assert "您没有查看这一页的权限" in text


def test_it_knows_no_page_of_a_place_that_is_not_there(request_in):
    drawn = _shell.guarded(lambda **query: "drawn")
    with request_in("/", Cookie="lang=zh"):
        assert "没有这一页" in words(drawn(region="nope"))
        assert "没有这一页" in words(drawn(department="nope"))
        assert drawn(region="_T") == "drawn"
