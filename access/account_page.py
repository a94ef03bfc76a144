"""/account: who one is here, signing out, and a new password."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as Answer

from access import passwords, sessions, words
from access.policies import policy
from access.principals import current
from access.refusals import page
from metrics.model import TOTAL
from metrics.store.engine import Store


def routes(store: Store, workspace: Any, clock: Callable[[], datetime]) -> Blueprint:
    account = Blueprint("account", __name__)

    def names(tree: Any, ids: tuple[str, ...], lang: str) -> list[str]:
        return [tree.get(id).name[lang] if id in tree else id for id in ids if id != TOTAL]

    def show(notice: str, status: int = 200) -> Answer:
        who, lang = current(), words.language()
        held: list[str] = []
        for tree, ids in (("departments", who.departments), ("regions", who.regions)):
            held += names(getattr(workspace, tree, ()), ids, lang)
        role = "、".join(words.say(one, lang) for one in sorted(who.roles))
        return page("account", status, who=who, role=role, scope="、".join(held) or words.say("everything", lang), notice=notice)

    @account.get("/account")
    @policy("self")
    def one() -> Answer:
        return show("")

    @account.post("/account")
    @policy("self")
    def change_password() -> Answer:
        """Asks for the old one, under the same lock as the login: an unlocked screen gives nobody a guess for free."""
        lang, now, who = words.language(), clock(), current()
        password = request.form.get("password", "")[:1024]
        if password != request.form.get("again", "")[:1024]:
            return show(words.say("differ", lang), 422)
        try:
            changed = sessions.change_password(
                store, who, request.form.get("old", "")[:1024], password, request.remote_addr or "", now
            )
        except passwords.WeakPassword as error:
            return show(error.reason[lang], 422)
        if not changed:
            return show(words.say("old_wrong", lang), 422)
        return redirect("/login?done=saved", 303)

    return account
