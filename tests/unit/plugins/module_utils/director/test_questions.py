# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Questions to real sockets and processes on this host."""

from __future__ import annotations

import contextlib
import datetime as dt
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._director.command import Children
from ansible_collections.lvs.cluster.plugins.module_utils._director.loop import Loop
from ansible_collections.lvs.cluster.plugins.module_utils._director.model import (
    Check,
    CommandCheck,
    HttpCheck,
    TcpCheck,
    Tls,
)
from ansible_collections.lvs.cluster.plugins.module_utils._director.question import asks
from ansible_collections.lvs.cluster.plugins.module_utils._director.questions import offset
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nall is well"
OKS = ((200, 299),)
Serve = Callable[[bytes], int]


def ask(check: Check, seconds: float = 5.0) -> str:
    """Ask once, as a watch does."""
    loop, children = Loop(), Children()
    heard: list[str] = []
    question = asks(check, loop, children)(heard.append)
    question.start()
    ends = time.monotonic() + seconds

    def beat() -> None:
        children.ended()
        loop.at(loop.now() + 0.01, beat)

    beat()
    while not heard and time.monotonic() < ends:
        loop.turn()
    if not heard:
        heard.append(question.late(seconds))
    question.close()
    while children.running:
        loop.turn()
    assert len(loop.selector.get_map()) == 0
    loop.close()
    assert len(heard) == 1
    return heard[0]


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as found:
        yield found


def port(of: socket.socket) -> int:
    number: int = of.getsockname()[1]
    return number


@pytest.fixture
def serve(listening: socket.socket) -> Iterator[Serve]:
    """Return what answers one request with some bytes; b"" is silence, until the asker goes."""
    threads = []

    def start(answer: bytes) -> int:
        def talk() -> None:
            connection, _peer = listening.accept()
            with connection:
                connection.settimeout(10)
                if connection.recv(4096) and answer:
                    connection.sendall(answer)
                elif not answer:
                    with contextlib.suppress(ConnectionResetError):
                        connection.recv(1)

        threads.append(threading.Thread(target=talk))
        threads[-1].start()
        return port(listening)

    yield start
    for thread in threads:
        thread.join(timeout=10)


def http(number: int, expect: str = "", path: str = "/", tls: Tls | None = None) -> HttpCheck:
    return HttpCheck(TcpCheck("127.0.0.1", number), path, "", OKS, expect, tls)


def test_a_port_that_listens(listening: socket.socket) -> None:
    assert ask(TcpCheck("127.0.0.1", port(listening))) == ""
    assert ask(TcpCheck("127.0.0.1", port(listening), "127.0.0.9")) == ""
    connection, peer = listening.accept()
    connection.close()
    connection, peer = listening.accept()
    connection.close()
    assert peer[0] == "127.0.0.9"


def test_a_port_that_does_not(listening: socket.socket) -> None:
    number = port(listening)
    listening.close()
    assert ask(TcpCheck("127.0.0.1", number)) == "connection refused"


def test_an_address_that_this_host_has_not_says_nothing(listening: socket.socket) -> None:
    check = TcpCheck("127.0.0.1", port(listening), "192.0.2.250")
    loop = Loop()
    question = asks(check, loop, Children())(pytest.fail)
    with pytest.raises(OSError, match="Cannot assign requested address"):
        question.start()
    question.close()
    loop.close()


@pytest.mark.parametrize(
    ("answer", "expect", "reason"),
    [
        (OK, "", ""),
        (OK, "is well", ""),
        (OK, "is ill", "'is ill' is not in the answer"),
        (OK.replace(b"200", b"302"), "", "status 302"),
        (OK.replace(b"200", b"503"), "is well", "status 503"),
        (b"HTTP/1.1 204 No\r\n\r\n", "", ""),
        (b"HTTP/1.0 200 OK\r\n\r\nto the end", "to the end", ""),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", "abc", ""),
        (OK[:-1], "", "closed before the answer was complete"),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "", "the answer is not HTTP"),
    ],
)
def test_pages(serve: Serve, answer: bytes, expect: str, reason: str) -> None:
    assert ask(http(serve(answer), expect)) == reason


def test_a_page_that_never_comes(serve: Serve) -> None:
    assert ask(http(serve(b"")), 0.2) == "no answer within 0.2 s"


