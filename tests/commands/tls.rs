//! The `tls_*` types: an authority, a server's certificate, and a server that shows it.

use std::io::Write as _;
use std::net::TcpListener;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, Stream};

use crate::support::stack::{Stack, stack};

const STACK: &str = r#"
resource "tls_private_key" "authority" {
  algorithm   = "ECDSA"
  ecdsa_curve = "P384"
}

resource "tls_self_signed_cert" "authority" {
  private_key_pem       = tls_private_key.authority.private_key_pem
  validity_period_hours = 5
  early_renewal_hours   = 1
  is_ca_certificate     = true
  allowed_uses          = ["cert_signing", "digital_signature"]
  subject {
    common_name  = "Test authority"
    organization = "Tests, Inc."
  }
}

resource "tls_private_key" "server" {
  algorithm   = "ECDSA"
  ecdsa_curve = "P256"
}

resource "tls_cert_request" "server" {
  private_key_pem = tls_private_key.server.private_key_pem
  ip_addresses    = ["127.0.0.1"]
  dns_names       = ["localhost"]
  subject { common_name = "localhost" }
}

resource "tls_locally_signed_cert" "server" {
  cert_request_pem      = tls_cert_request.server.cert_request_pem
  ca_private_key_pem    = tls_private_key.authority.private_key_pem
  ca_cert_pem           = tls_self_signed_cert.authority.cert_pem
  validity_period_hours = 87600
  allowed_uses          = ["server_auth"]
}

output "chain" { value = "${tls_locally_signed_cert.server.cert_pem}${tls_self_signed_cert.authority.cert_pem}" }
output "authority" { value = tls_self_signed_cert.authority.cert_pem }
output "key" {
  value     = tls_private_key.server.private_key_pem_pkcs8
  sensitive = true
}
"#;

/// A server that shows the chain to so many callers; its port.
fn serve(chain: &str, key: &str, callers: usize) -> u16 {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(chain.as_bytes()).collect();
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain.unwrap(), key)
        .unwrap();
    let (config, listener) = (Arc::new(config), TcpListener::bind("127.0.0.1:0").unwrap());
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().take(callers) {
            let mut connection = ServerConnection::new(config.clone()).unwrap();
            // The caller may hang up when it does not trust us, or has seen enough.
            let _ = Stream::new(&mut connection, &mut stream.unwrap()).write(b"");
        }
    });
    port
}

fn output(stack: &Stack, name: &str) -> String {
    stack.run(&["output", "-raw", name]).succeeds().out
}

#[test]
fn a_server_shows_the_chain_that_was_made() {
    let stack = stack().file("main.tf", STACK);
    stack.apply().succeeds().never_says("PRIVATE KEY");
    stack.assert_nothing_to_do();
    let port = serve(&output(&stack, "chain"), &output(&stack, "key"), 3);
    let bundle = output(&stack, "authority");
    let asking = |verifies: bool| {
        format!(
            "data \"tls_certificate\" \"it\" {{\n  url = \"tls://localhost:{port}\"\n  verify_chain = {verifies}\n}}\n\
             output \"seen\" {{\n  value = [for c in data.tls_certificate.it.certificates : \
             \"${{c.subject}} by ${{c.issuer}} ${{c.signature_algorithm}} ${{c.is_ca}}\"]\n}}\n"
        )
    };
    let shown = [
        "CN=Test authority,O=Tests\\\\, Inc. by CN=Test authority,O=Tests\\\\, Inc. ECDSA-SHA384 true",
        "CN=localhost by CN=Test authority,O=Tests\\\\, Inc. ECDSA-SHA384 false",
    ];
    let other = self::stack().file("main.tf", asking(false));
    other.apply().succeeds().says(shown[0]).says(shown[1]);
    other.write("main.tf", asking(true));
    other.write("authority.pem", &bundle);
    let bundle = other.path("authority.pem").to_str().unwrap().to_owned();
    // The machine's own authorities do not know ours.
    other.write("other.pem", OTHER_AUTHORITY);
    let wrong = other.path("other.pem").to_str().unwrap().to_owned();
    let other = other.env("SSL_CERT_FILE", &wrong);
    other.plan().fails().says("shows no certificates").says("main.tf");
    other.env("SSL_CERT_FILE", &bundle).apply().succeeds();
}

#[test]
fn a_certificate_is_made_anew_before_it_ends() {
    let stack = stack().file("main.tf", STACK);
    stack.apply().succeeds();
    let first = output(&stack, "authority");
    stack.run(&["version"]).succeeds();
    stack.run(&["version"]).succeeds();
    // Four of its five hours are over, and the fifth is for renewing.
    stack
        .plan()
        .ends_with(2)
        .says("ready_for_renewal")
        .says("forces replacement")
        .says("2 to add, 0 to change, 2 to destroy");
    stack.apply().succeeds();
    assert_ne!(output(&stack, "authority"), first);
    stack.assert_nothing_to_do();
}

#[test]
fn wrong_input_is_told() {
    let certificate = |rest: &str| {
        format!(
            "resource \"tls_self_signed_cert\" \"c\" {{\n  validity_period_hours = 1\n  allowed_uses = []\n{rest}}}\n"
        )
    };
    let stack = stack().file("main.tf", certificate("  private_key_pem = \"hush\"\n"));
    stack.apply().fails().says("holds no private key in PEM");
    stack.write("main.tf", "resource \"tls_private_key\" \"k\" {\n  algorithm = \"RSA\"\n  rsa_bits = 5\n}\n");
    stack.plan().fails().says("rsa_bits").says("1024");
    stack.write("main.tf", "resource \"tls_private_key\" \"k\" {\n  algorithm = \"DSA\"\n}\n");
    stack.plan().fails().says("\"ED25519\"");
    stack.write("main.tf", "data \"tls_certificate\" \"d\" {\n  url = \"http://localhost\"\n}\n");
    stack.plan().fails().says("does not start with https:// or tls://");
    stack.write("main.tf", "data \"tls_certificate\" \"d\" {}\n");
    stack.plan().fails().says("content");
}

/// A self-signed certificate that nothing else uses.
const OTHER_AUTHORITY: &str = "-----BEGIN CERTIFICATE-----\n\
MIIBNjCB6aADAgECAhQ7O/T0ILnEgFM5VnFWnUa5JRMwQzAFBgMrZXAwEDEOMAwG\n\
A1UEAwwFT3RoZXIwIBcNMjYxMTIxMDgzNTIwWhgPMjEyNjEwMjgwODM1MjBaMBAx\n\
DjAMBgNVBAMMBU90aGVyMCowBQYDK2VwAyEA4yw16QgXCGgE+fE3jNJAwm2Q9gkQ\n\
x2RggcqcO1gUbbijUzBRMB0GA1UdDgQWBBRY/9AcW33Whn75AeckzmwcTEppcTAf\n\
BgNVHSMEGDAWgBRY/9AcW33Whn75AeckzmwcTEppcTAPBgNVHRMBAf8EBTADAQH/\n\
MAUGAytlcANBAH+s+TuIk9/8nkHa9M2TqcedCIbbDQL/PVfPHbIbFxGBHd5eCx8M\n\
FL1Ra9UlgorAsryCDmYtfMsTRAu7PJhIzgc=\n\
-----END CERTIFICATE-----\n";
