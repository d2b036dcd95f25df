//! Sends requests.

use std::io::Read as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ureq::tls::TlsConfig;
use ureq::{Agent, Proxy, http};

use super::relay::{self, Relay};
use super::settings::Settings;
use super::url::{join, parts};
use super::{Error, Request, Response, shown, tls};

/// Headers that stay with the host they were meant for.
const OF_THE_HOST: [&str; 3] = ["authorization", "cookie", "proxy-authorization"];

/// Sends requests. Cheap to clone; clones share their connections.
#[derive(Clone, Debug)]
pub struct Client {
    settings: Arc<Settings>,
    agent: Agent,
    /// Made at the first request that needs it: certificates take a while to read.
    tls: Arc<Mutex<Option<TlsConfig>>>,
}

impl Client {
    /// A client with these settings. Nothing is read or asked before the first request.
    pub fn new(settings: Settings) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .timeout_connect(Some(settings.connect_timeout))
            .user_agent(settings.agent.clone())
            .build();
        Self { settings: Arc::new(settings), agent: Agent::new_with_config(config), tls: Arc::default() }
    }

    /// Sends a request and follows redirects.
    ///
    /// # Errors
    /// There is no whole answer: no connection, no trust, too slow, too long, or too many redirects.
    pub fn send(&self, request: &Request) -> Result<Response, Error> {
        let mut request = request.clone();
        let mut left = request.redirects;
        loop {
            let response = self.once(&request)?;
            let Some(location) = redirect(&response).filter(|_| request.redirects > 0) else { return Ok(response) };
            if left == 0 {
                let why = format!("more than {} redirects", request.redirects);
                return Err(Error { url: shown(&request.url), why, may_pass: false });
            }
            left -= 1;
            follow(&mut request, response.status, &join(&response.url, location))?;
        }
    }

    fn once(&self, request: &Request) -> Result<Response, Error> {
        let fail = |why: String, may_pass: bool| Error { url: shown(&request.url), why, may_pass };
        let Some((scheme, ..)) = parts(&request.url) else {
            return Err(fail("this is no URL of a web server".to_owned(), false));
        };
        let proxy = self.settings.proxies.of(&request.url);
        let proxy = proxy.map(|url| parsed(url).map_err(|why| fail(why, false))).transpose()?;
        if let Some(proxy) = proxy.as_ref().filter(|_| !scheme.eq_ignore_ascii_case("https"))
            && proxy.uri().scheme_str() == Some("http")
        {
            let user = proxy.username().map(|user| (user, proxy.password().unwrap_or_default()));
            let relay = Relay { host: proxy.host(), port: proxy.port(), user };
            return relay::send(request, &relay, &self.settings).map_err(|(why, again)| fail(why, again));
        }
        let mut sent = http::Request::builder().method(request.method.as_str()).uri(&request.url);
        for (name, value) in &request.headers {
            sent = sent.header(name, value);
        }
        let sent = sent.body(request.body.clone().unwrap_or_default());
        let sent = sent.map_err(|error| fail(format!("the request cannot be written: {error}"), false))?;
        let mut config = self
            .agent
            .configure_request(sent)
            .timeout_global(request.timeout)
            // GET with a body is odd, but the caller's business.
            .allow_non_standard_methods(true);
        if scheme.eq_ignore_ascii_case("https")
            || proxy.as_ref().is_some_and(|proxy| proxy.uri().scheme_str() == Some("https"))
        {
            config = config.tls_config(self.tls().map_err(|why| fail(why, false))?);
        }
        let sent = config.proxy(proxy).build();
        let answer = if request.body.is_some() { self.agent.run(sent) } else { self.agent.run(sent.map(|_| ())) };
        let mut answer =
            answer.map_err(|error| failure(&error, request.timeout)).map_err(|(why, again)| fail(why, again))?;
        let mut body = Vec::new();
        let mut reader = answer.body_mut().with_config().limit(u64::MAX).reader().take(request.limit.saturating_add(1));
        reader.read_to_end(&mut body).map_err(|error| fail(format!("the answer breaks off: {error}"), true))?;
        if u64::try_from(body.len()).unwrap_or(u64::MAX) > request.limit {
            return Err(fail(format!("the answer is longer than {} bytes", request.limit), false));
        }
        let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = answer.headers().iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
        Ok(Response { status: answer.status().as_u16(), headers, body, url: request.url.clone() })
    }

    fn tls(&self) -> Result<TlsConfig, String> {
        let mut made = self.tls.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(config) = &*made {
            return Ok(config.clone());
        }
        let config = tls::config(&self.settings)?;
        *made = Some(config.clone());
        Ok(config)
    }
}

