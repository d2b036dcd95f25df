//! A machine that is reached over SSH, run by the test itself: it logs people in, runs their commands in a folder of
//! its own, takes files, and lets others be reached through it.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use russh::keys::key::safe_rng;
use russh::keys::ssh_key::certificate::{Builder, CertType};
use russh::keys::ssh_key::{Algorithm, Certificate, LineEnding};
use russh::keys::{PrivateKey, PublicKey};
use russh::server::{Auth, ChannelOpenHandle, Config, Handler, Msg, Response, Session, VerifiedPublicKey, run_stream};
use russh::{Channel, ChannelId, ChannelMsg, ChannelReadHalf, ChannelWriteHalf, MethodSet};
use rustix::process::{Pid, Signal, kill_process_group};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;

/// The only user.
pub const USER: &str = "tester";
/// Their password.
pub const PASSWORD: &str = "hunter2";

/// A machine. It is gone when this is dropped.
pub struct Machine {
    pub port: u16,
    pub host_key: PublicKey,
    told: Arc<Told>,
    home: TempDir,
    _runtime: Runtime,
}

/// How a machine lets people in.
#[derive(Clone, Default)]
pub struct Doors {
    /// This key.
    pub key: Option<PublicKey>,
    /// Keys that this authority signed.
    pub authority: Option<PublicKey>,
    /// The password, asked for as such.
    pub has_password: bool,
    /// The password, as the answer to a question.
    pub asks: bool,
    /// Logins that fail first, as on a machine that still starts.
    pub fails_first: usize,
    /// The authority that signs the machine's own key.
    pub host_authority: Option<Arc<PrivateKey>>,
    /// Disk space is used up: files are refused.
    pub is_full: bool,
}

/// What a machine saw.
#[derive(Default)]
struct Told {
    lines: Mutex<Vec<String>>,
    failed: Mutex<usize>,
}

/// A new key.
pub fn key() -> PrivateKey {
    PrivateKey::random(&mut safe_rng(), Algorithm::Ed25519).unwrap()
}

/// The text of a private key.
pub fn text(key: &PrivateKey) -> String {
    key.to_openssh(LineEnding::LF).unwrap().to_string()
}

/// A certificate for a key.
pub fn certificate(authority: &PrivateKey, key: &PublicKey, kind: CertType, name: &str) -> Certificate {
    let (from, to) = (1_600_000_000, 2_000_000_000);
    let mut builder = Builder::new_with_random_nonce(&mut safe_rng(), key, from, to).unwrap();
    builder.cert_type(kind).unwrap().valid_principal(name).unwrap().key_id("test").unwrap();
    builder.sign(authority).unwrap()
}

impl Machine {
    /// Starts a machine.
    pub fn start(doors: Doors) -> Self {
        let runtime = runtime();
        let home = tempfile::Builder::new().prefix("glaz-machine-").tempdir().unwrap();
        let told = Arc::new(Told::default());
        let own = key();
        let host_key = own.public_key().clone();
        let certificates =
            doors.host_authority.iter().map(|by| certificate(by, &host_key, CertType::Host, "localhost"));
        let config = Arc::new(Config {
            auth_rejection_time: std::time::Duration::ZERO,
            auth_rejection_time_initial: Some(std::time::Duration::ZERO),
            certificates: certificates.collect(),
            keys: vec![own],
            ..Config::default()
        });
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (folder, seen) = (home.path().canonicalize().unwrap(), told.clone());
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let visitor = Visitor {
                    doors: doors.clone(),
                    told: seen.clone(),
                    home: folder.clone(),
                    channels: HashMap::new(),
                };
                let config = config.clone();
                tokio::spawn(async move {
                    if let Ok(session) = Box::pin(run_stream(config, stream, visitor)).await {
                        let _ = session.await;
                    }
                });
            }
        });
        Self { port, host_key, told, home, _runtime: runtime }
    }

    /// The folder that commands start in and relative paths belong to.
    pub fn home(&self) -> PathBuf {
        self.home.path().canonicalize().unwrap()
    }

    /// The text of a file of the machine.
    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.home().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// What happened, one line each: logins, commands, files, connections to others.
    pub fn told(&self) -> Vec<String> {
        self.told.lines.lock().unwrap().clone()
    }
}

