"""HTTP server: logs each call, injects faults, and passes it on to moto."""

import gc
import io
import os
import socket
import struct
import sys
import threading
import time
import traceback
from dataclasses import replace
from typing import Any

from botocore.model import OperationNotFoundError
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)

from . import cbor, control, overlay, turns
from .clock import clock
from .faults import Rule, faults
from .hold import holds
from .log import log
from .protocol import Target, error_body, identify, is_last_attempt, signed_at
from .snapshot import Listener
from .stale import stale

#: Loaded in the background right after start: the first call of each would pay for it.
WARM_SERVICES = ("sts", "iam", "ec2", "elbv2", "ecs", "codedeploy", "route53", "ecr", "logs")


class Handler(MotoRequestHandler):
    """Keeps connections open as AWS does (moto's closes each), and says nothing."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except OSError:  # the connection was broken, by a fault or by the client
            self.close_connection = True

    def run_wsgi(self) -> None:
        """Werkzeug's closes each connection, after waiting 10 ms for more input."""
        environ = self.make_environ()
        with self.server.answering():
            status, headers, body = self.server.app(environ)
        if status == 0:
            self._reset_connection()
            return
        afterwards = control.afterwards(environ["PATH_INFO"]) if status == 200 else None
        if afterwards:
            # Whoever connects after the answer is not for this process, nor is what comes over a connection that is open.
            self.server.stop()
            self.server.end_connections(but=self.connection)
        self.send_response_only(status)
        self.send_header("Date", self.date_time_string())
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
        if afterwards:
            afterwards(self.server)

    def _reset_connection(self) -> None:
        """Break the connection with a TCP reset (SO_LINGER 0), as a failing proxy does."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.connection.detach())  # `close` would wait for the handler's files

    def log(self, type: str, message: str, *args: Any) -> None:
        pass


#: Calls that can set something going on the virtual clock.
LIVELY_SERVICES = ("ecs", "elbv2", "codedeploy", "cloudwatch", "ecr", "ec2")

CBOR_HEADERS = [("Content-Type", "application/cbor"), ("smithy-protocol", "rpc-v2-cbor")]

#: Connections that the kernel keeps until they are accepted.
WAITING_CONNECTIONS = 4096

#: Status (0 = break the connection), headers, body.
Answer = tuple[int, list, bytes]


class Application:
    """Answers a request, given as a WSGI environment."""

    def __init__(self) -> None:
        self._moto = DomainDispatcherApplication(create_backend_app)
        # moto's backends are not made for concurrent use: two creates of one
        # name could both succeed. One call at a time, as with a row lock in AWS.
        self._lock = threading.RLock()

    def __call__(self, environ: dict) -> Answer:
        body = read_body(environ)
        path = environ.get("PATH_INFO", "")
        if path.startswith(control.PREFIX):
            if control.waits(path):  # nothing may stand still meanwhile
                status, text = control.answer(environ["REQUEST_METHOD"], path, body)
            else:
                with self._lock:
                    clock.tick()
                    status, text = control.answer(environ["REQUEST_METHOD"], path, body)
            return sized(status, [("Content-Type", "application/json")], text)
        return sized(*self._aws_call(environ, body))

    def _aws_call(self, environ: dict, body: bytes) -> Answer:
        started = log.now()
        target = identify(environ, body)
        rules = faults.drawn(target, is_last_attempt(environ))
        fault = next((rule for rule in rules if rule.kind != "latency"), None)
        held = holds.draw(target)
        delay = sum(rule.ms for rule in rules)
        # What takes its time is at work meanwhile; what is held has not arrived, or was done.
        with turns.taken(target, path_of(environ)) as refusal:
            if delay:
                time.sleep(delay / 1000)
        if refusal and not fault:
            status, headers, answer = error_answer(target, *refusal)
        elif held and not held.after and not holds.wait(held):
            status, headers, answer = 0, [], b""
        else:
            status, headers, answer = self._answer(environ, target, fault)
            if held and held.after and not holds.wait(held):
                status = 0
        log.add(
            {
                "service": target.service,
                "operation": target.operation,
                "status": status,
                "at": round(started, 6),
                "ms": round((log.now() - started) * 1000, 3),
                "request_bytes": len(body),
                "fault": fault.kind if fault else None,
            }
        )
        return status, headers, answer

    def _answer(self, environ: dict, target: Target, fault: Rule | None) -> Answer:
        """moto's answer, or what the fault makes of it."""
        if fault is None:
            return self._forward(environ, target)
        if fault.kind == "error_after" or (fault.kind == "reset" and fault.after):
            self._forward(environ, target)
        if fault.kind == "reset":
            return 0, [], b""
        code, message, status = fault.answer(target)
        return error_answer(target, code, message, status)

    def _forward(self, environ: dict, target: Target) -> Answer:
        if target.wire != "cbor":
            return self._forward_to_moto(environ, target)
        translated = cbor.to_json(environ, target.service, target.operation, environ["wsgi.input"].read())
        environ.update({"wsgi.input": io.BytesIO(translated), "CONTENT_LENGTH": str(len(translated))})
        status, _, body = self._forward_to_moto(environ, replace(target, wire="json"))
        return status, CBOR_HEADERS, cbor.from_json(target.service, target.operation, status, body)

    def _forward_to_moto(self, environ: dict, target: Target) -> Answer:
        captured: dict[str, Any] = {}

        def capture(status: str, headers: list, exc_info: Any = None) -> None:
            captured.update(status=int(status.split()[0]), headers=headers)

        try:
            with self._lock:
                clock.tick()
                with stale.around(target, signed_at(environ)):
                    chunks = self._moto(environ, capture)
                    body = b"".join(chunks)
                    if hasattr(chunks, "close"):
                        chunks.close()
                if target.service in LIVELY_SERVICES:
                    clock.settle()
        except Exception as error:
            return crash_answer(target, error)
        status, headers = captured["status"], captured["headers"]
        if status == 404 and body[:9].lower() == b"<!doctype":  # Flask's: moto has no such route
            return error_answer(target, "NotImplemented", f"{target.service}:{target.operation} is not emulated", 501)
        if environ["REQUEST_METHOD"] != "HEAD":  # there it tells the size of what is not sent
            headers = [(name, value) for name, value in headers if name.lower() != "content-length"]
        return status, headers, body

    def warm(self) -> None:
        """Build the parts of moto that most tests use, ahead of their first call."""
        for service in WARM_SERVICES:
            with self._moto.lock:
                if service not in self._moto.app_instances:
                    self._moto.app_instances[service] = create_backend_app(service)
        # Hundreds of thousands of objects (API models, AMIs, policies) live for good:
        # without this, a full collection after a reset stalls a call for most of a second.
        gc.collect()
        gc.freeze()
        gc.set_threshold(100_000, 20, 50)


