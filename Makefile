# Two commands matter: `make test` and `make demo`. Both set up what they need in .emu (Python, for the emulator).

PYTHON ?= python3
CARGO  ?= cargo
EMU    := .emu/.made
RELEASE = $(abspath $(or $(CARGO_TARGET_DIR),target))/release/glaz

.PHONY: all test lint docs unit demo emulator measure bench scale

all: test

## Everything that has to pass: format, lints, documentation, the emulator's own test, all tests.
test: lint docs emulator-test unit

lint:
	$(CARGO) fmt --check
	$(CARGO) clippy --locked --all-targets -- -D warnings

docs:
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --no-deps

.PHONY: emulator-test
emulator-test: $(EMU)
	.emu/bin/python -m unittest discover --start-directory tests/emulator/tests

unit: $(EMU)
	$(CARGO) test --locked

## Runs killed at every call and every line of the journal, and some where the run that goes on is killed as well; a sample of
## both is part of `make test`. Takes half an hour with the release binary, which it builds.
.PHONY: test-crash
test-crash: $(EMU)
	$(CARGO) build --locked --release
	GLAZ_CRASH=all GLAZ_BINARY="$(RELEASE)" \
		$(CARGO) test --locked --test glaz-tests crash -- --nocapture --test-threads=3 --skip killed_twice
	GLAZ_CRASH=25 GLAZ_BINARY="$(RELEASE)" \
		$(CARGO) test --locked --test glaz-tests killed_twice -- --nocapture --test-threads=3

## The main job on the blue/green example, against the emulator.
demo: $(EMU)
	$(CARGO) build --locked
	.emu/bin/python demo/run

## The AWS emulator's Python environment.
emulator: $(EMU)

$(EMU): tests/emulator/requirements.txt
	$(PYTHON) -m venv .emu
	.emu/bin/python -m pip install --quiet --requirement $<
	touch $@

## Times, memory, calls and size; builds the release binary.
measure: $(EMU)
	$(CARGO) build --locked --release
	.emu/bin/python scripts/measure

## Big stacks, side by side with Terraform where it is installed; builds the release binary.
bench:
	$(CARGO) build --locked --release
	$(PYTHON) scripts/bench

## Thousands of objects on the emulator, each call 50 ms late; builds the release binary.
scale: $(EMU)
	$(CARGO) build --locked --release
	.emu/bin/python scripts/scale

## How long a run goes on after a signal when nobody answers; builds the release binary.
.PHONY: stop
stop: $(EMU)
	$(CARGO) build --locked --release
	.emu/bin/python scripts/stop