def test_what_is_asked(listening: socket.socket) -> None:
    check = HttpCheck(TcpCheck("127.0.0.1", port(listening)), "/x?y", "example.org", OKS, "", None)
    thread = threading.Thread(target=lambda: ask(check, 0.2))
    thread.start()
    connection, _peer = listening.accept()
    request = connection.recv(4096).decode()
    connection.close()
    thread.join(timeout=10)
    assert request.splitlines()[:2] == ["GET /x?y HTTP/1.1", "Host: example.org"]
    assert request.endswith("Connection: close\r\n\r\n")


# --- TLS -------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with a key and a certificate of its own for web.example."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "web.example")])
    now = dt.datetime.now(dt.timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("web.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "web.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def secure(listening: socket.socket, certificate: Path) -> Iterator[int]:
    """Return the port of a web server that speaks TLS, with one client."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def talk() -> None:
        connection, _peer = listening.accept()
        connection.settimeout(10)
        try:
            with context.wrap_socket(connection, server_side=True) as wrapped:
                if wrapped.recv(4096):
                    wrapped.sendall(OK)
        except OSError:  # the client doesn't like the certificate
            connection.close()

    thread = threading.Thread(target=talk)
    thread.start()
    yield port(listening)
    thread.join(timeout=10)


@pytest.mark.parametrize(
    ("verified", "name", "reason"),
    [
        (False, "", ""),
        (False, "other.example", ""),
        (True, "", ""),
        (True, "web.example", ""),
        (True, "other.example", "TLS: hostname mismatch, certificate is not valid for "),
    ],
)
def test_secure_pages(
    secure: int,
    certificate: Path,
    verified: bool,  # noqa: FBT001 - a case
    name: str,
    reason: str,
) -> None:
    tls = Tls(str(certificate) if verified else "", name)
    said = ask(http(secure, "all is well", tls=tls))
    assert said.startswith(reason)
    assert bool(said) is bool(reason)


def test_a_certificate_of_nobody_known(secure: int, tmp_path: Path) -> None:
    # a file with another certificate: one of those that Python trusts
    found = ssl.create_default_context().get_ca_certs(binary_form=True)
    if not found:
        pytest.fail("this host trusts no certificate: install ca-certificates")
    (tmp_path / "ca.pem").write_text(ssl.DER_cert_to_PEM_cert(found[0]))
    tls = Tls(str(tmp_path / "ca.pem"), "")
    assert ask(http(secure, tls=tls)).startswith("TLS: self")


def test_a_server_without_tls(serve: Serve) -> None:
    number = serve(OK)
    assert ask(http(number, tls=Tls("", ""))).startswith("TLS: ")


# --- commands --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("script", "reason"),
    [("exit 0", ""), ("exit 3", "exit status 3"), ("kill -TERM $$", "killed by SIGTERM")],
)
def test_commands(script: str, reason: str) -> None:
    assert ask(CommandCheck(("/bin/sh", "-c", script), "")) == reason


def test_a_command_that_hangs_is_killed_with_all_that_it_started(tmp_path: Path) -> None:
    script = f"sleep 600 & echo $! > {tmp_path}/pid; wait"
    assert ask(CommandCheck(("/bin/sh", "-c", script), ""), 0.3) == "not ended within 0.3 s"
    stat = Path("/proc") / (tmp_path / "pid").read_text().strip() / "stat"
    ends = time.monotonic() + 10
    # until whoever inherits it has seen its end
    while stat.exists() and stat.read_text().split()[2] != "Z":
        assert time.monotonic() < ends
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("check", "message"),
    [
        (CommandCheck(("/nowhere",), ""), "No such file or directory: '/nowhere'"),
        (CommandCheck(("/bin/sh",), "no-such"), "no such user: 'user no-such'"),
    ],
)
def test_a_command_that_cannot_be_run_says_nothing(check: CommandCheck, message: str) -> None:
    question = asks(check, Loop(), Children())(pytest.fail)
    with pytest.raises(FileNotFoundError, match=message):
        question.start()
    question.close()


@pytest.mark.parametrize(("interval", "most"), [(1.0, 51), (0.7, 72), (3.0, 17)])
def test_many_questions_are_spread_over_their_interval_in_batches(
    interval: float, most: int
) -> None:
    times = [offset(interval, number, 500) for number in range(500)]
    assert times == sorted(times)
    assert (times[0], times[-1]) == (0, interval)
    batches = {when: times.count(when) for when in times}
    assert len(batches) == round(interval * 10) + 1
    assert max(batches.values()) <= most