def path_of(environ: dict) -> str:
    return environ.get("PATH_INFO", "").rstrip("/")


def read_body(environ: dict) -> bytes:
    """Read the whole body, so that an early answer leaves the connection usable."""
    stream = environ["wsgi.input"]
    if environ.get("wsgi.input_terminated"):
        body = stream.read()
    else:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = stream.read(length) if length else b""
    environ["wsgi.input"] = io.BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    return body


def error_answer(target: Target, code: str, message: str, status: int) -> Answer:
    content_type, body = error_body(target, code, message, status)
    if target.wire == "cbor":
        return status, CBOR_HEADERS, body
    return status, [("Content-Type", content_type), ("x-amzn-ErrorType", code)], body


def crash_answer(target: Target, error: Exception) -> Answer:
    """A crash of the emulator is no AWS behaviour: show it, and let no SDK retry it."""
    if not isinstance(error, (NotImplementedError, OperationNotFoundError)):
        print(f"{target.service}:{target.operation} crashed the emulator", file=sys.stderr)
        traceback.print_exception(error)
    message = f"{target.service}:{target.operation} is not emulated: {type(error).__name__}: {error}"
    return error_answer(target, "NotImplemented", message, 501)


def sized(status: int, headers: list, body: bytes) -> Answer:
    """Clients need the length to keep the connection."""
    if status not in (204, 304) and not any(name.lower() == "content-length" for name, _ in headers):
        headers = [*headers, ("Content-Length", str(len(body)))]
    return status, headers, body


class Server:
    def __init__(self, host: str, port: int) -> None:
        overlay.install()
        self._application = Application()
        self._http = Listener(host, port, self._application, Handler)
        # Werkzeug's 128 are too few for a thousand connections at once: Linux drops the rest, and the client tries again
        # after 1, 3, 7, 15, 31 s.
        self._http.socket.listen(WAITING_CONNECTIONS)
        self.port = self._http.server_address[1]

    def serve(self) -> None:
        threading.Thread(target=self._warm, daemon=True).start()
        self._http.serve_forever()

    def _warm(self) -> None:
        with self._http.answering():  # no snapshot of half a module
            self._application.warm()
