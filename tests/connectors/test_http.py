"""The guarded session: to whom it speaks, for how long, and what it makes of what goes wrong."""

from __future__ import annotations

import gzip
import logging
import socket
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic, sleep

import pytest
from pytest_django.fixtures import Settings
from requests import Request, Response
from requests.exceptions import InvalidSchema

from connectors import addresses, behaviours
from connectors.behaviours import answer
from connectors.budget import BudgetSocket
from connectors.errors import DeliveryError, Misconfigured, Unanswered, Unavailable
from connectors.fakes import Behaviour, FakeServer, Line, Recorded, refusing_port
from connectors.http import GuardedSession, open_session
from tests.connectors.conftest import ADDRESS, HOST, Network, certificate, showing
from tests.connectors.test_addresses import PRIVATE, REFUSED_BY_TEXT

URL = f"https://{HOST}/marketplace"
SECRET = "sesame"
UNSENDABLE = f"{SECRET}\r\nX-Evil: 1"


def refusal(session: GuardedSession, url: str = URL) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        session.post(url, data=b"{}")
    return caught.value


def told(error: DeliveryError) -> str:
    """Write down all that a log could say of an error."""
    return f"{vars(error)}{''.join(traceback.format_exception(error))}"


class TestWhomItSpeaksTo:
    def test_connects_to_the_address_it_checked_under_the_name_it_was_given(
        self, tls_server: FakeServer, network: Network, session: GuardedSession
    ) -> None:
        assert session.post(URL, data=b"{}").json() == {"id": "7"}
        assert network.looked_up == [HOST]
        assert network.dialled == [ADDRESS]
        assert tls_server.requests[0].headers["host"] == HOST

    @pytest.mark.parametrize("address", PRIVATE)
    def test_never_connects_to(self, address: str, network: Network, session: GuardedSession) -> None:
        network.names[HOST] = [address]
        error = refusal(session)
        assert isinstance(error, Misconfigured)
        assert error.cause == "blocked-address"
        assert network.dialled == []

    def test_never_connects_where_only_one_address_is_public(self, network: Network, session: GuardedSession) -> None:
        network.names[HOST] = [ADDRESS, "10.0.0.1"]
        assert refusal(session).cause == "blocked-address"
        assert network.dialled == []

    def test_name_bound_anew_between_connections_is_checked_anew(
        self, tls_server: FakeServer, network: Network, session: GuardedSession
    ) -> None:
        tls_server.always = answer(200, Connection="close")
        session.post(URL)
        network.names[HOST] = ["169.254.169.254"]
        assert refusal(session).cause == "blocked-address"
        assert network.dialled == [ADDRESS]

    def test_name_bound_anew_between_check_and_connect_changes_nothing(
        self, tls_server: FakeServer, network: Network, session: GuardedSession
    ) -> None:
        answers = iter([[ADDRESS], ["127.0.0.1"], ["127.0.0.1"]])
        network.names = _Rebinding(answers)
        assert session.post(URL).status_code == 200
        assert network.dialled == [ADDRESS]
        assert network.looked_up == [HOST]

    @pytest.mark.parametrize("url", REFUSED_BY_TEXT)
    def test_refuses_by_the_text(self, url: str, network: Network, session: GuardedSession) -> None:
        assert isinstance(refusal(session, url), Misconfigured)
        assert network.looked_up == network.dialled == []

    def test_tries_the_next_address_when_one_is_dead(
        self, tls_server: FakeServer, network: Network, session: GuardedSession
    ) -> None:
        network.names[HOST] = ["2606:4700::1", ADDRESS]
        with refusing_port() as dead:
            network.ports["2606:4700::1"] = dead
            assert session.post(URL).status_code == 200
        assert network.dialled == ["2606:4700::1", ADDRESS]

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_follows_no_redirect(self, status: int, server: FakeServer, session: GuardedSession) -> None:
        server.always = answer(status, Location="https://other.example/")
        assert session.post(URL, allow_redirects=True).status_code == status
        assert session.get(URL, allow_redirects=True).status_code == status
        assert len(server.requests) == 2

    def test_takes_nothing_from_the_environment(
        self, server: FakeServer, session: GuardedSession, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        (tmp_path / "netrc").write_text(f"machine {HOST} login portal password sesame")
        monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
        for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, "http://127.0.0.1:1")
        session.proxies = {"https": "http://127.0.0.1:1"}
        assert session.post(URL, proxies={"https": "http://127.0.0.1:1"}).status_code == 200
        assert "authorization" not in server.requests[0].headers

    def test_has_no_way_around_itself(self, session: GuardedSession) -> None:
        with pytest.raises(InvalidSchema):
            session.get_adapter(URL)

    def test_keeps_no_cookie(self, server: FakeServer, session: GuardedSession) -> None:
        server.always = answer(200, Set_Cookie="session=1; Path=/")
        session.post(URL)
        session.post(URL)
        assert "cookie" not in server.requests[1].headers

    def test_names_itself(self, server: FakeServer, session: GuardedSession) -> None:
        session.post(URL)
        assert server.requests[0].headers["user-agent"].startswith("PublisherPortal/")


