//! Git repositories, through the `git` command.
//!
//! An address comes from a stack file, which may be somebody else's: what starts with a hyphen never reaches git as an
//! argument of its own, only plain transports are allowed, and nobody is asked for a password.

use std::path::Path;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::fetch::Query;
use super::files;
use crate::http;

/// What git may use to reach a repository. `ext::` and the like run commands.
const TRANSPORTS: &str = "file:git:http:https:ssh";

/// Fetches a repository into the folder `into` and gives the commit that was taken.
pub(super) fn fetch(url: &str, pinned: Option<&str>, into: &Path) -> Result<String, String> {
    let (base, mut query) = Query::split(url)?;
    let (revision, depth, key) = (query.take("ref"), query.take("depth"), query.take("sshkey"));
    let url = query.onto(&base);
    let scheme = url.split("://").next().unwrap_or_default();
    if !url.contains("://") || !TRANSPORTS.split(':').any(|known| known == scheme) {
        return Err(format!(
            "{} is no address of a git repository: it starts with https://, ssh://, git:// or file://",
            http::shown(&url)
        ));
    }
    let host = url[scheme.len() + 3..].rsplit('@').next().unwrap_or_default();
    if host.starts_with('-') || url.contains(['\n', '\r', '\0']) {
        return Err("the name of the host is badly written".to_owned());
    }
    if let Some(revision) = &revision
        && (revision.starts_with('-') || revision.contains(|c: char| c.is_control() || c == ' '))
    {
        return Err(format!("\"{revision}\" cannot be the name of a revision"));
    }
    let depth = depth
        .map(|depth| depth.parse::<u32>().map_err(|_| format!("the depth \"{depth}\" is no number")))
        .transpose()?;
    let key = key.map(|key| Key::write(&key)).transpose()?;
    if pinned.is_some_and(|pinned| !is_commit(pinned)) {
        return Err("the lock file names a commit that is none".to_owned());
    }
    let git = Git { key: key.as_ref(), url: http::shown(&url), is_local: scheme == "file" };
    git.clone_into(&url, revision.as_deref(), depth.filter(|depth| *depth > 0), pinned, into)
}

/// A private key in a file that vanishes.
struct Key(tempfile::NamedTempFile);

impl Key {
    fn write(encoded: &str) -> Result<Self, String> {
        use std::io::Write as _;
        let bytes = STANDARD.decode(encoded).map_err(|_| "the parameter sshkey is not base64".to_owned())?;
        let failed = |error: std::io::Error| format!("the parameter sshkey cannot be put into a file: {error}");
        // Temporary files are readable by their owner only.
        let mut file = tempfile::NamedTempFile::new().map_err(failed)?;
        file.write_all(&bytes).map_err(failed)?;
        Ok(Self(file))
    }
}

struct Git<'a> {
    key: Option<&'a Key>,
    /// For messages.
    url: String,
    /// Whether the repository is on this machine: only such a one may have submodules from there.
    is_local: bool,
}

impl Git<'_> {
    fn clone_into(
        &self,
        url: &str,
        revision: Option<&str>,
        depth: Option<u32>,
        pinned: Option<&str>,
        into: &Path,
    ) -> Result<String, String> {
        // One commit is enough, and most revisions are branches or tags. A commit's own name needs the whole history.
        if depth.is_some() || !revision.is_some_and(is_commit) {
            match self.clone_once(url, revision, Some(depth.unwrap_or(1)), into) {
                Ok(()) if pinned.is_none_or(|pinned| self.head(into).is_ok_and(|head| head == pinned)) => {
                    self.submodules(into)?;
                    return self.head(into);
                }
                // The revision may be one that only a whole clone knows. Without one there is nothing else to try.
                Err(why) if revision.is_none() => return Err(why),
                Ok(()) | Err(_) => {}
            }
            files::remove(into).map_err(|error| format!("{} cannot be cleared: {error}", into.display()))?;
        }
        self.clone_once(url, None, None, into)?;
        let wanted = match pinned {
            Some(pinned) => pinned.to_owned(),
            None => self.resolve(revision.unwrap_or("HEAD"), into)?,
        };
        self.run(&["checkout", "--quiet", "--detach", &wanted], Some(into)).map_err(|why| match pinned {
            Some(pinned) => format!("the commit {pinned}, which the lock file names, is not there any more ({why})"),
            None => why,
        })?;
        self.submodules(into)?;
        self.head(into)
    }

    fn clone_once(&self, url: &str, revision: Option<&str>, depth: Option<u32>, into: &Path) -> Result<(), String> {
        let depth = depth.map(|depth| format!("--depth={depth}"));
        let branch = revision.map(|revision| format!("--branch={revision}"));
        let target = into.to_string_lossy();
        let options = [depth.as_deref(), branch.as_deref()];
        let args: Vec<&str> =
            ["clone", "--quiet"].into_iter().chain(options.into_iter().flatten()).chain(["--", url, &target]).collect();
        self.run(&args, None).map(drop)
    }

    /// The commit that a name means in a clone: a remote branch, a tag, or a commit.
    fn resolve(&self, revision: &str, into: &Path) -> Result<String, String> {
        let candidates =
            [format!("refs/remotes/origin/{revision}"), format!("refs/tags/{revision}"), revision.to_owned()];
        for candidate in candidates {
            let commit = format!("{candidate}^{{commit}}");
            if let Ok(found) = self.run(&["rev-parse", "--verify", "--quiet", "--end-of-options", &commit], Some(into))
            {
                return Ok(found.trim().to_owned());
            }
        }
        Err(format!("{} has no branch, tag or commit \"{revision}\"", self.url))
    }

    fn head(&self, into: &Path) -> Result<String, String> {
        self.run(&["rev-parse", "HEAD"], Some(into)).map(|commit| commit.trim().to_owned())
    }

    fn submodules(&self, into: &Path) -> Result<(), String> {
        if !into.join(".gitmodules").is_file() {
            return Ok(());
        }
        self.run(&["submodule", "--quiet", "update", "--init", "--recursive", "--depth=1"], Some(into)).map(drop)
    }

    /// Runs git; its output, or what it complained about.
    fn run(&self, args: &[&str], inside: Option<&Path>) -> Result<String, String> {
        let transports = if self.is_local { TRANSPORTS } else { TRANSPORTS.trim_start_matches("file:") };
        let mut command = Command::new("git");
        // The same content on every machine, and nothing of the repository's runs here.
        command.args([
            "-c",
            "core.autocrlf=false",
            "-c",
            "core.hooksPath=/dev/null",
            "-c",
            "advice.detachedHead=false",
        ]);
        if let Some(inside) = inside {
            command.arg("-C").arg(inside);
        }
        command.args(args).stdin(Stdio::null()).env("GIT_TERMINAL_PROMPT", "0").env("GIT_ALLOW_PROTOCOL", transports);
        for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
            command.env_remove(name);
        }
        if let Some(Key(file)) = self.key {
            let path = file.path().display();
            command.env("GIT_SSH_COMMAND", format!("ssh -i '{path}' -o IdentitiesOnly=yes -o BatchMode=yes"));
        }
        let output = command.output().map_err(|error| {
            format!("the command git cannot be run: {error}. Modules in git repositories need it to be installed")
        })?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let said = complaint(&String::from_utf8_lossy(&output.stderr)).unwrap_or_else(|| output.status.to_string());
        Err(format!("git says of {}: {said}", self.url))
    }
}

