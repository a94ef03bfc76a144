"""Connections to one declared host and port, to the address it was resolved to, until one deadline."""

from __future__ import annotations

import ipaddress
import queue
import re
import socket
import threading
from collections.abc import Iterable
from typing import Annotated, Any
from urllib.parse import urlsplit

import httpcore
from pydantic import AfterValidator

import wire
from collectors._errors import Failure, one_line

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAME = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*")


def origin(url: str) -> tuple[str, str, int]:
    """(scheme, host, port) of a URL that says plainly where it goes; Failure for any other way of writing a host."""
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme, parts.hostname or "", parts.port
    except ValueError:
        raise Failure("blocked", f"{one_line(url, 80)} is no address", "put `url` right") from None
    if scheme not in ("http", "https"):
        raise Failure("blocked", f"{scheme or 'no scheme'} is neither http nor https", "only web addresses are asked")
    if parts.username is not None or parts.password is not None:
        raise Failure("blocked", "the address holds a user or a password", "put it into `secret` and `auth`")
    literal = _literal(host)
    if isinstance(literal, ipaddress.IPv6Address) and literal.ipv4_mapped is not None:
        raise Failure("blocked", f"{host} hides an IPv4 address", "write the address itself")
    if literal is None and (not _NAME.fullmatch(host) or _looks_numeric(host)):
        raise Failure("blocked", f"{one_line(host, 80)} is no plain host name", "write the name or the address itself")
    return scheme, host.lower(), port or (443 if scheme == "https" else 80)


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _looks_numeric(host: str) -> bool:
    """`127.1`, `2130706433` and `0x7f000001` are addresses to a resolver, though they do not look like one."""
    return re.fullmatch(r"(0[xX][0-9a-fA-F]+|\d+)", host.rsplit(".", 1)[-1]) is not None


def _entry(value: str) -> str:
    if not re.fullmatch(r"[^/?#@\s\\]+:\d{1,5}", value):
        raise ValueError(f"{one_line(value, 80)} is no host:port")
    try:
        origin(f"http://{value}/")
    except Failure as failure:
        raise ValueError(failure.what) from None
    return value


Allow = tuple[Annotated[str, AfterValidator(_entry)], ...]
"""Exact hosts and ports, `host:port`."""


def named(allow: Iterable[str]) -> frozenset[tuple[str, int]]:
    return frozenset(origin(f"http://{one}/")[1:] for one in allow)


def resolve(host: str, port: int, *, by_name: bool = False, patience: float = 10.0) -> str:
    """The one address to connect to. Loopback and private networks only where the source names them: by the address itself,
    as `localhost`, or `by_name`, in `allow`. Link-local and unspecified addresses never."""
    literal = _literal(host)
    addresses = [literal] if literal is not None else _looked_up(host, port, patience)
    for address in addresses:
        plain = getattr(address, "ipv4_mapped", None) or address
        if plain.is_link_local or plain.is_unspecified or plain.is_multicast or plain.is_reserved and not plain.is_loopback:
            raise Failure("blocked", f"{host} leads to {plain}", "a source may not be there")
        said = by_name or literal is not None or (plain.is_loopback and host == "localhost")
        if not plain.is_global and not said:
            hint = f"if that is right, add `allow: [{host}:{port}]` to the source's settings"
            raise Failure("blocked", f"{host} leads to {plain}, in a private network", hint)
    # IPv4 first: a simulated or an old system often listens there only.
    return str(min(addresses, key=lambda address: address.version))


def _looked_up(host: str, port: int, patience: float) -> list[Address]:
    """A name server that hangs is left behind: there is no deadline of its own to look-ups."""
    answers: queue.SimpleQueue[list[Any] | None] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError):
            answers.put(None)

    threading.Thread(target=ask, name="look-up", daemon=True).start()
    try:
        found = answers.get(timeout=max(0.01, patience))
    except queue.Empty:
        raise Failure("timeout", f"nobody tells where {host} is", "look at the name server", retry=True) from None
    if not found:
        raise Failure("connect", f"the name {host} is not known", "check the name and the name server", retry=True)
    return [ipaddress.ip_address(str(one[4][0]).split("%")[0]) for one in found]


class Backend(wire.Backend):
    """Connects to nothing but its own origin, until one deadline."""

    def __init__(self, host: str, port: int, by_name: bool = False) -> None:
        super().__init__()
        self.host, self.port, self.by_name = host, port, by_name

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        if (host.lower().strip("[]"), port) != (self.host, self.port):
            raise Failure("blocked", f"{one_line(host, 80)}:{port} is not the source's own address", "put `url` right")
        address = resolve(self.host, self.port, by_name=self.by_name, patience=self.left(timeout))
        return super().connect_tcp(address, port, timeout, local_address, socket_options)

    def connect_unix_socket(self, *args: Any, **kwargs: Any) -> httpcore.NetworkStream:
        raise Failure("blocked", "sockets of this machine are not asked", "put `url` right")
