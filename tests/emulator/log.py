"""Record of the AWS calls received, in order, for tests to read back."""

import threading
import time


class CallLog:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._started = time.monotonic()
        self._calls: list[dict] = []

    def now(self) -> float:
        return time.monotonic() - self._started

    def add(self, entry: dict) -> None:
        with self._lock:
            self._calls.append(entry)

    def clear(self) -> None:
        """Forget the calls and start counting time anew."""
        with self._lock:
            self._calls = []
            self._started = time.monotonic()

    def calls(self) -> list[dict]:
        with self._lock:
            return sorted(self._calls, key=lambda call: call["at"])


log = CallLog()
