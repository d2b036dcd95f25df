//! The data source `http`, against servers of the tests' own.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::thread::JoinHandle;

use crate::support::stack::{Stack, stack};

/// Gives each connection the next answer; its URL and, in the end, the requests.
fn server(answers: Vec<Vec<u8>>) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let handle = std::thread::spawn(move || {
        let mut asked = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut request = String::new();
            while !request.ends_with("\r\n\r\n") && reader.read_line(&mut request).unwrap() > 0 {}
            let lower = request.to_lowercase();
            let length =
                lower.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next()?.parse().ok());
            let mut body = vec![0; length.unwrap_or(0)];
            reader.read_exact(&mut body).unwrap();
            asked.push(request + &String::from_utf8(body).unwrap());
            stream.write_all(&answer).unwrap();
        }
        asked
    });
    (url, handle)
}

fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

fn data(arguments: &str) -> Stack {
    stack().file(
        "main.tf",
        format!("data \"http\" \"a\" {{\n{arguments}\n}}\noutput \"a\" {{\n  value = data.http.a\n}}\n"),
    )
}

fn output(stack: &Stack) -> serde_json::Value {
    stack.state()["outputs"]["a"]["value"].clone()
}

#[test]
fn what_the_server_answers() {
    let (url, asked) = server(vec![answer("404 Not Found", "X-Two: a\r\nX-Two: b\r\nETag: q\r\n", b"h\xffi")]);
    let stack = data(&format!(
        "  url = \"{url}/x?y=1\"\n  method = \"POST\"\n  request_body = \"ask\"\n  request_headers = {{ Accept = \"text/x\" }}"
    ));
    stack.apply().succeeds();
    let found = output(&stack);
    assert_eq!(found["id"], format!("{url}/x?y=1"));
    assert_eq!(found["status_code"], 404);
    assert_eq!(found["response_body"], "h\u{fffd}i");
    assert_eq!(found["body"], found["response_body"]);
    assert_eq!(found["response_body_base64"], "aP9p");
    assert_eq!(found["response_headers"]["X-Two"], "a, b");
    assert_eq!(found["response_headers"]["Etag"], "q");
    assert_eq!(found["retry"], serde_json::Value::Null);
    let asked = asked.join().unwrap();
    assert!(asked[0].starts_with("POST /x?y=1 HTTP/1.1\r\n") && asked[0].ends_with("\r\n\r\nask"), "{asked:?}");
    assert!(asked[0].to_lowercase().contains("accept: text/x\r\n"), "{asked:?}");
}

#[test]
fn tries_again_only_when_asked_to() {
    let busy = || answer("503 Busy", "Retry-After: 7\r\n", b"");
    let (url, asked) = server(vec![busy()]);
    data(&format!("  url = \"{url}\""))
        .plan()
        .fails()
        .says("Error making request")
        .says("giving up after 1 attempt(s)");
    asked.join().unwrap();

    let (url, asked) = server(vec![busy(), answer("500 No", "", b""), answer("200 OK", "", b"at last")]);
    let stack = data(&format!("  url = \"{url}\"\n  retry {{\n    attempts = 2\n    min_delay_ms = 5\n  }}"));
    stack.apply().succeeds();
    assert_eq!(output(&stack)["response_body"], "at last");
    assert_eq!(output(&stack)["retry"]["attempts"], 2);
    assert_eq!(asked.join().unwrap().len(), 3);

    let (url, asked) = server(vec![answer("501 Not Implemented", "", b"")]);
    data(&format!("  url = \"{url}\"\n  retry {{\n    attempts = 2\n  }}")).run(&["plan"]).succeeds();
    assert_eq!(asked.join().unwrap().len(), 1);
}

#[test]
fn redirects_are_followed() {
    let (url, asked) = server(vec![answer("302 Found", "Location: /there\r\n", b""), answer("200 OK", "", b"here")]);
    let stack = data(&format!("  url = \"{url}/start\""));
    stack.apply().succeeds();
    assert_eq!(output(&stack)["response_body"], "here");
    assert!(asked.join().unwrap()[1].starts_with("GET /there "));
}

#[test]
fn what_goes_wrong() {
    let says = |arguments: &str, summary: &str, detail: &str| {
        data(arguments).plan().fails().says(summary).says(detail).never_says("hunter2");
    };
    says("  url = \"ftp://x\"", "Error creating request", "http://");
    says("  url = \"http://u:hunter2@127.0.0.1:9/\"", "Error making request", "giving up after 1 attempt(s)");
    says("  url = \"http://x\"\n  method = \"PUT\"", "Invalid argument", "\"PUT\" is not one of");
    says("  url = \"http://x\"\n  client_cert_pem = \"x\"", "Invalid Attribute Combination", "needs `client_key_pem`");
    says(
        "  url = \"http://x\"\n  ca_cert_pem = \"x\"\n  insecure = true",
        "Invalid Attribute Combination",
        "cannot be given beside `insecure`",
    );
    says("  url = \"http://x\"\n  request_timeout_ms = 0", "Invalid argument", "out of range");
    says(
        "  url = \"http://x\"\n  retry {\n    min_delay_ms = 5\n    max_delay_ms = 4\n  }",
        "Invalid Attribute Value",
        "`max_delay_ms` (4) is less than",
    );
    says("  url = \"https://127.0.0.1:9\"\n  ca_cert_pem = \"no pem\"", "Error", "");
}
