//! A web server for one test: fixed answers by path, in clear text or with TLS.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::emulator::repository;

/// What a path answers.
#[derive(Clone, Default)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
    /// The `Authorization` header without which the answer is 401.
    pub authorization: Option<String>,
}

impl Reply {
    /// 200 with this body.
    pub fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self { status: 200, body: body.into(), ..Self::default() }
    }

    /// A status without a body, with a header.
    pub fn header(status: u16, name: &'static str, value: impl Into<String>) -> Self {
        Self { status, headers: vec![(name, value.into())], ..Self::default() }
    }

    /// Only for who sends this `Authorization`.
    #[must_use]
    pub fn only_for(mut self, authorization: &str) -> Self {
        self.authorization = Some(authorization.to_owned());
        self
    }
}

#[derive(Default)]
struct Shared {
    replies: BTreeMap<String, Reply>,
    asked: Vec<String>,
}

/// A server that runs until the test ends.
pub struct Web {
    /// `127.0.0.1:PORT`.
    pub host: String,
    shared: Arc<Mutex<Shared>>,
    is_secure: bool,
}

/// The certificate of the authority that signed the server's, for `SSL_CERT_FILE`.
pub fn authority() -> PathBuf {
    repository().join("tests/support/tls/authority.pem")
}

impl Web {
    /// A server with TLS, trusted by who trusts [`authority`].
    pub fn secure() -> Self {
        let folder = repository().join("tests/support/tls");
        let certificate = CertificateDer::from_pem_file(folder.join("server.pem")).unwrap();
        let key = PrivateKeyDer::from_pem_file(folder.join("server.key")).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = config.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap();
        Self::start(Some(Arc::new(config)))
    }

    /// A server in clear text.
    pub fn plain() -> Self {
        Self::start(None)
    }

    fn start(tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let shared = Arc::new(Mutex::new(Shared::default()));
        let (known, is_secure) = (shared.clone(), tls.is_some());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (known, tls) = (known.clone(), tls.clone());
                std::thread::spawn(move || {
                    // A client that goes away in the middle is the test's business.
                    let _ = match tls {
                        Some(config) => match ServerConnection::new(config) {
                            Ok(connection) => answer(StreamOwned::new(connection, stream), &known),
                            Err(_) => Ok(()),
                        },
                        None => answer(stream, &known),
                    };
                });
            }
        });
        Self { host, shared, is_secure }
    }

    /// The URL of a path.
    pub fn url(&self, path: &str) -> String {
        format!("{}://{}{path}", if self.is_secure { "https" } else { "http" }, self.host)
    }

    /// What a path answers from now on. A query in the request does not matter.
    pub fn reply(&self, path: &str, reply: Reply) {
        self.shared.lock().unwrap().replies.insert(path.to_owned(), reply);
    }

    /// Paths with queries that were asked for, in order.
    pub fn asked(&self) -> Vec<String> {
        self.shared.lock().unwrap().asked.clone()
    }

    /// Forgets what was asked for.
    pub fn forget(&self) {
        self.shared.lock().unwrap().asked.clear();
    }
}

/// Answers one request and closes.
fn answer(stream: impl Read + Write, shared: &Mutex<Shared>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Ok(());
        }
    }
    let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let path = target.split('?').next().unwrap_or_default();
    let authorization = head
        .lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    let reply = {
        let mut shared = shared.lock().unwrap();
        shared.asked.push(target.clone());
        shared.replies.get(path).cloned().unwrap_or(Reply { status: 404, ..Reply::default() })
    };
    let is_allowed =
        reply.authorization.as_deref().is_none_or(|wanted| authorization.is_some_and(|(_, value)| value == wanted));
    let reply = if is_allowed { reply } else { Reply { status: 401, ..Reply::default() } };
    let headers: Vec<_> = reply.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let headers = headers.concat();
    let length = reply.body.len();
    let head = format!("HTTP/1.1 {} X\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n", reply.status);
    let stream = reader.get_mut();
    stream.write_all(head.as_bytes())?;
    stream.write_all(&reply.body)?;
    stream.flush()
}