fn parsed(url: &str) -> Result<Proxy, String> {
    let url = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
    Proxy::new(&url).map_err(|_| format!("the proxy {} cannot be used: its address is badly written", shown(&url)))
}

/// Where the answer sends us.
fn redirect(response: &Response) -> Option<&str> {
    matches!(response.status, 301 | 302 | 303 | 307 | 308).then(|| response.header("location")).flatten()
}

/// The request after a redirect. Secrets stay with their host, and never go from https to http.
fn follow(request: &mut Request, status: u16, to: &str) -> Result<(), Error> {
    let (Some(from), Some(next)) = (parts(&request.url), parts(to)) else {
        let why = format!("it redirects to {}, which is no URL of a web server", shown(to));
        return Err(Error { url: shown(&request.url), why, may_pass: false });
    };
    if from.0.eq_ignore_ascii_case("https") && !next.0.eq_ignore_ascii_case("https") {
        let why = format!("it redirects from https to {}, which anybody on the way could read or change", shown(to));
        return Err(Error { url: shown(&request.url), why, may_pass: false });
    }
    if !from.1.eq_ignore_ascii_case(next.1) || from.2 != next.2 {
        request.headers.retain(|(name, _)| !OF_THE_HOST.contains(&name.to_lowercase().as_str()));
    }
    // As browsers and curl do: 303 always asks with GET, 301 and 302 after a POST.
    if status == 303 && request.method != "HEAD" || matches!(status, 301 | 302) && request.method == "POST" {
        "GET".clone_into(&mut request.method);
        request.body = None;
    }
    to.clone_into(&mut request.url);
    Ok(())
}

