//! Copying to a machine with its `scp` in sink mode, as Terraform does: it needs no SFTP server there.
//!
//! The protocol is described in the comments of OpenSSH's `scp.c`: each message is answered by a zero byte, or by a
//! byte 1 or 2 and a line that says what is wrong.

use std::path::Path;
use std::pin::pin;

use russh::client::Msg;
use russh::{ChannelMsg, ChannelReadHalf, ChannelWriteHalf};
use tokio::fs::File;
use tokio::io::{AsyncRead, AsyncReadExt as _};

use super::{Machine, broken, command_line};
use crate::apply::provision::Failure;

/// How much is sent at a time.
const PIECE: usize = 32 * 1024;
/// How deep folders may be nested; links that lead back into themselves are deeper.
const DEEPEST: usize = 64;

/// What a folder is sent as.
#[derive(Debug, PartialEq, Eq)]
enum Entry {
    Enter(String),
    File(String, std::path::PathBuf),
    Leave,
}

impl Machine {
    /// Writes a file.
    pub(in crate::apply::provision) async fn write(&self, path: &str, content: &[u8]) -> Result<(), Failure> {
        let (folder, name) = split(path);
        let mut sink = self.sink("-vt", folder).await?;
        sink.file(name, content.len() as u64, content).await?;
        sink.end().await
    }

    /// Copies a local file.
    pub(in crate::apply::provision) async fn copy_file(&self, source: &Path, path: &str) -> Result<(), Failure> {
        let (folder, name) = split(path);
        let mut sink = self.sink("-vt", folder).await?;
        sink.copy(name, source).await?;
        sink.end().await
    }

    /// Copies what is in a local folder, and the folder itself unless only its content is meant.
    pub(in crate::apply::provision) async fn copy_folder(
        &self,
        source: &Path,
        only_content: bool,
        destination: &str,
    ) -> Result<(), Failure> {
        let mut entries = Vec::new();
        list(source, 0, &mut entries).map_err(|error| unreadable(source, &error))?;
        if !only_content {
            let name = source.file_name().unwrap_or(source.as_os_str()).to_string_lossy().into_owned();
            entries.insert(0, Entry::Enter(name));
            entries.push(Entry::Leave);
        }
        let mut sink = self.sink("-rvt", destination).await?;
        for entry in entries {
            match entry {
                Entry::Enter(name) => sink.tell(&format!("D0755 0 {}\n", one_line(&name)?)).await?,
                Entry::File(name, path) => sink.copy(&name, &path).await?,
                Entry::Leave => sink.tell("E\n").await?,
            }
        }
        sink.end().await
    }

    async fn sink(&self, flags: &str, folder: &str) -> Result<Sink, Failure> {
        let channel = self.channel().await?;
        let command = command_line(&["scp", flags, folder], self.is_windows);
        channel.exec(true, command).await.map_err(|error| broken(&error))?;
        let (read, write) = channel.split();
        let mut sink = Sink { read, write, bytes: Vec::new(), errors: String::new(), status: None, is_closed: false };
        sink.answer().await?;
        Ok(sink)
    }
}

/// A running `scp` on the machine.
struct Sink {
    read: ChannelReadHalf,
    write: ChannelWriteHalf<Msg>,
    /// Answers that were not looked at yet.
    bytes: Vec<u8>,
    /// What it prints besides.
    errors: String,
    status: Option<u32>,
    is_closed: bool,
}

impl Sink {
    async fn copy(&mut self, name: &str, source: &Path) -> Result<(), Failure> {
        let open = async {
            let file = File::open(source).await?;
            let size = file.metadata().await?.len();
            Ok((file, size))
        };
        let (file, size) = open.await.map_err(|error: std::io::Error| unreadable(source, &error))?;
        self.file(name, size, file).await
    }

    async fn file(&mut self, name: &str, size: u64, mut content: impl AsyncRead + Unpin) -> Result<(), Failure> {
        self.tell(&format!("C0644 {size} {}\n", one_line(name)?)).await?;
        let mut left = size;
        let mut piece = vec![0; PIECE];
        while left > 0 {
            let most = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
            match content.read(&mut piece[..most]).await {
                Ok(0) => return Err(Failure::plain("Upload failed: the file became shorter while it was sent.")),
                Ok(read) => {
                    self.send(piece[..read].to_vec()).await?;
                    left -= read as u64;
                }
                Err(error) => return Err(Failure::plain(format!("Upload failed: the file cannot be read: {error}."))),
            }
        }
        self.tell("\0").await
    }

    /// Sends a message and waits for the answer.
    async fn tell(&mut self, message: &str) -> Result<(), Failure> {
        self.send(message.as_bytes().to_vec()).await?;
        self.answer().await
    }

