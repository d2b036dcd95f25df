"""Command line of the emulator: `python tests/emulator/__main__.py --port 0`."""

import argparse
import os
import sys
import threading

if __package__ in (None, ""):
    # Run by path: make `emulator` importable whatever the working directory is,
    # and keep this folder itself off the path (its module names are generic).
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path = [p for p in sys.path if os.path.abspath(p or ".") != here]
    sys.path.insert(0, os.path.dirname(here))


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="emulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=0, help="port, 0 = any free one")
    parser.add_argument("--port-file", help="also write the port number to this file")
    parser.add_argument(
        "--until-eof",
        action="store_true",
        help="stop when standard input is closed (so it dies with its parent)",
    )
    return parser.parse_args()


def write_port_file(path: str, port: int) -> None:
    """Write and rename, so that a reader never sees half a number."""
    partial = f"{path}.{os.getpid()}"
    with open(partial, "w", encoding="ascii") as file:
        file.write(f"{port}\n")
    os.replace(partial, path)


def exit_at_eof() -> None:
    while os.read(0, 4096):
        pass
    os._exit(0)


def main() -> None:
    options = parse_arguments()
    # Read by moto when it is first imported, hence before our own imports.
    os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
    # Control and AWS calls share one process: no service of ours may reach out.
    os.environ.setdefault("AWS_ACCESS_KEY_ID", "emulator")
    os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "emulator")
    os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")
    if options.until_eof:
        threading.Thread(target=exit_at_eof, daemon=True).start()

    from emulator.server import Server

    server = Server(options.host, options.port)
    os.environ["MOTO_PORT"] = str(server.port)
    if options.port_file:
        write_port_file(options.port_file, server.port)
    print(f"listening on {options.host}:{server.port}", flush=True)
    try:
        server.serve()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
