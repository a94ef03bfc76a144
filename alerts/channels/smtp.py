"""E-mail over SMTP."""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from time import monotonic
from typing import Literal

from pydantic import field_validator

from alerts.channels._message import DEADLINE, Base, Message, Permanent, Temporary, Uncertain


class Settings(Base):
    host: str
    port: int = 25
    to: list[str]
    sender: str
    tls: Literal["none", "starttls", "tls"] = "none"
    username: str = ""
    password: str = ""
    """`env:NAME` or `file:PATH`; never the password itself."""

    @field_validator("to", mode="before")
    @classmethod
    def _several(cls, value: object) -> object:
        return [value] if isinstance(value, str) else value

    @field_validator("to", "sender")
    @classmethod
    def _plain(cls, value: list[str] | str) -> list[str] | str:
        for one in [value] if isinstance(value, str) else value:
            if "@" not in one or any(c in one for c in "\r\n,;<> "):
                raise ValueError(f"{one!r} is not a plain e-mail address")
        return value


def send(message: Message, settings: Settings, secret: str | None) -> str:
    """Hand the message to the server for all addresses; they count as told once it has taken the text."""
    server = _server(settings)
    with _until(server, monotonic() + DEADLINE):
        _connect(server, settings, secret)
        refused = _envelope(server, settings)
        try:
            code, answer = server.data(letter(message, settings).as_bytes(policy=SMTP))
        except (smtplib.SMTPServerDisconnected, OSError) as fault:
            raise Uncertain(f"the server was lost after the text: {fault}") from fault
        if code != 250:
            raise _fault(code, answer)
        said = f"{code} {answer.decode(errors='replace')[:200]}"
        return f"{said}; refused: {', '.join(refused)}" if refused else said


@contextmanager
def _until(server: smtplib.SMTP, deadline: float) -> Iterator[None]:
    """At the deadline the connection is cut, whatever is waited for: the library's time-out begins anew with every byte."""

    ended = threading.Event()

    def cut() -> None:
        wait = deadline - monotonic()
        while not ended.wait(wait):
            sock, wait = server.sock, 0.5  # while it is still connecting there is none
            if sock is not None:
                with suppress(OSError):  # of the plain socket: TLS has no say in it
                    socket.socket.shutdown(sock, socket.SHUT_RDWR)

    threading.Thread(target=cut, name="cut", daemon=True).start()
    try:
        yield
    finally:
        with suppress(smtplib.SMTPException, OSError):
            server.quit()
        ended.set()
        server.close()


def letter(message: Message, settings: Settings) -> EmailMessage:
    """The library refuses line breaks in headers; the subject has none to begin with."""
    mail = EmailMessage()
    mail["Subject"] = message.subject
    mail["From"] = settings.sender
    mail["To"] = ", ".join(settings.to)
    mail["Date"] = format_datetime(message.created_at)
    mail["Message-ID"] = f"<{message.id}@{settings.sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["Content-Language"] = message.language
    mail.set_content(message.body)
    return mail


def _server(settings: Settings) -> smtplib.SMTP:
    """Not connected yet, so that it can be cut off while it is being greeted."""
    if settings.tls == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(timeout=DEADLINE, context=ssl.create_default_context())
    else:
        server = smtplib.SMTP(timeout=DEADLINE)
    server._host = settings.host  # type: ignore[attr-defined]  # whose certificate it must be: the library sets it with the host only
    return server


def _connect(server: smtplib.SMTP, settings: Settings, secret: str | None) -> None:
    try:
        code, greeting = server.connect(settings.host, settings.port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, greeting)
        server.ehlo_or_helo_if_needed()
        if settings.tls == "starttls":
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
        if settings.username:
            server.login(settings.username, secret or "")
    except smtplib.SMTPAuthenticationError as fault:
        raise Permanent("the mail server refused the user name or password") from fault
    except smtplib.SMTPResponseException as fault:
        raise _fault(fault.smtp_code, fault.smtp_error) from fault
    except smtplib.SMTPNotSupportedError as fault:
        raise Permanent(f"the mail server cannot: {fault}") from fault
    except ssl.SSLCertVerificationError as fault:
        raise Permanent(f"the mail server's certificate is not good: {fault.verify_message}") from fault
    except (smtplib.SMTPException, OSError) as fault:
        raise Temporary(f"no connection to the mail server: {fault}") from fault


def _envelope(server: smtplib.SMTP, settings: Settings) -> list[str]:
    """Sender and addresses; those refused for good, where at least one was taken."""
    try:
        code, answer = server.mail(settings.sender)
        if code != 250:
            raise _fault(code, answer)
        answers = {address: server.rcpt(address) for address in settings.to}
    except (smtplib.SMTPException, OSError) as fault:
        raise Temporary(f"the server was lost before the text: {fault}") from fault
    refused = {address: said for address, said in answers.items() if said[0] not in (250, 251)}
    if len(refused) == len(answers):
        raise _fault(*next(iter(refused.values())))
    return [f"{address} ({code})" for address, (code, _) in refused.items()]


def _fault(code: int, answer: bytes | str) -> Temporary | Permanent:
    text = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
    made = Permanent if 500 <= code < 600 else Temporary
    return made(f"{code} {text[:300]}")
