"""The emulator as it is at a moment, to go back to as often as wanted.

Processes on the virtual clock are generators, which cannot be copied; a process of the system can. So `POST snapshot`
forks: who was asked keeps the snapshot and stands still, and a copy of it serves from then on. `POST restore` ends the
copy, and the keeper makes another. `POST reset` ends it too, and the keeper serves again.

From outside this is one emulator: the copies take connections from the keeper's socket, connections that come in between
wait in the kernel, and the keeper has the process id and the standard input by which a test ends it.
"""

import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.serving import ThreadedWSGIServer

from .clock import clock
from .hold import holds

#: What a copy leaves for its keeper to do.
RESTORE, RESET = b"r", b"e"


class Listener(ThreadedWSGIServer):
    """A server that can stop taking connections, and break those it has."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        # Two processes may see that somebody connects, and one of them gets it.
        self.socket.setblocking(False)
        self._connections: set[socket.socket] = set()
        self._accepting = threading.Lock()
        self._requests = 0
        self._is_quiet = threading.Condition()

    def get_request(self) -> tuple[socket.socket, Any]:
        with self._accepting:
            connection, address = super().get_request()
        connection.setblocking(True)
        self._connections.add(connection)
        return connection, address

    def close_request(self, request: socket.socket) -> None:
        self._connections.discard(request)
        super().close_request(request)

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Around the work on a request."""
        with self._is_quiet:
            self._requests += 1
        try:
            yield
        finally:
            with self._is_quiet:
                self._requests -= 1
                self._is_quiet.notify_all()

    def stop(self) -> None:
        """Takes no connection from now on."""
        self._accepting.acquire()

    def go_on(self) -> None:
        self._accepting.release()

    def end_connections(self, but: socket.socket | None = None) -> None:
        for connection in self._connections - {but}:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:  # it has ended already
                pass

    def wait_until_quiet(self) -> None:
        """Nobody works on a request then."""
        with self._is_quiet:
            self._is_quiet.wait_for(lambda: self._requests == 0)


class Snapshots:
    """The part that this process has in a snapshot: none, its keeper, or the copy that serves."""

    def __init__(self) -> None:
        self._keeper: socket.socket | None = None

    @property
    def is_there(self) -> bool:
        return self._keeper is not None

    def check_take(self) -> None:
        if self.is_there:
            raise ValueError("there is a snapshot already; `reset` ends it")
        if holds.held():
            raise ValueError("calls are held; `release` them first")

    def check_restore(self) -> None:
        if not self.is_there:
            raise ValueError("there is no snapshot")

    def take(self, listener: Listener, empty: Callable[[], None]) -> None:
        """Keeps this moment until a copy is told to reset; then this process is `empty`, and serves again."""
        listener.end_connections()
        # What others work on would be lost in the copy, with the locks they hold.
        listener.wait_until_quiet()
        while self._order_of_a_copy(listener) == RESTORE:
            pass
        empty()
        listener.go_on()

    def _order_of_a_copy(self, listener: Listener) -> bytes:
        """Lets a copy serve; what it leaves to do at its end."""
        ours, theirs = socket.socketpair()
        copy = os.fork()
        if copy == 0:
            ours.close()
            self._serve(listener, theirs)
        theirs.close()
        with ours:
            order = ours.recv(1)
        os.waitpid(copy, 0)
        if not order:
            print("the copy of the emulator that served has ended", file=sys.stderr)
            os._exit(1)
        return order

    def _serve(self, listener: Listener, keeper: socket.socket) -> None:
        """All that a copy does, to its end."""
        self._keeper = keeper
        clock.resume()
        threading.Thread(target=_end_with, args=(keeper,), daemon=True).start()
        listener.go_on()
        try:
            listener.serve_forever()
        finally:
            os._exit(0)

    def leave(self, listener: Listener, order: bytes) -> None:
        """Ends this copy, and leaves the keeper to do that."""
        listener.end_connections()
        assert self._keeper
        self._keeper.sendall(order)
        os._exit(0)


def _end_with(keeper: socket.socket) -> None:
    """Ends a copy whose keeper has ended."""
    keeper.recv(1)
    os._exit(0)


snapshots = Snapshots()
