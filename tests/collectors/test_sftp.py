"""A real SFTP server on loopback: what an office drops there comes in as from a folder."""

import base64
import hashlib
import os
import socket
import threading
from datetime import timedelta

import paramiko
import pytest

from collectors import files
from collectors._errors import Failure
from collectors._payload import merged
from tests.collectors.conftest import NOW, a_source

HEADER = "编号,部门\n"


class Files(paramiko.SFTPServerInterface):
    root = ""

    def _path(self, path: str) -> str:
        return os.path.join(self.root, path.lstrip("/"))

    def list_folder(self, path):
        try:
            names = os.listdir(self._path(path))
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)
        found = []
        for name in names:
            one = paramiko.SFTPAttributes.from_stat(os.lstat(os.path.join(self._path(path), name)))
            one.filename = name
            found.append(one)
        return found

    def open(self, path, flags, attr):
        assert not flags & (os.O_WRONLY | os.O_RDWR)
        made = paramiko.SFTPHandle(flags)
        made.readfile = open(self._path(path), "rb")  # noqa: SIM115 closed with the handle
        made.stat = lambda: paramiko.SFTPAttributes.from_stat(os.fstat(made.readfile.fileno()))
        return made


class Door(paramiko.ServerInterface):
    def __init__(self, key: paramiko.PKey) -> None:
        self.key = key

    def check_auth_password(self, username, password):
        return paramiko.AUTH_SUCCESSFUL if (username, password) == ("yuncha", "right") else paramiko.AUTH_FAILED

    def check_auth_publickey(self, username, key):
        return paramiko.AUTH_SUCCESSFUL if key == self.key else paramiko.AUTH_FAILED

    def check_channel_request(self, kind, chanid):
        return paramiko.OPEN_SUCCEEDED


@pytest.fixture(scope="module")
def keys():
    return paramiko.ECDSAKey.generate(), paramiko.ECDSAKey.generate()


@pytest.fixture
def there(tmp_path, keys):
    """(settings of the server, its folder)."""
    host_key, user_key = keys
    listener = socket.create_server(("127.0.0.1", 0))
    (tmp_path / "there").mkdir()

    class Here(Files):
        root = str(tmp_path / "there")

    def serve():
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            transport = paramiko.Transport(line)
            transport.add_server_key(host_key)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, Here)
            transport.start_server(event=threading.Event(), server=Door(user_key))

    threading.Thread(target=serve, daemon=True).start()
    print_ = "SHA256:" + base64.b64encode(hashlib.sha256(host_key.asbytes()).digest()).decode().rstrip("=")
    yield {"host": "127.0.0.1", "port": listener.getsockname()[1], "user": "yuncha", "host_key": print_}, tmp_path / "there"
    listener.close()


def drop(folder, name, text, age=timedelta(hours=1)):
    (folder / name).write_text(text, encoding="utf-8")
    os.utime(folder / name, ((NOW - age).timestamp(),) * 2)


def collect(want, sftp, secret="right", mark=None, **settings):
    source = a_source("files", {"folder": "/", "sftp": sftp, **settings})
    return list(files.fetch(source, want(secret=secret, mark=mark or {})))


def test_it_takes_what_was_dropped_there_once(want, there):
    sftp, folder = there
    drop(folder, "a.csv", HEADER + "1,税务局\n", timedelta(hours=2))
    drop(folder, "b.csv", HEADER + "2,民政局\n")
    drop(folder, "young.csv", HEADER, timedelta(seconds=1))
    (folder / "link.csv").symlink_to("/etc/passwd")
    first = collect(want, sftp)
    assert [row["编号"] for payload in first for row in payload.rows] == ["1", "2"]
    assert first[-1].waiting == 1
    mark = {}
    for payload in first:
        mark = merged(mark, payload.mark)
    assert [payload.unchanged for payload in collect(want, sftp, mark=mark)] == [True]


def test_it_signs_in_with_a_key(want, there, keys, tmp_path):
    sftp, folder = there
    drop(folder, "a.csv", HEADER + "1,税务局\n")
    keys[1].write_private_key_file(str(tmp_path / "key"))
    payloads = collect(want, {**sftp, "sign_in": "key"}, secret=(tmp_path / "key").read_text())
    assert payloads[0].rows == [{"编号": "1", "部门": "税务局"}]


@pytest.mark.parametrize(
    ("change", "secret", "kind"),
    [({"host_key": "SHA256:" + "A" * 43}, "right", "tls"), ({}, "canary", "permission"), ({"sign_in": "key"}, "canary", "secret"),
     ({"port": 1}, "right", "connect"), ({"host": "127.1"}, "right", "blocked"), ({"host_key": "none"}, "right", "settings")],
)  # fmt: skip
def test_it_talks_to_nobody_else(want, there, change, secret, kind):
    with pytest.raises(Failure) as caught:
        collect(want, {**there[0], **change}, secret)
    assert caught.value.kind == kind
    assert "canary" not in caught.value.what + caught.value.hint


def test_it_says_that_the_folder_is_not_there(want, there):
    with pytest.raises(Failure) as caught:
        collect(want, there[0], folder="/absent")
    assert caught.value.kind == "missing"


def test_a_server_that_hangs_is_given_up(want):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        sftp = {"host": "127.0.0.1", "port": silent.getsockname()[1], "user": "u", "host_key": "SHA256:" + "A" * 43}
        with pytest.raises(Failure) as caught:
            collect(want, {**sftp, "connect": "200ms"})
        assert caught.value.kind in ("timeout", "connect")
