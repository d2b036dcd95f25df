//! The AWS that tests talk to: an emulator of our own (`tests/emulator`), each used by one test at a time.
//!
//! Starting one takes about a second, so they are kept: a test takes an idle one or starts another, gets it emptied,
//! and gives it back. There are as many as tests run at a time. They end with this process, whatever ends it, because
//! the pipe to their standard input closes.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use serde::Deserialize;

/// Emulators that nobody uses at the moment.
static IDLE: Mutex<Vec<Server>> = Mutex::new(Vec::new());

/// An emulator process.
struct Server {
    address: String,
    process: Child,
}

/// An emulator for this test alone, empty at the start. Given back when dropped.
pub struct Emulator {
    server: Option<Server>,
}

/// A call that the emulator got.
#[derive(Clone, Debug, Deserialize)]
pub struct Call {
    pub service: String,
    pub operation: String,
    /// HTTP status; 0 for a connection broken by a fault.
    pub status: u16,
    /// Seconds since the start of the log.
    pub at: f64,
}

/// A call that waits.
#[derive(Debug, Deserialize)]
struct Held {
    operation: String,
}

/// An object that is left in the account.
#[derive(Clone, Debug, Deserialize)]
pub struct Leftover {
    pub service: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub id: serde_json::Value,
}

impl std::fmt::Display for Leftover {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {}", self.service, self.kind, self.id)
    }
}

impl Emulator {
    /// An empty account.
    pub fn start() -> Self {
        let idle = IDLE.lock().unwrap_or_else(std::sync::PoisonError::into_inner).pop();
        let emulator = Self { server: Some(idle.unwrap_or_else(Server::start)) };
        emulator.control("POST", "reset", "");
        emulator
    }

    fn server(&self) -> &Server {
        self.server.as_ref().unwrap()
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://{}", self.server().address)
    }

    /// An empty account again.
    pub fn reset(&self) {
        self.control("POST", "reset", "");
    }

    /// Keeps the account as it is, with all that is under way, until [`Self::reset`].
    pub fn snapshot(&self) {
        self.control("POST", "snapshot", "");
    }

    /// Back to the snapshot. Calls that wait end with a broken connection.
    pub fn restore(&self) {
        self.control("POST", "restore", "");
    }

    /// The calls since the start or [`Self::forget_calls`], in order.
    pub fn calls(&self) -> Vec<Call> {
        serde_json::from_str(&self.control("GET", "log", "")).unwrap()
    }

    /// Empties the log of calls.
    pub fn forget_calls(&self) {
        self.control("DELETE", "log", "");
    }

    /// Puts faults in, as JSON: a list of rules, see `tests/emulator/README.md`.
    pub fn faults(&self, rules: &str) {
        self.control("POST", "faults", rules);
    }

    /// Takes all faults out.
    pub fn no_faults(&self) {
        self.control("DELETE", "faults", "");
    }

    /// Holds calls from now on, as JSON: see `tests/emulator/README.md`.
    pub fn hold(&self, rule: &str) {
        self.control("POST", "hold", rule);
    }

    /// The operations of the calls that wait, the oldest first; waits a moment for the first.
    pub fn held(&self) -> Vec<String> {
        let held: Vec<Held> = serde_json::from_str(&self.control("GET", "held", "")).unwrap();
        held.into_iter().map(|one| one.operation).collect()
    }