class TestCertificates:
    @pytest.mark.parametrize(("name", "days"), [("other.example", 60), (HOST, -1)])
    def test_refuses_one_for_another_name_or_time(
        self, name: str, days: int, network: Network, trust: Callable[[Path], None], tmp_path: Path
    ) -> None:
        path = certificate(tmp_path, name, days)
        trust(path)
        with FakeServer(answer(), tls=showing(path)) as server, open_session(deadline=1, pool_size=1) as session:
            network.port = server.port
            error = refusal(session)
        assert isinstance(error, Misconfigured)
        assert error.cause == "certificate"
        assert ("has expired" if days < 0 else "another name") in error.sentence
        assert server.requests == []

    def test_refuses_a_self_signed_one_though_the_caller_would_not(
        self, network: Network, session: GuardedSession, tmp_path: Path
    ) -> None:
        session.verify = False
        with FakeServer(answer(), tls=showing(certificate(tmp_path, HOST, 60))) as server:
            network.port = server.port
            with pytest.raises(Misconfigured) as caught:
                session.post(URL, verify=False)
        assert (caught.value.cause, "self-signed" in caught.value.sentence) == ("certificate", True)
        assert server.requests == []

    def test_server_without_tls_is_misconfigured(self, network: Network, session: GuardedSession) -> None:
        with FakeServer(answer()) as server:
            network.port = server.port
            error = refusal(session)
        assert isinstance(error, Misconfigured)
        assert error.cause == "tls"

    @pytest.mark.parametrize("last_words", [b"", b"\x15\x03\x03\x00\x02\x02\x28"])
    def test_server_that_breaks_off_the_handshake(
        self, last_words: bytes, network: Network, session: GuardedSession
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as threads:
            network.port = server.getsockname()[1]
            threads.submit(_hang_up, server, last_words)
            error = refusal(session)
        assert not isinstance(error, Unanswered)
        assert error.cause == ("tls" if last_words else "tls-broken")


def test_head_and_body_go_out_as_one(
    server: FakeServer, session: GuardedSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[bytes] = []
    sendall = BudgetSocket.sendall

    def note(socket: BudgetSocket, data: bytes) -> None:
        sent.append(data)
        sendall(socket, data)

    monkeypatch.setattr(BudgetSocket, "sendall", note)
    session.post(URL, data=b'{"a": 1}')
    assert [len(data.partition(b"\r\n\r\n")[2]) for data in sent] == [8]


class TestTime:
    @pytest.fixture
    def session(self) -> Iterator[GuardedSession]:
        with open_session(deadline=0.4, pool_size=1, answer_bytes=1_000) as session:
            yield session

    @pytest.fixture(autouse=True)
    def _in_time(self, session: GuardedSession) -> Iterator[None]:
        began = monotonic()
        yield
        assert 0.3 < monotonic() - began < 4

    @pytest.mark.parametrize("behaviour", [behaviours.hang, behaviours.drip_head])
    def test_no_answer_in_time(self, behaviour: Behaviour, server: FakeServer, session: GuardedSession) -> None:
        server.always = behaviour
        error = refusal(session)
        assert isinstance(error, Unanswered)
        assert error.cause == "timeout"

    def test_body_that_drips_is_taken_as_far_as_it_came(self, server: FakeServer, session: GuardedSession) -> None:
        server.always = behaviours.drip_body
        response = session.post(URL)
        assert response.status_code == 200
        assert 0 < len(response.content) < 100

    def test_over_tls_too(self, tls_server: FakeServer, session: GuardedSession) -> None:
        tls_server.always = behaviours.drip_head
        assert isinstance(refusal(session), Unanswered)

    def test_server_that_never_reads(self, settings: Settings, session: GuardedSession) -> None:
        settings.SANDBOX = True
        with socket.create_server(("127.0.0.1", 0)) as deaf:
            settings.OUTBOUND_CONNECT_TO = f"*=http://127.0.0.1:{deaf.getsockname()[1]}"
            with pytest.raises(Unanswered) as caught:
                session.post(URL, data=b"x" * 20_000_000)
        assert caught.value.cause == "timeout"

    def test_handshake_that_hangs(self, network: Network, session: GuardedSession) -> None:
        with socket.create_server(("127.0.0.1", 0)) as deaf:
            network.port = deaf.getsockname()[1]
            error = refusal(session)
        assert isinstance(error, Unavailable)
        assert not isinstance(error, Unanswered)
        assert error.cause == "tls-timeout"

    def test_resolver_that_hangs(self, session: GuardedSession, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(addresses, "look_up", lambda host: sleep(1))
        assert refusal(session).cause == "dns"

    def test_one_budget_for_all_that_a_thread_sends_inside_it(
        self, server: FakeServer, session: GuardedSession
    ) -> None:
        server.always = behaviours.hang
        with session.budget(), session.budget():
            refusal(session)
            assert session.seconds_left() < 0.01
            assert refusal(session).cause in {"timeout", "connect-timeout"}
        assert session.seconds_left() == 0.4


class TestAnswers:
    def test_endless_body_is_cut_and_its_connection_dropped(self, server: FakeServer, session: GuardedSession) -> None:
        server.always = behaviours.endless
        assert session.post(URL).content == b"x" * 1_000
        server.always = answer()
        session.post(URL)
        assert server.connections == 2

    def test_compressed_body_counts_by_what_it_unfolds_to(self, server: FakeServer, session: GuardedSession) -> None:
        server.always = answer(200, gzip.compress(b"0" * 10_000_000), Content_Encoding="gzip")
        assert session.post(URL).content == b"0" * 1_000

    def test_chunked_body_is_read(self, server: FakeServer, session: GuardedSession) -> None:
        server.always = lambda _, line: line.write(
            b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n{"id":\r\n2\r\n7}\r\n0\r\n\r\n'
        )
        assert [session.post(URL).json() for _ in range(2)] == [{"id": 7}, {"id": 7}]
        assert server.connections == 1

    def test_body_that_breaks_off_leaves_the_status(self, server: FakeServer, session: GuardedSession) -> None:
        server.always = behaviours.half_close
        response = session.post(URL)
        assert (response.status_code, response.content) == (200, b'{"id":"')


class TestConnections:
    def test_one_connection_and_one_look_up_for_many_requests(
        self, tls_server: FakeServer, network: Network, session: GuardedSession
    ) -> None:
        for _ in range(20):
            session.post(URL, data=b"{}")
        assert len(tls_server.requests) == 20
        assert tls_server.connections == len(network.dialled) == len(network.looked_up) == 1

    def test_many_threads_share_one_session(self, server: FakeServer, session: GuardedSession) -> None:
        server.always = _repeat

        def post(number: int) -> Response:
            return session.post(URL, data=str(number))

        with ThreadPoolExecutor(4) as threads:
            bodies = [response.text for response in threads.map(post, range(200))]
        assert bodies == [str(number) for number in range(200)]
        assert server.connections <= 4

    def test_connection_closed_while_idle_is_replaced(self, server: FakeServer, session: GuardedSession) -> None:
        server.queue.append(behaviours.answer_and_close(200))
        session.post(URL)
        sleep(0.1)
        assert session.post(URL).status_code == 200
        assert server.connections == 2


class TestFaults:
    def test_nobody_listens(self, settings: Settings, session: GuardedSession) -> None:
        settings.SANDBOX = True
        with refusing_port() as port:
            settings.OUTBOUND_CONNECT_TO = f"*=http://127.0.0.1:{port}"
            error = refusal(session)
        assert isinstance(error, Unavailable)
        assert not isinstance(error, Unanswered)
        assert (error.cause, error.sentence) == ("refused", f"{HOST} refused the connection.")

    @pytest.mark.parametrize("behaviour", [behaviours.close, behaviours.garbage])
    def test_sent_and_broken_off(self, behaviour: Behaviour, server: FakeServer, session: GuardedSession) -> None:
        server.always = behaviour
        error = refusal(session)
        assert isinstance(error, Unanswered)
        assert error.cause == "broken-off"

    def test_header_that_cannot_be_sent(self, server: FakeServer, session: GuardedSession) -> None:
        with pytest.raises(Misconfigured) as caught:
            session.post(URL, headers={"X-Api-Key": UNSENDABLE})
        assert SECRET not in told(caught.value)
        assert server.requests == []

    def test_header_that_is_added_later_and_cannot_be_sent(self, server: FakeServer, session: GuardedSession) -> None:
        request = session.prepare_request(Request("POST", URL))
        request.headers["X-Api-Key"] = UNSENDABLE
        with pytest.raises(Misconfigured) as caught:
            session.send(request)
        assert SECRET not in told(caught.value)

    def test_key_in_the_address_is_in_no_error_and_no_log(
        self, server: FakeServer, session: GuardedSession, caplog: pytest.LogCaptureFixture
    ) -> None:
        server.always = behaviours.close
        with caplog.at_level(logging.DEBUG):
            error = refusal(session, f"{URL}?sig={SECRET}")
        assert SECRET not in told(error) + caplog.text


class _Rebinding(dict[str, list[str]]):
    """Names that mean something else each time they are looked up."""

    def __init__(self, answers: Iterator[list[str]]) -> None:
        super().__init__()
        self._answers = answers

    def __missing__(self, name: str) -> list[str]:
        return next(self._answers)


def _hang_up(server: socket.socket, last_words: bytes) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(1_000)
        connection.sendall(last_words)


def _repeat(request: Recorded, line: Line) -> None:
    answer(200, request.body)(request, line)