/// What git complained about, in one phrase: what ssh said too, without advice and progress.
fn complaint(text: &str) -> Option<String> {
    const SHOWN: usize = 3;
    const EMPTY: [&str; 4] = ["Cloning into", "Please make sure", "and the repository exists", "warning:"];
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut lines: Vec<&str> = lines.filter(|line| !EMPTY.iter().any(|empty| line.starts_with(empty))).collect();
    lines.dedup();
    let plain = |line: &&str| without_secrets(line.trim_start_matches("fatal: ")).trim_end_matches('.').to_owned();
    let last = lines.len().saturating_sub(SHOWN);
    (!lines.is_empty()).then(|| lines[last..].iter().map(plain).collect::<Vec<_>>().join("; "))
}

/// Whether it can be the name of a commit and hardly anything else.
fn is_commit(revision: &str) -> bool {
    (7..=64).contains(&revision.len()) && revision.chars().all(|c| c.is_ascii_hexdigit())
}

/// A line of git's without the user and password of URLs in it.
pub(super) fn without_secrets(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        out.push_str(before);
        let end = after.find(|c: char| c == '/' || c == '\'' || c.is_whitespace()).unwrap_or(after.len());
        rest = match after[..end].rfind('@') {
            Some(at) => &after[at + 1..],
            None => after,
        };
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_in_complaints() {
        let line = "fatal: unable to access 'https://me:word@h/x.git/': no such host";
        assert_eq!(without_secrets(line), "fatal: unable to access 'https://h/x.git/': no such host");
        assert_eq!(without_secrets("fatal: a@b"), "fatal: a@b");
    }

    #[test]
    fn complaints_say_why() {
        let text = "Cloning into 'x'...\nssh: connect to host h port 22: Connection refused\r\nfatal: Could not read from remote \
                    repository.\n\nPlease make sure you have the correct access rights\nand the repository exists.\n";
        let expected = "ssh: connect to host h port 22: Connection refused; Could not read from remote repository";
        assert_eq!(complaint(text).as_deref(), Some(expected));
        let secret = complaint("fatal: unable to access 'https://me:word@h/x.git/': no such host\n");
        assert_eq!(secret.as_deref(), Some("unable to access 'https://h/x.git/': no such host"));
        assert_eq!(complaint(" \n"), None);
    }

    #[test]
    fn addresses_that_are_refused() {
        let temp = tempfile::tempdir().expect("a folder");
        let into = temp.path().join("x");
        for url in [
            "ext::sh -c whoami",
            "--upload-pack=whoami",
            "https://-x/y",
            "ssh://u@-oProxyCommand=whoami/y",
            "file:///nonexistent?ref=--upload-pack=whoami",
            "file:///nonexistent?ref=a%0ab",
            "file:///nonexistent?depth=x",
            "file:///nonexistent?sshkey=%21",
            "ftp://h/y",
            "file:///nonexistent",
        ] {
            assert!(fetch(url, None, &into).is_err(), "{url}");
            assert!(!into.exists(), "{url}");
        }
    }
}