    /// Lets the oldest held call go on.
    pub fn release_one(&self) {
        self.control("POST", "release", r#"{"count": 1}"#);
    }

    /// Lets all held calls go on, and holds no more.
    pub fn release(&self) {
        self.control("POST", "release", "");
    }

    /// Breaks the connections of all held calls, and holds no more. A call that was held before its effect has none.
    pub fn drop_held(&self) {
        self.control("POST", "release", r#"{"drop": true}"#);
    }

    /// Changes settings, as a JSON object.
    pub fn settings(&self, values: &str) {
        self.control("POST", "settings", values);
    }

    /// Moves or changes the virtual clock, as JSON: see `tests/emulator/README.md`.
    pub fn clock(&self, change: &str) {
        self.control("POST", "clock", change);
    }

    /// A pipeline registers a revision and deploys it, as JSON: see `tests/emulator/README.md`.
    pub fn pipeline(&self, what: &serde_json::Value) {
        self.control("POST", "pipeline", &what.to_string());
    }

    /// Sets states of CloudWatch alarms by name, as JSON; makes those that are not there.
    pub fn alarms(&self, states: &str) {
        self.control("POST", "alarms", states);
    }

    /// Says how images run, as JSON: see `tests/emulator/README.md`.
    pub fn images(&self, patterns: &str) {
        self.control("POST", "images", patterns);
    }

    /// Says what functions answer, as JSON: see `tests/emulator/README.md`.
    pub fn hooks(&self, patterns: &str) {
        self.control("POST", "hooks", patterns);
    }

    /// Calls AWS as somebody else would: a service that speaks JSON.
    pub fn call(&self, service: &str, target: &str, body: &serde_json::Value) -> serde_json::Value {
        let head = format!("X-Amz-Target: {target}\r\nContent-Type: application/x-amz-json-1.1\r\n");
        let answer = self.signed(service, &head, &body.to_string());
        serde_json::from_str(&answer).unwrap_or_default()
    }

    /// Pushes an image, as `docker push` would.
    pub fn push(&self, repository: &str, tag: &str) {
        let image = serde_json::json!({
            "repositoryName": repository,
            "imageTag": tag,
            "imageManifest": format!("{{\"schemaVersion\": 2, \"tag\": \"{tag}\"}}"),
            "imageManifestMediaType": "application/vnd.oci.image.manifest.v1+json",
        });
        self.call("ecr", "AmazonEC2ContainerRegistry_V20150921.PutImage", &image);
    }

    /// The same with a service that takes forms.
    pub fn form(&self, service: &str, body: &str) -> String {
        self.signed(service, "Content-Type: application/x-www-form-urlencoded\r\n", body)
    }

    fn signed(&self, service: &str, head: &str, body: &str) -> String {
        let scope =
            format!("Credential=test/20260101/eu-west-1/{service}/aws4_request, SignedHeaders=host, Signature=0");
        let head = format!("{head}Authorization: AWS4-HMAC-SHA256 {scope}\r\n");
        let (status, answer) = request(&self.server().address, "POST", "/", &head, body);
        assert_eq!(status, 200, "{service}: {answer}");
        answer
    }

    /// What the account holds.
    pub fn leftovers(&self) -> Vec<Leftover> {
        serde_json::from_str(&self.control("GET", "leftovers", "")).unwrap()
    }

    /// Fails unless the account is as empty as a new one.
    #[track_caller]
    pub fn assert_empty(&self) {
        let left = self.leftovers();
        let lines = left.iter().map(|one| format!("\n  {one}")).collect::<Vec<_>>().concat();
        assert!(left.is_empty(), "the account is not empty:{lines}");
    }

    /// A call of a service as its API has it: `s3` with a method and a path, `dynamodb` with `X-Amz-Target` as method.
    pub fn exchange(&self, service: &str, method: &str, path: &str, body: &str) -> (u16, String) {
        // Buckets are made without a body, which us-east-1 alone allows.
        let region = if service == "s3" { "us-east-1" } else { "eu-west-1" };
        let scope = format!("Credential=test/20260101/{region}/{service}/aws4_request");
        let mut headers = format!("Authorization: AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0\r\n");
        let mut verb = method;
        if method.contains('.') {
            headers.push_str(&format!("X-Amz-Target: {method}\r\n"));
            headers.push_str("Content-Type: application/x-amz-json-1.0\r\n");
            verb = "POST";
        }
        request(&self.server().address, verb, path, &headers, body)
    }

    fn control(&self, method: &str, path: &str, body: &str) -> String {
        let head = "Content-Type: application/json\r\n";
        let (status, answer) = request(&self.server().address, method, &format!("/_glaz/{path}"), head, body);
        assert_eq!(status, 200, "{method} {path}: {answer}");
        answer
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            IDLE.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(server);
        }
    }
}

impl Server {
    fn start() -> Self {
        let main = repository().join("tests/emulator/__main__.py");
        let python = python();
        let mut process = Command::new(&python)
            .arg(main)
            .args(["--port", "0", "--until-eof"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{} does not start: {error}", python.display()));
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on ").unwrap_or_else(|| {
            panic!("the emulator said {line:?}; is it installed (make emulator)?");
        });
        Self { address: address.to_owned(), process }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// The folder of the repository.
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The Python that has the emulator's requirements: `GLAZ_EMULATOR_PYTHON`, or the one `make emulator` made.
pub fn python() -> PathBuf {
    if let Some(python) = std::env::var_os("GLAZ_EMULATOR_PYTHON").filter(|python| !python.is_empty()) {
        return python.into();
    }
    let python = repository().join(".emu/bin/python");
    assert!(python.exists(), "the emulator is not installed: run `make emulator`, or set GLAZ_EMULATOR_PYTHON");
    python
}

/// One HTTP request with further headers: status and body.
fn request(address: &str, method: &str, path: &str, head: &str, body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\n{head}Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body.as_bytes()).unwrap();
    // The emulator tells the length and may keep the connection, so read no more than that.
    let mut reader = BufReader::new(stream);
    let (mut status, mut length) = (0, 0);
    for number in 0.. {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let line = line.trim_end();
        if number == 0 {
            status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap();
        } else if line.is_empty() {
            break;
        } else if let Some((_, value)) =
            line.split_once(':').filter(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        {
            length = value.trim().parse().unwrap();
        }
    }
    let mut answer = vec![0; length];
    reader.read_exact(&mut answer).unwrap();
    (status, String::from_utf8(answer).unwrap())
}

#[test]
fn two_at_a_time_are_apart_and_faults_do_not_outlive_a_test() {
    let (one, two) = (Emulator::start(), Emulator::start());
    assert_ne!(one.url(), two.url());
    one.faults(r#"[{"kind": "throttle"}]"#);
    let url = one.url();
    drop(one);
    let again = Emulator::start();
    assert_eq!(again.control("GET", "faults", "").trim(), "[]", "{url} {}", again.url());
    assert!(two.calls().is_empty());
    two.assert_empty();
}
