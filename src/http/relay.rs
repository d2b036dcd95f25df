//! What has no TLS, asked of a proxy: the whole URL stands in the first line, and there is no tunnel (RFC 9112, section
//! 3.2.2). The library that sends everything else knows tunnels only.

use std::io::{self, BufRead as _, BufReader, Read, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::settings::Settings;
use super::url::decode;
use super::{Request, Response};

/// The most bytes of the first line and the headers of an answer.
const MOST_OF_HEAD: u64 = 256 << 10;

/// Where the proxy is, and who we are there.
pub(super) struct Relay<'a> {
    pub(super) host: &'a str,
    pub(super) port: u16,
    pub(super) user: Option<(&'a str, &'a str)>,
}

/// Sends a request through the proxy. An error comes with a word about whether trying again may help.
pub(super) fn send(request: &Request, relay: &Relay<'_>, settings: &Settings) -> Result<Response, (String, bool)> {
    let until = request.timeout.map(|timeout| Instant::now() + timeout);
    let failed = |error: &io::Error| match error.kind() {
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => ("the proxy does not answer in time".to_owned(), true),
        io::ErrorKind::InvalidData => (format!("the answer of the proxy is badly written: {error}"), false),
        _ => (format!("the connection to the proxy fails: {error}"), true),
    };
    let head = head(request, relay, settings)?;
    let stream = connect(relay, settings.connect_timeout).map_err(|error| failed(&error))?;
    let stream = Timed { stream, until };
    let mut sent = &stream.stream;
    stream.left().and_then(|left| stream.stream.set_write_timeout(left)).map_err(|error| failed(&error))?;
    sent.write_all(head.as_bytes())
        .and_then(|()| sent.write_all(request.body.as_deref().unwrap_or_default()))
        .map_err(|error| failed(&error))?;
    let mut reader = BufReader::new(stream);
    answer(&mut reader, request)
        .map_err(|error| failed(&error))?
        .ok_or_else(|| (format!("the answer is longer than {} bytes", request.limit), false))
}

/// The first line and the headers.
fn head(request: &Request, relay: &Relay<'_>, settings: &Settings) -> Result<String, (String, bool)> {
    let bad = |what: &str| (format!("the request cannot be written: its {what} is badly written"), false);
    let rest = request.url.split_once("://").map_or("", |(_, rest)| rest);
    let rest = rest.split('#').next().unwrap_or_default();
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let (user, host) = authority.rsplit_once('@').map_or((None, authority), |(user, host)| (Some(user), host));
    let slash = if path.starts_with('/') { "" } else { "/" };
    let basic = |user: &str| format!("Basic {}", STANDARD.encode(user));
    let has = |wanted: &str| request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(wanted));
    let mut headers = vec![("Host".to_owned(), host.to_owned()), ("Connection".to_owned(), "close".to_owned())];
    if let Some((user, password)) = relay.user {
        headers.push(("Proxy-Authorization".to_owned(), basic(&format!("{user}:{password}"))));
    }
    if let Some(user) = user.filter(|_| !has("authorization")) {
        let user = decode(user).ok_or_else(|| bad("user"))?;
        let colon = if user.contains(':') { "" } else { ":" };
        headers.push(("Authorization".to_owned(), basic(&format!("{user}{colon}"))));
    }
    if !has("user-agent") {
        headers.push(("User-Agent".to_owned(), settings.agent.clone()));
    }
    if let Some(body) = &request.body {
        headers.push(("Content-Length".to_owned(), body.len().to_string()));
    }
    headers.extend(request.headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("host")).cloned());
    let is_bad = |text: &str| text.contains(|c: char| c.is_control());
    if is_bad(&request.url) || request.url.contains(' ') || is_bad(&request.method) || request.method.contains(' ') {
        return Err(bad("address"));
    }
    if headers.iter().any(|(name, value)| is_bad(name) || is_bad(value) || name.contains([':', ' '])) {
        return Err(bad("header"));
    }
    let mut head = format!("{} http://{host}{slash}{path} HTTP/1.1\r\n", request.method);
    headers.iter().for_each(|(name, value)| head.push_str(&format!("{name}: {value}\r\n")));
    Ok(head + "\r\n")
}

