"""The AWS emulator of the tests, for scripts."""

import json
import os
import subprocess
import sys
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Emulator:
    """A process of its own; it ends with the script."""

    def __init__(self) -> None:
        main = os.path.join(ROOT, "tests", "emulator", "__main__.py")
        command = [sys.executable, main, "--port", "0", "--until-eof"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = "http://" + self.process.stdout.readline().split()[-1]

    def ask(self, method: str, path: str, body: object = None):
        """Its control: tests/emulator/README.md."""
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"{self.url}/_glaz/{path}", method=method, data=data)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def cpu(self) -> float:
        """Seconds that its process has worked since it was started."""
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def environment(self) -> dict[str, str]:
        """For a program that takes it for AWS."""
        return {
            "PATH": os.environ["PATH"],
            "AWS_ENDPOINT_URL": self.url,
            "AWS_REGION": "eu-west-1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def end(self) -> None:
        self.process.stdin.close()
        self.process.wait()


def release_program(named: str | None) -> str:
    """The program that was named, else the release program of this folder."""
    target = os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target"))
    path = os.path.abspath(named or os.path.join(target, "release", "glaz"))
    if not os.access(path, os.X_OK):
        sys.exit(f"{path} is not there. Build it, or name another with --binary.")
    return path
