//! The way to a machine: straight, or through an HTTP or SOCKS5 proxy.

use std::io::{Error, ErrorKind};

use base64::Engine as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::apply::provision::connection::Proxy;

/// The longest answer that an HTTP proxy may give.
const LONGEST_ANSWER: usize = 16 * 1024;

/// Connects to the machine.
pub(super) async fn connect(proxy: Option<&Proxy>, host: &str, port: u16) -> std::io::Result<TcpStream> {
    let Some(proxy) = proxy else {
        return TcpStream::connect((host, port)).await;
    };
    let mut stream = TcpStream::connect((proxy.host.as_str(), proxy.port)).await?;
    if proxy.is_socks {
        socks(&mut stream, proxy, host, port).await?;
    } else {
        http(&mut stream, proxy, host, port).await?;
    }
    Ok(stream)
}

/// <https://www.rfc-editor.org/rfc/rfc9110#name-connect>
async fn http(stream: &mut TcpStream, proxy: &Proxy, host: &str, port: u16) -> std::io::Result<()> {
    let name = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
    let mut request = format!("CONNECT {name} HTTP/1.1\r\nHost: {name}\r\n");
    if let Some((user, password)) = &proxy.user {
        let secret = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
        request.push_str(&format!("Proxy-Authorization: Basic {secret}\r\n"));
    }
    request.push_str("\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    // Byte by byte: what follows the answer belongs to the machine behind.
    while !answer.ends_with(b"\r\n\r\n") {
        if answer.len() > LONGEST_ANSWER {
            return Err(refused("its answer does not end"));
        }
        answer.push(stream.read_u8().await?);
    }
    let text = String::from_utf8_lossy(&answer);
    let status = text.split_whitespace().nth(1).unwrap_or_default();
    if status.starts_with('2') { Ok(()) } else { Err(refused(&format!("it answers {status}"))) }
}

/// <https://www.rfc-editor.org/rfc/rfc1928> and, for the password, <https://www.rfc-editor.org/rfc/rfc1929>.
async fn socks(stream: &mut TcpStream, proxy: &Proxy, host: &str, port: u16) -> std::io::Result<()> {
    const VERSION: u8 = 5;
    const NONE: u8 = 0;
    const PASSWORD: u8 = 2;
    let methods: &[u8] = if proxy.user.is_some() { &[VERSION, 2, NONE, PASSWORD] } else { &[VERSION, 1, NONE] };
    stream.write_all(methods).await?;
    let chosen = read::<2>(stream).await?;
    match (chosen, &proxy.user) {
        ([VERSION, NONE], _) => {}
        ([VERSION, PASSWORD], Some((user, password))) => {
            let mut message = vec![1];
            for text in [user, password] {
                message.push(length(text)?);
                message.extend_from_slice(text.as_bytes());
            }
            stream.write_all(&message).await?;
            if read::<2>(stream).await?[1] != 0 {
                return Err(refused("it does not accept the user and password"));
            }
        }
        _ => return Err(refused("it wants another way of logging in")),
    }
    let mut request = vec![VERSION, 1, 0];
    match host.parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V4(address)) => {
            request.push(1);
            request.extend_from_slice(&address.octets());
        }
        Ok(std::net::IpAddr::V6(address)) => {
            request.push(4);
            request.extend_from_slice(&address.octets());
        }
        Err(_) => {
            request.extend_from_slice(&[3, length(host)?]);
            request.extend_from_slice(host.as_bytes());
        }
    }
    request.extend_from_slice(&port.to_be_bytes());
    stream.write_all(&request).await?;
    let [_, reply, _, kind] = read::<4>(stream).await?;
    if reply != 0 {
        return Err(refused(&format!("it answers with error {reply}")));
    }
    let rest = match kind {
        1 => 4,
        4 => 16,
        _ => usize::from(stream.read_u8().await?),
    };
    let mut bound = vec![0; rest + 2];
    stream.read_exact(&mut bound).await.map(drop)
}

async fn read<const N: usize>(stream: &mut TcpStream) -> std::io::Result<[u8; N]> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes).await?;
    Ok(bytes)
}

fn length(text: &str) -> std::io::Result<u8> {
    u8::try_from(text.len()).map_err(|_| refused("a name or password of more than 255 bytes cannot be told to it"))
}

fn refused(why: &str) -> Error {
    Error::new(ErrorKind::ConnectionRefused, format!("the proxy does not connect: {why}"))
}
