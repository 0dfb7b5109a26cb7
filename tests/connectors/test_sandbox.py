"""The stand-ins of a demo, reached over one port."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from threading import Thread
from time import sleep

import pytest
import requests

from connectors import registry, sandbox
from connectors.base import Receipt
from connectors.connect_to import parse
from connectors.errors import Misconfigured, Unavailable
from connectors.https_endpoint import sandbox as receiver
from connectors.samples import sample_lead
from connectors.stand_in import Call, Reply, create_server

STORED = {"signing_secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}


def deliver(url: str) -> object:
    with registry.connect("https_endpoint", STORED | {"url": url}) as connector:
        [result] = connector.deliver([sample_lead()])
    return result


def test_every_host_is_sent_to_the_sandbox() -> None:
    assert {detour.pattern for detour in parse(sandbox.connect_to(9101))} == sandbox.hosts().keys()
    assert sandbox.hosts()["*.contoso.example"] == "https_endpoint"


def test_receiver_takes_refuses_and_is_away(sandbox_url: str) -> None:
    taken, refused = deliver("https://leads.contoso.example/ok"), deliver("https://hooks.fabrikam.example/refuse")
    away = deliver("https://crm.northwind.example/down")
    assert isinstance(taken, Receipt)
    assert taken.remote_id
    assert isinstance(refused, Misconfigured)
    assert isinstance(away, Unavailable)
    assert away.retry_after == 120


def test_receiver_is_slow_where_asked(sandbox_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(receiver, "sleep", waited.append)
    assert isinstance(deliver("https://leads.contoso.example/slow"), Receipt)
    assert waited == [receiver.SLOW]


def test_receiver_shows_what_it_got(sandbox_url: str) -> None:
    for body in ('{"Company": "<b>Contoso</b>"}', "[" * 20_000):
        headers = {"Host": "leads.contoso.example", "webhook-id": "lead-7"}
        requests.post(f"{sandbox_url}/ok", data=body, headers=headers, timeout=5)
    received = requests.get(f"{sandbox_url}/https_endpoint/received.json", timeout=5).json()
    assert [(message["webhook_id"], message["repeated"]) for message in received[:2]] == [
        ("lead-7", True),
        ("lead-7", False),
    ]
    assert received[1]["body"] == {"Company": "<b>Contoso</b>"}
    page = requests.get(f"{sandbox_url}/https_endpoint/", timeout=5)
    assert "leads.contoso.example/ok" in page.text
    assert "received before" in page.text
    assert "&lt;b&gt;Contoso&lt;/b&gt;" in page.text
    style = requests.get(f"{sandbox_url}/https_endpoint/sandbox.css", timeout=5)
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert style.headers["Content-Type"].startswith("text/css")


def test_receiver_forgets_the_oldest() -> None:
    for number in range(receiver.KEPT + 5):
        receiver.respond(Call(method="POST", host="leads.contoso.example", path=f"/{number}", body=b"{}"))
    received = json.loads(receiver.respond(Call(method="GET", host="", path="/received.json")).body)
    assert [len(received), received[0]["path"], received[0]["repeated"]] == [
        receiver.KEPT,
        f"/{receiver.KEPT + 4}",
        False,
    ]


def test_front_page_leads_to_every_stand_in(sandbox_url: str) -> None:
    page = requests.get(sandbox_url, timeout=5).text
    assert all(f'href="/{slug}/"' in page for slug in sandbox.stand_ins())


def test_body_without_measure_is_refused(sandbox_url: str) -> None:
    connection = HTTPConnection(sandbox_url.removeprefix("http://"), timeout=5)
    connection.putrequest("POST", "/")
    connection.putheader("Content-Length", "5000001")
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "MERGE", "DELETE"])
def test_every_method_reaches_a_stand_in_with_a_large_body(method: str) -> None:
    def tell(call: Call) -> Reply:
        return Reply(200, f"{call.method} {len(call.body)}", headers={"X-Seen": f"{call.method} {len(call.body)}"})

    with create_server(0, tell) as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/"
        with requests.Session() as client:
            answers = [client.request(method, url, data=b"x" * 4_900_000, timeout=10) for _ in range(2)]
        server.shutdown()
    assert [answer.headers["X-Seen"] for answer in answers] == [f"{method} 4900000"] * 2
    assert answers[1].text == ("" if method == "HEAD" else f"{method} 4900000")


def test_programs_that_stand_ins_need_run_while_it_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []

    @contextmanager
    def start() -> Iterator[None]:
        told.append("started")
        yield
        told.append("stopped")

    monkeypatch.setattr(receiver, "start", start, raising=False)
    with sandbox.started():
        assert told == ["started"]
    assert told == ["started", "stopped"]


def test_settings_for_the_demo_are_given_or_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiver, "DEMO", {"url": "https://leads.contoso.example"}, raising=False)
    assert sandbox.demos()["https_endpoint"] == {"url": "https://leads.contoso.example"}
    monkeypatch.setattr(receiver, "demo", lambda: {"url": "https://made.contoso.example"}, raising=False)
    assert sandbox.demos()["https_endpoint"] == {"url": "https://made.contoso.example"}
    first, second = (sandbox.roles()["Sales desk"] for _ in range(2))
    assert first[0] == "https_endpoint"
    assert first[1]["token"] != second[1]["token"]


def test_runs_as_a_program() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    program = subprocess.Popen([sys.executable, "-m", "connectors.sandbox", "--port", str(port)])
    try:
        assert "https_endpoint" in _front_page(port)
    finally:
        program.send_signal(signal.SIGINT)
    assert program.wait(5) == 0


def _front_page(port: int) -> str:
    for _ in range(100):
        try:
            return requests.get(f"http://127.0.0.1:{port}", timeout=5).text
        except requests.ConnectionError:
            sleep(0.05)
    return ""