/// Somebody who is connected.
struct Visitor {
    doors: Doors,
    told: Arc<Told>,
    home: PathBuf,
    channels: HashMap<ChannelId, Channel<Msg>>,
}

impl Visitor {
    fn note(&self, line: String) {
        self.told.lines.lock().unwrap().push(line);
    }

    fn admits(&self, user: &str, is_right: bool, how: &str) -> Auth {
        if !is_right || user != USER {
            return Auth::reject();
        }
        let mut failed = self.told.failed.lock().unwrap();
        if *failed < self.doors.fails_first {
            *failed += 1;
            return Auth::Reject { proceed_with_methods: Some(MethodSet::empty()), partial_success: false };
        }
        self.note(format!("login with {how}"));
        Auth::Accept
    }
}

impl Handler for Visitor {
    type Error = russh::Error;

    async fn auth_password(&mut self, user: &str, password: &str) -> Result<Auth, russh::Error> {
        Ok(self.admits(user, self.doors.has_password && password == PASSWORD, "password"))
    }

    async fn auth_publickey(&mut self, user: &str, key: VerifiedPublicKey<'_>) -> Result<Auth, russh::Error> {
        let is_right = self.doors.key.as_ref().is_some_and(|known| known.key_data() == key.public_key.key_data());
        Ok(self.admits(user, is_right, "key"))
    }

    async fn auth_openssh_certificate(&mut self, user: &str, shown: &Certificate) -> Result<Auth, russh::Error> {
        let is_right = self.doors.authority.as_ref().is_some_and(|by| by.key_data() == shown.signature_key());
        Ok(self.admits(user, is_right, "certificate"))
    }

    async fn auth_keyboard_interactive<'a>(
        &'a mut self,
        user: &str,
        _: &str,
        response: Option<Response<'a>>,
    ) -> Result<Auth, russh::Error> {
        if !self.doors.asks {
            return Ok(Auth::reject());
        }
        let Some(mut answers) = response else {
            let prompts = vec![(Cow::Borrowed("Password: "), false)];
            return Ok(Auth::Partial { name: "".into(), instructions: "".into(), prompts: prompts.into() });
        };
        let is_right = answers.next().is_some_and(|answer| *answer == *PASSWORD.as_bytes());
        Ok(self.admits(user, is_right, "answers"))
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), russh::Error> {
        self.channels.insert(channel.id(), channel);
        reply.accept().await;
        Ok(())
    }

    async fn channel_open_direct_tcpip(
        &mut self,
        channel: Channel<Msg>,
        host: &str,
        port: u32,
        _: &str,
        _: u32,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), russh::Error> {
        self.note(format!("connection to {host}"));
        let address = (host.to_owned(), u16::try_from(port).unwrap_or_default());
        reply.accept().await;
        tokio::spawn(async move {
            if let Ok(mut other) = TcpStream::connect(address).await {
                let _ = tokio::io::copy_bidirectional(&mut channel.into_stream(), &mut other).await;
            }
        });
        Ok(())
    }

    async fn agent_request(&mut self, _: ChannelId, _: &mut Session) -> Result<bool, russh::Error> {
        self.note("agent offered".to_owned());
        Ok(true)
    }

    async fn exec_request(&mut self, id: ChannelId, command: &[u8], session: &mut Session) -> Result<(), russh::Error> {
        let command = String::from_utf8_lossy(command).trim().to_owned();
        let Some(channel) = self.channels.remove(&id) else { return Ok(()) };
        session.channel_success(id)?;
        self.note(command.clone());
        let (home, is_full) = (self.home.clone(), self.doors.is_full);
        tokio::spawn(async move {
            let (answers, status) = match command.strip_prefix("scp ").and_then(|flags| flags.split_once(' ')) {
                Some((_, path)) => sink(channel, Some(path).filter(|_| !is_full), &home).await,
                None => run(channel, &command, &home).await,
            };
            answers.end(status).await;
        });
        Ok(())
    }
}

