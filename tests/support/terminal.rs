//! A command on a terminal, and a person who reads and types there.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use super::BINARY;
use super::stack::{Stack, send as send_signal};

/// The longest a person waits for a text before the test fails.
const LIMIT: Duration = Duration::from_secs(120);

/// A command that runs on a terminal: all it says comes there.
pub struct OnTerminal {
    child: Child,
    keys: File,
    shown: Receiver<Vec<u8>>,
    seen: String,
}

impl Stack {
    /// Starts a command on a terminal.
    pub fn start_on_terminal(&self, args: &[&str]) -> OnTerminal {
        let master: OwnedFd = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
        let slave = OpenOptions::new().read(true).write(true).open(name).unwrap();
        let mut command = Command::new(&*BINARY);
        command.args(args).stdin(slave.try_clone().unwrap()).stdout(slave.try_clone().unwrap()).stderr(slave);
        self.prepare(&mut command);
        let child = command.spawn().unwrap();
        drop(command); // it holds the terminal open
        let keys = File::from(master);
        let mut screen = keys.try_clone().unwrap();
        let (send, shown) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            // Reading fails when the last process has left the terminal.
            while let Ok(read @ 1..) = screen.read(&mut buffer) {
                if send.send(buffer[..read].to_vec()).is_err() {
                    return;
                }
            }
        });
        OnTerminal { child, keys, shown, seen: String::new() }
    }
}

impl OnTerminal {
    /// Waits until this is on the terminal.
    #[track_caller]
    pub fn sees(&mut self, text: &str) -> &mut Self {
        let start = Instant::now();
        while !self.seen.contains(text) {
            match self.shown.recv_timeout(LIMIT.saturating_sub(start.elapsed())) {
                Ok(bytes) => self.seen.push_str(&String::from_utf8_lossy(&bytes)),
                Err(RecvTimeoutError::Timeout) => panic!("{text:?} did not come within {LIMIT:?}:\n{}", self.seen),
                Err(RecvTimeoutError::Disconnected) => panic!("it ended without {text:?}:\n{}", self.seen),
            }
        }
        self
    }

    /// Types a line.
    pub fn types(&mut self, line: &str) {
        self.keys.write_all(format!("{line}\n").as_bytes()).unwrap();
    }

    /// Presses Ctrl-C, which the terminal of a shell makes a signal.
    pub fn interrupt(&self) {
        send_signal(&self.child, Signal::INT);
    }

    /// Waits for its end; all that was on the terminal, and the exit code.
    pub fn ends(mut self) -> (String, Option<i32>) {
        while let Ok(bytes) = self.shown.recv_timeout(LIMIT) {
            self.seen.push_str(&String::from_utf8_lossy(&bytes));
        }
        (self.seen, self.child.wait().unwrap().code())
    }
}
