//! What `init` says: plain lines, or Terraform's lines of JSON.

use serde::Serialize;

use crate::cli::Globals;
use crate::cli::failure::Failure;
use crate::cli::render;
use crate::clock::Clock;
use crate::diagnostic::{Report, Sources};
use crate::modules::Event;
use crate::state::model::WRITES_AS;

/// Where the words go.
pub(super) struct Voice<'a> {
    json: bool,
    globals: &'a Globals,
    clock: Clock,
}

#[derive(Serialize)]
struct Line<'a> {
    #[serde(rename = "@level")]
    level: &'static str,
    #[serde(rename = "@message")]
    message: &'a str,
    #[serde(rename = "@module")]
    module: &'static str,
    #[serde(rename = "@timestamp")]
    timestamp: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    terraform: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_code: Option<&'a str>,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ui: Option<&'static str>,
}

impl<'a> Voice<'a> {
    /// In JSON, or in plain lines.
    pub(super) fn new(json: bool, globals: &'a Globals) -> Self {
        let voice = Self { json, globals, clock: globals.environment.clock() };
        if json {
            let message = format!("Terraform {WRITES_AS}");
            voice.line("version", &message, None);
        }
        voice
    }

    /// A step of `init`; `code` is Terraform's name of the message.
    pub(super) fn say(&self, code: &str, text: &str) {
        if self.json {
            self.line("init_output", text.trim(), Some(code));
        } else {
            self.globals.shell.line(text);
        }
    }

    /// A detail of a step.
    pub(super) fn log(&self, text: &str) {
        if self.json {
            self.line("log", text, None);
        } else {
            self.globals.shell.line(&format!("- {text}"));
        }
    }

    /// A module that is fetched or there.
    pub(super) fn event(&self, event: &Event) {
        match event {
            Event::Fetching(key, address, version) => {
                let version = version.as_ref().map(|version| format!(" {version}")).unwrap_or_default();
                let text = format!("Downloading {address}{version} for {key}...");
                if self.json { self.line("log", &text, None) } else { self.globals.shell.line(&text) }
            }
            Event::Installed(key, dir) | Event::Local(key, dir) => self.log(&format!("{key} in {}", dir.display())),
        }
    }

    /// Problems: standard error, or a line of JSON for each.
    pub(super) fn problems(&self, report: &Report, sources: &Sources) -> Result<(), Failure> {
        if !self.json {
            self.globals.warn(report, sources);
            return Ok(());
        }
        for one in &report.0 {
            self.globals.shell.line(&render::json::diagnostic_line(one, sources, &self.timestamp())?);
        }
        Ok(())
    }

    fn line(&self, kind: &'static str, message: &str, code: Option<&str>) {
        let is_version = kind == "version";
        let line = Line {
            level: "info",
            message,
            module: "terraform.ui",
            timestamp: self.timestamp(),
            terraform: is_version.then_some(WRITES_AS),
            message_code: code,
            kind,
            ui: is_version.then_some("1.2"),
        };
        // A table of texts always has a JSON form.
        if let Ok(text) = serde_json::to_string(&line) {
            self.globals.shell.line(&text);
        }
    }

    fn timestamp(&self) -> String {
        let now = i64::try_from(self.clock.now().as_secs()).unwrap_or_default();
        jiff::Timestamp::from_second(now).map(|time| time.to_string()).unwrap_or_default()
    }
}