async fn run(channel: Channel<Msg>, command: &str, home: &Path) -> (Answers, u32) {
    let mut child = tokio::process::Command::new("/bin/sh")
        .args(["-c", command])
        .current_dir(home)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .unwrap();
    let _group = Group(child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?)));
    let (mut out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let (mut to_out, mut to_err) = (channel.make_writer(), channel.make_writer_ext(Some(1)));
    let copied = async { tokio::join!(tokio::io::copy(&mut out, &mut to_out), tokio::io::copy(&mut err, &mut to_err)) };
    let _ = copied.await;
    let status = child.wait().await.unwrap();
    let status = status.code().and_then(|code| u32::try_from(code).ok()).unwrap_or(255);
    (Answers(channel.split().1), status)
}

/// A command and what it started: ends with the connection, as the processes of a terminal do.
struct Group(Option<Pid>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(leader) = self.0 {
            // Who is gone needs no signal.
            let _ = kill_process_group(leader, Signal::KILL);
        }
    }
}

/// What `scp -t` does; without a folder it refuses everything.
async fn sink(channel: Channel<Msg>, folder: Option<&str>, home: &Path) -> (Answers, u32) {
    let (read, write) = channel.split();
    let (mut input, answers) = (Input { read, bytes: Vec::new() }, Answers(write));
    let Some(folder) = folder else {
        answers.say(b"\x01scp: No space left on device\n").await;
        return (answers, 1);
    };
    answers.say(b"\0").await;
    let (mut at, mut depth) = (home.join(folder.trim_matches('\'')), 0);
    while let Some(line) = input.until(b'\n').await {
        let line = String::from_utf8(line).unwrap();
        let mut words = line.trim_end().splitn(3, ' ');
        match (words.next().unwrap(), words.next(), words.next()) {
            ("C0644", Some(size), Some(name)) => {
                answers.say(b"\0").await;
                let content = input.exactly(size.parse::<usize>().unwrap() + 1).await.unwrap();
                if let Err(error) = std::fs::write(at.join(name), &content[..content.len() - 1]) {
                    answers.say(format!("\x01scp: {error}\n").as_bytes()).await;
                    return (answers, 1);
                }
            }
            ("D0755", Some("0"), Some(name)) => {
                at.push(name);
                depth += 1;
                std::fs::create_dir_all(&at).unwrap();
            }
            ("E", None, None) if depth > 0 => {
                at.pop();
                depth -= 1;
            }
            _ => return (answers, 1),
        }
        answers.say(b"\0").await;
    }
    (answers, 0)
}

/// What comes in.
struct Input {
    read: ChannelReadHalf,
    bytes: Vec<u8>,
}

impl Input {
    async fn more(&mut self) -> Option<()> {
        loop {
            match self.read.wait().await? {
                ChannelMsg::Data { data } => {
                    self.bytes.extend_from_slice(&data);
                    return Some(());
                }
                ChannelMsg::Eof | ChannelMsg::Close => return None,
                _ => {}
            }
        }
    }

    async fn until(&mut self, end: u8) -> Option<Vec<u8>> {
        loop {
            if let Some(at) = self.bytes.iter().position(|byte| *byte == end) {
                return Some(self.bytes.drain(..=at).collect());
            }
            self.more().await?;
        }
    }

    async fn exactly(&mut self, size: usize) -> Option<Vec<u8>> {
        while self.bytes.len() < size {
            self.more().await?;
        }
        Some(self.bytes.drain(..size).collect())
    }
}

/// What goes out.
struct Answers(ChannelWriteHalf<Msg>);