/// Why there is no answer, and whether trying again may help.
fn failure(error: &ureq::Error, timeout: Option<Duration>) -> (String, bool) {
    match error {
        ureq::Error::HostNotFound => ("there is no such host".to_owned(), true),
        ureq::Error::Timeout(_) => match timeout {
            Some(limit) => (format!("no answer within {} seconds", limit.as_secs()), true),
            None => ("no answer in time".to_owned(), true),
        },
        ureq::Error::Io(error) if matches!(error.get_ref(), Some(inner) if inner.is::<rustls::Error>()) => {
            (format!("the connection is not safe: {error}"), false)
        }
        ureq::Error::Io(error) => (format!("the connection fails: {error}"), true),
        ureq::Error::ConnectionFailed => ("the connection fails".to_owned(), true),
        ureq::Error::ConnectProxyFailed(why) => (format!("the proxy does not connect: {why}"), true),
        ureq::Error::Rustls(error) => (format!("the connection is not safe: {error}"), false),
        other => (other.to_string(), false),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::io::{BufRead as _, BufReader, Write as _};
    use std::net::TcpListener;

    use super::*;

    /// Answers each connection in turn; gives back its address and, in the end, what was asked.
    fn server(answers: Vec<String>) -> (String, std::thread::JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let handle = std::thread::spawn(move || {
            let mut asked = Vec::new();
            for answer in answers {
                let (mut stream, _) = listener.accept().expect("a connection");
                let mut request = String::new();
                let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
                while !request.ends_with("\r\n\r\n") && reader.read_line(&mut request).expect("a line") > 0 {}
                asked.push(request);
                stream.write_all(answer.as_bytes()).expect("written");
            }
            asked
        });
        (address, handle)
    }

    fn client(environment: &[(&str, &str)]) -> Client {
        let environment: BTreeMap<String, String> =
            environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Client::new(Settings::from_environment(&environment, "glaz-test"))
    }

    fn ok(body: &str) -> String {
        format!("HTTP/1.1 200 OK\r\nX-Thing: a\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
    }

    fn moved(to: &str) -> String {
        format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    }

    #[test]
    fn an_answer_after_redirects_and_secrets_that_stay_with_their_host() {
        let (second, other) = server(vec![ok("hello")]);
        let (first, own) = server(vec![moved("/next"), moved(&format!("http://{second}/there"))]);
        let request = Request::get(format!("http://{first}/start")).header("Authorization", "Bearer secret");
        let response = client(&[]).send(&request).expect("an answer");
        assert_eq!((response.status, response.body.as_slice()), (200, b"hello".as_slice()));
        assert_eq!(response.header("x-thing"), Some("a"));
        assert_eq!(response.url, format!("http://{second}/there"));
        let own = own.join().expect("no panic");
        assert!(own[0].starts_with("GET /start ") && own[0].to_lowercase().contains("user-agent: glaz-test"));
        assert!(own[1].starts_with("GET /next ") && own[1].contains("Bearer secret"));
        assert!(!other.join().expect("no panic")[0].contains("secret"));
        assert!(!format!("{request:?}").contains("secret"));
    }

    #[test]
    fn limits() {
        let (address, _own) = server(vec![ok("hello"), moved("/a"), moved("/b"), moved("/c")]);
        let short = Request::get(format!("http://{address}/")).limit(4);
        assert_eq!(client(&[]).send(&short).expect_err("too long").why, "the answer is longer than 4 bytes");
        let few = Request { redirects: 1, ..Request::get(format!("http://{address}/")) };
        assert_eq!(client(&[]).send(&few).expect_err("too many").why, "more than 1 redirects");
        let none = Request { redirects: 0, ..Request::get(format!("http://{address}/")) };
        assert_eq!(client(&[]).send(&none).expect("an answer").status, 302);
    }

    #[test]
    fn without_tls_a_proxy_is_asked_for_the_whole_url() {
        let chunked =
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nthe\r\n2\r\nre\r\n0\r\n\r\n".to_owned();
        let early = format!("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n{}", ok("through"));
        let (proxy, asked) =
            server(vec![early, moved("http://b.invalid/"), chunked, ok("long"), "nonsense\n\n".into()]);
        let through = client(&[("HTTP_PROXY", &format!("http://u:p@{proxy}")), ("NO_PROXY", "c.invalid")]);
        let answer = through.send(&Request::get("http://me:word@a.invalid:81/x/y?z=1#f")).expect("an answer");
        assert_eq!((answer.status, answer.body.as_slice()), (200, b"through".as_slice()));
        let answer = through.send(&Request::get("http://a.invalid?q")).expect("an answer");
        assert_eq!(answer.body, b"there");
        let long = Request::get("http://a.invalid/").limit(3);
        assert_eq!(through.send(&long).expect_err("too long").why, "the answer is longer than 3 bytes");
        assert!(through.send(&Request::get("http://a.invalid/")).is_err_and(|error| error.why.contains("HTTP")));
        let split = Request::get("http://a.invalid/").header("X-A", "b\r\nX-C: d");
        assert!(through.send(&split).is_err_and(|error| error.why.contains("header")));
        let asked = asked.join().expect("no panic");
        let first = asked[0].to_lowercase();
        assert!(asked[0].starts_with("GET http://a.invalid:81/x/y?z=1 HTTP/1.1\r\n"), "{}", asked[0]);
        assert!(first.contains("host: a.invalid:81\r\n") && first.matches("host:").count() == 1, "{first}");
        assert!(asked[0].contains("Basic dTpw") && asked[0].contains("Basic bWU6d29yZA=="), "{}", asked[0]);
        assert!(asked[1].starts_with("GET http://a.invalid/?q HTTP/1.1\r\n"), "{}", asked[1]);
        assert!(asked[2].starts_with("GET http://b.invalid/ HTTP/1.1\r\n"), "{}", asked[2]);
        assert!(through.send(&Request::get("http://c.invalid/")).is_err());
    }

    #[test]
    fn a_proxy_and_what_does_not_work() {
        let (proxy, asked) =
            server(vec!["HTTP/1.1 403 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_owned()]);
        let through = client(&[("HTTPS_PROXY", &format!("http://u:p@{proxy}"))]);
        assert!(through.send(&Request::get("https://registry.invalid/x")).is_err());
        let asked = asked.join().expect("no panic");
        assert!(asked[0].starts_with("CONNECT registry.invalid:443 "), "{}", asked[0]);
        assert!(asked[0].contains("Basic dTpw"), "{}", asked[0]);
        let plain = client(&[]);
        assert!(plain.send(&Request::get("ftp//x")).is_err());
        let error = plain.send(&Request::get("http://u:secret@127.0.0.1:9/?token=secret")).expect_err("nobody listens");
        assert!(error.may_pass && !error.to_string().contains("secret"), "{error}");
        let missing = client(&[("SSL_CERT_FILE", "/nonexistent.pem")]);
        let error = missing.send(&Request::get("https://127.0.0.1:9/")).expect_err("no certificates");
        assert!(error.why.contains("/nonexistent.pem"), "{error}");
    }
}