fn connect(relay: &Relay<'_>, timeout: Duration) -> io::Result<TcpStream> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "there is no such host");
    for address in (relay.host.trim_matches(['[', ']']), relay.port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, timeout) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// A connection that is given up at a certain time.
struct Timed {
    stream: TcpStream,
    until: Option<Instant>,
}

impl Timed {
    /// What is left of the time; without a limit nothing.
    fn left(&self) -> io::Result<Option<Duration>> {
        let Some(until) = self.until else { return Ok(None) };
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(Some(left)) }
    }
}

impl Read for Timed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(self.left()?)?;
        self.stream.read(buffer)
    }
}

fn broken(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}

/// Reads the answer; nothing when its body is longer than allowed.
fn answer(reader: &mut BufReader<Timed>, request: &Request) -> io::Result<Option<Response>> {
    let (mut status, mut headers) = head_of(reader)?;
    // Nobody asked for these.
    while (100..200).contains(&status) {
        (status, headers) = head_of(reader)?;
    }
    let header = |wanted: &str| {
        headers.iter().find(|(name, _): &&(String, String)| name == wanted).map(|(_, value)| value.to_lowercase())
    };
    let mut body = Vec::new();
    let most = request.limit.saturating_add(1);
    if request.method != "HEAD" && !matches!(status, 204 | 304) {
        if header("transfer-encoding").is_some_and(|coding| coding.contains("chunked")) {
            chunks(reader, &mut body, most)?;
        } else if let Some(length) = header("content-length") {
            let length: u64 = length.trim().parse().map_err(|_| broken("its length is no number"))?;
            reader.take(length.min(most)).read_to_end(&mut body)?;
            if (body.len() as u64) < length.min(most) {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        } else {
            reader.take(most).read_to_end(&mut body)?;
        }
    }
    let is_long = body.len() as u64 > request.limit;
    Ok((!is_long).then(|| Response { status, headers, body, url: request.url.clone() }))
}

/// Status and headers.
fn head_of(reader: &mut BufReader<Timed>) -> io::Result<(u16, Vec<(String, String)>)> {
    let mut reader = reader.take(MOST_OF_HEAD);
    let first = line(&mut reader)?;
    let status = first.split(' ').nth(1).filter(|_| first.starts_with("HTTP/1.")).and_then(|code| code.parse().ok());
    let status = status.ok_or_else(|| broken("it does not begin as HTTP does"))?;
    let mut headers = Vec::new();
    loop {
        let line = line(&mut reader)?;
        if line.is_empty() {
            return Ok((status, headers));
        }
        let (name, value) = line.split_once(':').ok_or_else(|| broken("a header has no colon"))?;
        headers.push((name.trim().to_lowercase(), value.trim().to_owned()));
    }
}

fn line(reader: &mut io::Take<&mut BufReader<Timed>>) -> io::Result<String> {
    let mut bytes = Vec::new();
    reader.read_until(b'\n', &mut bytes)?;
    if bytes.pop() != Some(b'\n') {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(String::from_utf8_lossy(&bytes).trim_end_matches('\r').to_owned())
}

/// A body in chunks, up to `most` bytes of it.
fn chunks(reader: &mut BufReader<Timed>, body: &mut Vec<u8>, most: u64) -> io::Result<()> {
    loop {
        let size = line(&mut reader.take(MOST_OF_HEAD))?;
        let size = size.split(';').next().unwrap_or_default().trim();
        let size = u64::from_str_radix(size, 16).map_err(|_| broken("the size of a chunk is no number"))?;
        let left = most.saturating_sub(body.len() as u64);
        if size == 0 || left == 0 {
            return Ok(());
        }
        let read = reader.take(size.min(left)).read_to_end(body)?;
        if (read as u64) < size.min(left) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if size <= left {
            line(&mut reader.take(MOST_OF_HEAD))?;
        }
    }
}
