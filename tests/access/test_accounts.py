import runpy

import pytest
from argon2 import PasswordHasher

from access import accounts, passwords, sessions
from access.store.tables import account
from metrics.model import TOTAL, Place
from tests.access.conftest import NOW, PASSWORD


def token(link: str) -> str:
    return link.removeprefix("/welcome?token=")


class Tree:
    def __init__(self, *ids):
        self.ids = ids

    def children(self, id):
        return [Place(id, {}, TOTAL, "city") for id in self.ids]


class Workspace:
    departments, regions = Tree("housing", "hotline"), Tree("chengdu", "zigong")


def test_it_sets_the_first_password_by_a_link_that_works_once(site):
    with site.store.write() as connection:
        assert accounts.first_administrator(connection, NOW) is None  # there are people
        connection.execute(account.delete())
        secret = token(accounts.first_administrator(connection, NOW))
        assert accounts.first_administrator(connection, NOW) is None
        assert secret not in str(connection.exec_driver_sql("select * from welcome_link").all())
    client = site.visitor()
    assert "admin" in client.get(f"/welcome?token={secret}").text
    assert client.get(f"/welcome?token={secret}").headers["Referrer-Policy"] == "same-origin"

    def send(password, again=None):
        data = {"token": secret, "password": password, "again": again or password}
        return client.post("/welcome", data=data, headers={"Origin": site.origin})

    assert send("short").status_code == 422
    assert send(PASSWORD, "other").status_code == 422
    assert send("Admin-admin-1").status_code == 422
    assert send(PASSWORD).location == "/login?done=saved"
    assert send(PASSWORD).status_code == 404
    assert client.get(f"/welcome?token={secret}").status_code == 404
    assert client.get("/welcome").status_code == 404
    assert client.post("/login", data={"name": "admin", "password": PASSWORD}, headers={"Origin": site.origin}).status_code == 303


def test_it_forgets_a_link_after_three_days_and_when_a_newer_one_is_made(site):
    with site.store.write() as connection:
        old = accounts.new_link(connection, "viewer-1", NOW)
        new = accounts.new_link(connection, "viewer-1", NOW)
    assert site.visitor().get(old).status_code == 404
    assert site.visitor().get(new).status_code == 200
    site.clock.forward(days=3, seconds=1)
    assert site.visitor().get(new).status_code == 404


def test_it_ends_every_session_when_the_password_is_set_anew(site):
    person = site.signed_in("viewer-1")
    with site.store.write() as connection:
        accounts.set_password(connection, token(accounts.new_link(connection, "viewer-1", NOW)), "Another-Horse-7", NOW)
    assert person.get("/").status_code == 401


@pytest.mark.parametrize(("name", "role", "password"), [
    ("A", "viewer", None), ("王", "viewer", None), ("a b", "viewer", None), ("", "viewer", None), ("ok-1", "king", None),
    ("ok-1", "viewer", "short"), ("viewer-1", "viewer", None), ("ok-1", "viewer", "Ok-1-Ok-1-Ok-1"),
])  # fmt: skip
def test_it_refuses_an_account_that_cannot_be(people, name, role, password):
    with people.write() as connection, pytest.raises(accounts.Refused):
        accounts.add_user(connection, name, "x", role, (), (), password, NOW)


def test_it_adds_and_lists_people_with_their_scope(store):
    with store.write() as connection:
        link = accounts.add_user(connection, "li.si", "李四", "staff", ("housing",), ("chengdu",), None, NOW)
        assert accounts.add_user(connection, "zhao", "", "viewer", (), (), PASSWORD, NOW) is None
        people = accounts.list_users(connection)
    assert len(token(link)) >= 43
    assert [(p.name, p.display, p.role, p.departments, p.regions) for p in people] == [
        ("li.si", "李四", "staff", ("housing",), ("chengdu",)), ("zhao", "zhao", "viewer", (TOTAL,), (TOTAL,)),
    ]  # fmt: skip
    assert people[0].password == ""
    assert "argon2" not in f"{people[1]} {people[1]!r}"
    assert people[1].password.startswith("$argon2id$")


def test_it_makes_demo_people_once_with_passwords_nobody_can_guess(store):
    with store.write() as connection:
        made = accounts.demo_users(connection, Workspace(), NOW)
        assert accounts.demo_users(connection, Workspace(), NOW) == []
    assert {person.role for person in made} == set(accounts.ROLES)
    assert len({person.password for person in made}) == len(made)
    assert all(person.password in str(person) and person.password not in repr(person) for person in made)
    assert all(passwords.weak(person.password, person.name) is None for person in made)
    assert {(person.departments, person.regions) for person in made} >= {(("housing",), (TOTAL,)), ((TOTAL,), ("chengdu",))}


@pytest.mark.parametrize(("password", "why"), [
    ("Ab1-xyz", passwords.SHORT), ("x" * 129, passwords.SHORT), ("abcdefghij1", passwords.SIMPLE),
    ("Passw0rd!1", passwords.COMMON), ("Aa1aaaaaaaaaaaaa", passwords.COMMON), ("Zhang.san-2026", passwords.COMMON),
    ("Tr0ub4dor-x", None),
    ("correct horse battery", None), ("云察密码很长-Aa1", None),
])  # fmt: skip
def test_it_says_why_a_password_is_weak(password, why):
    assert passwords.weak(password, "zhang.san") == why


def test_it_hashes_with_the_parameters_of_rfc_9106():
    """The product's own, not those of the tests."""
    fresh = runpy.run_path(passwords.__file__)["_hasher"]
    assert (fresh.memory_cost, fresh.time_cost, fresh.parallelism, fresh.type.name) == (65_536, 3, 4, "ID")


def test_it_renews_a_hash_made_with_older_parameters(people):
    weaker = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1).hash(PASSWORD)
    with people.write() as connection:
        connection.execute(account.update().where(account.c.name == "staff-1").values(password=weaker))
    assert sessions.log_in(people, "staff-1", PASSWORD, "::1", NOW)
    with people.read() as connection:
        assert accounts.list_users(connection)[1].password not in ("", weaker)


def test_it_takes_no_password_for_an_account_without_one():
    assert not passwords.matches("", "")
    assert not passwords.matches("not a hash", "x")
    assert passwords.matches(passwords.hashed("a"), "a")


def test_it_changes_ones_own_password_only_with_the_old_one(site):
    person = site.signed_in("staff-1")
    assert "staff 王" in person.get("/account").text
    assert "经办" in person.get("/account?lang=zh").text
    assert site.visitor().get("/account").status_code == 401

    def send(old, new, again=None):
        data = {"old": old, "password": new, "again": again or new}
        return person.post("/account", data=data, headers={"Origin": site.origin}).status_code

    assert send("wrong", "Another-Horse-7") == 422
    assert send(PASSWORD, "Another-Horse-7", "x") == 422
    assert send(PASSWORD, "short") == 422
    assert send(PASSWORD, "Another-Horse-7") == 303
    assert person.get("/account").status_code == 401
    assert [row[1:] for row in site.audit() if row[1] == "set_password"] == [
        ("set_password", "/account", "refused"), ("set_password", "/account", "ok"),
    ]  # fmt: skip


def test_it_gives_nobody_at_an_unlocked_screen_a_free_guess(site):
    person = site.signed_in("staff-1")
    for _ in range(6):
        data = {"old": "wrong", "password": "Another-Horse-7", "again": "Another-Horse-7"}
        person.post("/account", data=data, headers={"Origin": site.origin})
    data["old"] = PASSWORD
    assert person.post("/account", data=data, headers={"Origin": site.origin}).status_code == 422
