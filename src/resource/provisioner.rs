//! Arguments of `provisioner` blocks and of the `connection` block inside them: attribute tables, nothing that runs.
//!
//! <https://developer.hashicorp.com/terraform/language/resources/provisioners/syntax>

use std::collections::BTreeMap;

use super::attr::{Schema, duration};
use super::model::Model as _;
use crate::model;

model! {
    /// Runs a command on this machine.
    pub struct LocalExec {
        /// The command, given to the interpreter as its last argument.
        command: String = required(),
        /// Program and arguments that run the command; `/bin/sh -c` when left out.
        interpreter: Vec<Option<String>> = optional(),
        /// Folder that the command starts in; the stack's folder when left out.
        working_dir: Option<String> = optional(),
        /// Variables for the command beside those of this process.
        environment: BTreeMap<String, Option<String>> = optional(),
        /// Whether the command itself is not shown; its output is.
        quiet: Option<bool> = optional(),
    }
}

model! {
    /// Runs scripts on another machine.
    pub struct RemoteExec {
        /// Commands, put together as one script.
        inline: Option<Vec<Option<String>>> = optional(),
        /// A local file to be run there.
        script: Option<String> = optional(),
        /// Local files to be run there one after the other.
        scripts: Option<Vec<Option<String>>> = optional(),
    }
}

model! {
    /// Copies a file or a folder to another machine.
    pub struct File {
        /// A local file or folder. A slash at the end means what is in the folder, without the folder itself.
        source: Option<String> = optional(),
        /// The text of the file, instead of `source`.
        content: Option<String> = optional(),
        /// Path on the other machine.
        destination: String = required(),
    }
}

model! {
    /// How another machine is reached.
    pub struct Connection {
        /// `ssh`. WinRM is not supported.
        r#type: Option<String> = optional(),
        /// User to log in as; `root` when left out.
        user: Option<String> = optional(),
        /// Password to log in with.
        password: Option<String> = optional().sensitive(),
        /// Name or address of the machine.
        host: String = required(),
        /// Port; 22 when left out.
        port: Option<i64> = optional(),
        /// How long to try, such as `30s`; five minutes when left out.
        timeout: Option<String> = optional(),
        /// Where scripts are put on the machine; `%RAND%` becomes a random number.
        script_path: Option<String> = optional(),
        /// `unix` or `windows`.
        target_platform: Option<String> = optional(),
        /// Private key in PEM or OpenSSH form.
        private_key: Option<String> = optional().sensitive(),
        /// Certificate of the private key, signed by an authority that the machine trusts.
        certificate: Option<String> = optional(),
        /// Whether keys of the SSH agent are tried; yes when there is one.
        agent: Option<bool> = optional(),
        /// Key of the agent that is tried first.
        agent_identity: Option<String> = optional(),
        /// Public key of the machine, or of the authority that signed it. Any key will do when left out.
        host_key: Option<String> = optional(),
        /// Scheme of the proxy: `http`, `https` or `socks5`.
        proxy_scheme: Option<String> = optional(),
        /// Proxy to go through.
        proxy_host: Option<String> = optional(),
        /// Port of the proxy.
        proxy_port: Option<i64> = optional(),
        /// User at the proxy.
        proxy_user_name: Option<String> = optional(),
        /// Password at the proxy.
        proxy_user_password: Option<String> = optional().sensitive(),
        /// Machine to jump over.
        bastion_host: Option<String> = optional(),
        /// Public key of the machine to jump over, or of the authority that signed it.
        bastion_host_key: Option<String> = optional(),
        /// Its port; `port` when left out.
        bastion_port: Option<i64> = optional(),
        /// User there; `user` when left out.
        bastion_user: Option<String> = optional(),
        /// Password there; `password` when left out.
        bastion_password: Option<String> = optional().sensitive(),
        /// Private key for it; `private_key` when left out.
        bastion_private_key: Option<String> = optional().sensitive(),
        /// Certificate for it; `certificate` when left out.
        bastion_certificate: Option<String> = optional(),
        /// WinRM only.
        https: Option<bool> = optional(),
        /// WinRM only.
        insecure: Option<bool> = optional(),
        /// WinRM only.
        use_ntlm: Option<bool> = optional(),
        /// WinRM only.
        cacert: Option<String> = optional(),
    }
}

/// The arguments of a kind of provisioner; `None` when there is no such kind.
pub fn table(kind: &str) -> Option<&'static Schema> {
    match kind {
        "local-exec" => Some(LocalExec::schema()),
        "remote-exec" => Some(RemoteExec::schema()),
        "file" => Some(File::schema()),
        _ => None,
    }
}

/// The arguments of a `connection` block.
pub fn connection() -> &'static Schema {
    Connection::schema()
}
/// What is wrong with a text argument of a `connection` block, as far as that can be told from it alone; empty text counts
/// as none.
pub fn misfit(argument: &str, text: &str) -> Option<&'static str> {
    match (argument, text) {
        ("type", "" | "ssh") | ("target_platform", "" | "unix" | "windows") => None,
        ("type", "winrm") => Some(
            "connection type 'winrm' not supported. Machines are reached over SSH only, also those with Windows: install its \
             OpenSSH server and set type = \"ssh\" and target_platform = \"windows\".",
        ),
        ("type", _) => Some("The type of the connection is not supported. It must be \"ssh\"."),
        ("target_platform", _) => Some("target_platform for provisioner has to be either unix or windows"),
        ("timeout", text) if !text.is_empty() && duration(text).is_none() => {
            Some("timeout must be a duration such as 30s or 5m")
        }
        _ => None,
    }
}