    async fn send(&mut self, bytes: Vec<u8>) -> Result<(), Failure> {
        let Self { read, write, .. } = self;
        let mut noted = Vec::new();
        let sent = {
            // The machine may give up while we wait until it takes more.
            let mut sending = pin!(write.data_bytes(bytes));
            loop {
                tokio::select! {
                    sent = &mut sending => break Some(sent),
                    message = read.wait() => {
                        let is_end = matches!(message, None | Some(ChannelMsg::Close | ChannelMsg::ExitStatus { .. }));
                        noted.push(message);
                        if is_end {
                            break None;
                        }
                    }
                }
            }
        };
        noted.into_iter().for_each(|message| self.note(message));
        match sent {
            Some(Ok(())) => Ok(()),
            Some(Err(error)) if !self.is_closed => Err(broken(&error)),
            _ => Err(self.given_up().await),
        }
    }

    fn note(&mut self, message: Option<ChannelMsg>) {
        match message {
            Some(ChannelMsg::Data { data }) => self.bytes.extend_from_slice(&data),
            Some(ChannelMsg::ExtendedData { data, .. }) => self.errors.push_str(&String::from_utf8_lossy(&data)),
            Some(ChannelMsg::ExitStatus { exit_status }) => self.status = Some(exit_status),
            Some(ChannelMsg::Close) | None => self.is_closed = true,
            Some(_) => {}
        }
    }

    /// The answer to a message.
    async fn answer(&mut self) -> Result<(), Failure> {
        loop {
            match self.bytes.first() {
                Some(0) => {
                    self.bytes.remove(0);
                    return Ok(());
                }
                Some(_) if self.bytes.contains(&b'\n') || self.is_closed => {
                    let text = String::from_utf8_lossy(&self.bytes[1..]).into_owned();
                    let text = text.lines().next().unwrap_or_default().to_owned();
                    return Err(refused(&text));
                }
                _ if self.is_closed => return Err(self.given_up().await),
                _ => {
                    let message = self.read.wait().await;
                    self.note(message);
                }
            }
        }
    }

    /// It ended although we were not done.
    async fn given_up(&mut self) -> Failure {
        while !self.is_closed {
            let message = self.read.wait().await;
            self.note(message);
        }
        if self.status == Some(127) {
            return Failure::plain(
                "SCP failed to start. This usually means that SCP is not properly installed on the remote system.",
            );
        }
        let said = String::from_utf8_lossy(&self.bytes);
        let said = said.trim_matches(|c: char| c.is_control() || c.is_whitespace());
        // With -v it tells everything it does: the last line is why it ended.
        let last = self.errors.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
        refused(if said.is_empty() { last } else { said })
    }

    /// Says that nothing more comes, and waits for its end.
    async fn end(mut self) -> Result<(), Failure> {
        self.write.eof().await.map_err(|error| broken(&error))?;
        while !self.is_closed {
            let message = self.read.wait().await;
            self.note(message);
        }
        match self.status {
            Some(0) | None => Ok(()),
            Some(_) => Err(self.given_up().await),
        }
    }
}

fn refused(why: &str) -> Failure {
    let why = if why.is_empty() { "scp ended before it was done" } else { why.trim() };
    Failure::told(format!("Upload failed: {why}"), "Upload failed: the machine does not take the file.")
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    let detail = format!("Upload failed: {} cannot be read: {error}.", path.display());
    Failure::told(detail, format!("Upload failed: the source cannot be read: {}.", error.kind()))
}

/// A name must not end the message it stands in.
fn one_line(name: &str) -> Result<&str, Failure> {
    if name.contains('\n') {
        return Err(Failure::plain("Upload failed: a name with a line break cannot be sent."));
    }
    Ok(name)
}

/// Folder and name of a path on the machine.
fn split(path: &str) -> (&str, &str) {
    let path = path.trim_end_matches('/');
    match path.rsplit_once('/') {
        Some(("", name)) => ("/", name),
        Some((folder, name)) => (folder, name),
        None => (".", path),
    }
}

/// What is in a folder, by name; links are followed.
fn list(folder: &Path, depth: usize, entries: &mut Vec<Entry>) -> std::io::Result<()> {
    if depth > DEEPEST {
        let why = format!("{} is nested too deeply, or is a link into itself", folder.display());
        return Err(std::io::Error::other(why));
    }
    let mut paths: Vec<_> =
        std::fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if std::fs::metadata(&path)?.is_dir() {
            entries.push(Entry::Enter(name));
            list(&path, depth + 1, entries)?;
            entries.push(Entry::Leave);
        } else {
            entries.push(Entry::File(name, path));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folder_and_name() {
        assert_eq!(split("/etc/app/app.conf"), ("/etc/app", "app.conf"));
        assert_eq!(split("/app.conf"), ("/", "app.conf"));
        assert_eq!(split("app.conf"), (".", "app.conf"));
        assert_eq!(split("/tmp/"), ("/", "tmp"));
    }

    #[test]
    fn a_link_into_itself_ends() {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(folder.path(), folder.path().join("again")).unwrap();
        let error = list(folder.path(), 0, &mut Vec::new()).unwrap_err();
        assert!(error.to_string().contains("link into itself") || error.raw_os_error().is_some(), "{error}");
    }
}
