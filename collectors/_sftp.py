"""A folder on another machine, by SFTP: to one pinned address, a host key that is declared, until one deadline; only reading."""

from __future__ import annotations

import base64
import hashlib
import io
import socket
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from collectors._errors import Failure, one_line
from collectors._net import Allow, named, origin, resolve
from collectors._payload import Want
from collectors._settings import Duration, Settings

if TYPE_CHECKING:
    import paramiko

MAX_LISTED = 20_000


class Sftp(Settings):
    host: str
    port: int = 22
    user: str
    host_key: str = Field(pattern=r"^SHA256:[A-Za-z0-9+/]{43}$")
    """Its fingerprint, as `ssh-keygen -lf` shows it: another machine is not talked to."""
    sign_in: Literal["password", "key"] = "password"
    """What `secret` holds: a password, or a private key without a passphrase."""
    allow: Allow = ()
    connect: Duration = timedelta(seconds=5)
    total: Duration = timedelta(seconds=60)


class Remote:
    def __init__(self, client: paramiko.SFTPClient, shown: str) -> None:
        self._client, self._shown = client, shown

    def listed(self, folder: str) -> list[tuple[str, int, int]]:
        """(name, size, seconds since 1970 of its last change) of the regular files directly in it."""
        found: list[tuple[str, int, int]] = []
        with _faults(f"{self._shown}:{folder}"):
            for one in self._client.listdir_iter(folder):
                if len(found) >= MAX_LISTED:
                    raise Failure("too_large", f"more than {MAX_LISTED} files in {folder}", "move the old ones away")
                if stat.S_ISREG(one.st_mode or 0) and "/" not in one.filename:
                    found.append((one.filename, int(one.st_size or 0), int(one.st_mtime or 0)))
        return found

    def read(self, path: str, limit: int) -> tuple[bytes, int, int]:
        """(at most limit + 1 bytes, size and time of change after they were read)."""
        with _faults(f"{self._shown}:{path}"), self._client.open(path, "rb") as opened:
            data = opened.read(limit + 1)
            after = opened.stat()
        return data, int(after.st_size or 0), int(after.st_mtime or 0)


@contextmanager
def opened(declared: Sftp, want: Want) -> Iterator[Remote]:
    import paramiko

    _, host, port = origin(f"http://{declared.host}:{declared.port}/")
    shown = f"{host}:{port}"
    address = resolve(host, port, by_name=(host, port) in named(declared.allow), patience=declared.connect.total_seconds())
    with _faults(shown):
        line = socket.create_connection((address, port), declared.connect.total_seconds())
    transport = paramiko.Transport(line)
    transport.banner_timeout = transport.auth_timeout = transport.channel_timeout = declared.connect.total_seconds()
    late = threading.Timer(declared.total.total_seconds(), transport.close)
    late.daemon = True
    late.start()
    try:
        with _faults(shown):
            transport.start_client(timeout=declared.connect.total_seconds())
            _check(transport, declared, shown)
            if declared.sign_in == "key":
                transport.auth_publickey(declared.user, _key(want.secret or ""))
            else:
                transport.auth_password(declared.user, want.secret or "")
            client = paramiko.SFTPClient.from_transport(transport)
        if client is None:
            raise Failure("permission", f"{shown}: gives no SFTP to {declared.user}", "ask its owner")
        yield Remote(client, shown)
    finally:
        late.cancel()
        transport.close()


def _check(transport: paramiko.Transport, declared: Sftp, shown: str) -> None:
    digest = hashlib.sha256(transport.get_remote_server_key().asbytes()).digest()
    found = "SHA256:" + base64.b64encode(digest).decode().rstrip("=")
    if found != declared.host_key:
        what = f"{shown}: another machine answers: its key is {found}"
        raise Failure("tls", what, "if its owner changed the key, put `host_key` right")


def _key(text: str) -> paramiko.PKey:
    import paramiko

    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        try:
            return kind.from_private_key(io.StringIO(text))
        except (paramiko.SSHException, ValueError):
            continue
    raise Failure("secret", "the secret is no private key without a passphrase", "put the key's own text there")


@contextmanager
def _faults(shown: str) -> Iterator[None]:
    import paramiko

    try:
        yield
    except paramiko.AuthenticationException:
        raise Failure("permission", f"{shown}: the user is not let in", "put the user or the secret right") from None
    except PermissionError:
        raise Failure("permission", f"{shown} may not be read", "ask its owner for the right to read it") from None
    except FileNotFoundError:
        raise Failure("missing", f"{shown} is not there", "put `folder` right, or wait for the office") from None
    except TimeoutError:
        raise Failure(
            "timeout", f"{shown}: no answer in time", "is the system running, and the network open?", retry=True
        ) from None
    except (paramiko.SSHException, OSError, EOFError) as error:
        what = f"{shown}: the connection broke: {one_line(error, 80) or type(error).__name__}"
        raise Failure("connect", what, "is the system running, and the network open?", retry=True) from None