impl Answers {
    async fn say(&self, bytes: &[u8]) {
        let _ = self.0.data_bytes(bytes.to_vec()).await;
    }

    async fn end(&self, status: u32) {
        let _ = self.0.exit_status(status).await;
        let _ = self.0.close().await;
    }
}

/// An SSH agent.
pub struct Agent {
    folder: TempDir,
    runtime: Runtime,
}

#[derive(Clone)]
struct Willing;

impl russh::keys::agent::server::Agent for Willing {}

impl Agent {
    /// Starts an agent without keys.
    pub fn start() -> Self {
        let (folder, runtime) = (tempfile::tempdir().unwrap(), runtime());
        let entered = runtime.enter();
        let listener = tokio::net::UnixListener::bind(folder.path().join("agent")).unwrap();
        drop(entered);
        let visits = futures_util::stream::unfold(listener, |listener| async {
            let visit = listener.accept().await.map(|(stream, _)| stream);
            Some((visit, listener))
        });
        runtime.spawn(russh::keys::agent::server::serve(Box::pin(visits), Willing));
        Self { folder, runtime }
    }

    /// Where it listens.
    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("agent")
    }

    /// Gives it a key.
    pub fn add(&self, key: &PrivateKey) {
        self.runtime.block_on(async {
            let mut client = russh::keys::agent::client::AgentClient::connect_uds(self.socket()).await.unwrap();
            client.add_identity(key, &[]).await.unwrap();
        });
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

/// A proxy for HTTP and SOCKS5 that passes everything on.
pub struct Proxy {
    pub port: u16,
    heads: Arc<Mutex<Vec<String>>>,
    _runtime: Runtime,
}

impl Proxy {
    /// Starts a proxy.
    pub fn start() -> Self {
        let runtime = runtime();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let port = listener.local_addr().unwrap().port();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let seen = heads.clone();
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let mut stream = BufReader::new(stream);
                let is_socks = stream.fill_buf().await.unwrap()[0] == 5;
                let (head, target) = if is_socks { socks(&mut stream).await } else { http(&mut stream).await };
                seen.lock().unwrap().push(head);
                let mut other = TcpStream::connect(target).await.unwrap();
                tokio::spawn(async move { tokio::io::copy_bidirectional(&mut stream, &mut other).await });
            }
        });
        Self { port, heads, _runtime: runtime }
    }

    /// What it was asked.
    pub fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

async fn http(stream: &mut BufReader<TcpStream>) -> (String, String) {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        stream.read_line(&mut head).await.unwrap();
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
    let target = head.split(' ').nth(1).unwrap().to_owned();
    (head, target)
}

/// Asks for a password whenever one is offered.
async fn socks(stream: &mut BufReader<TcpStream>) -> (String, String) {
    let methods = take(stream, 2).await[1];
    let has_password = take(stream, methods.into()).await.contains(&2);
    let mut words = Vec::new();
    stream.write_all(&[5, if has_password { 2 } else { 0 }]).await.unwrap();
    if has_password {
        take(stream, 1).await;
        for _ in 0..2 {
            let length = take(stream, 1).await[0];
            words.push(String::from_utf8(take(stream, length.into()).await).unwrap());
        }
        stream.write_all(&[1, 0]).await.unwrap();
    }
    assert_eq!(take(stream, 4).await, [5, 1, 0, 1]);
    let address = take(stream, 4).await.iter().map(u8::to_string).collect::<Vec<_>>().join(".");
    let port = take(stream, 2).await;
    stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await.unwrap();
    words.splice(0..0, ["socks".to_owned(), address.clone()]);
    (words.join(" "), format!("{address}:{}", u16::from_be_bytes([port[0], port[1]])))
}

async fn take(stream: &mut BufReader<TcpStream>, size: usize) -> Vec<u8> {
    let mut bytes = vec![0; size];
    tokio::io::AsyncReadExt::read_exact(stream, &mut bytes).await.unwrap();
    bytes
}
