//! A file per AWS type: its cases against the emulator.
