//! `local-exec`: a command on this machine.
//!
//! <https://developer.hashicorp.com/terraform/language/resources/provisioners/local-exec>

use std::io::{PipeReader, Read as _};
use std::path::Path;
use std::process::{ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, Command};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::lines::Lines;
use super::{Failure, Site, quoted};
use crate::resource::provisioner::LocalExec;

/// Runs the command and shows what it prints.
pub(super) async fn run(site: &Site<'_>, args: &LocalExec) -> Result<(), Failure> {
    let words = words(args)?;
    let shown = if args.quiet == Some(true) {
        "local-exec: Executing: Suppressed by quiet=true".to_owned()
    } else {
        let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
        format!("Executing: [{}]", words.join(" "))
    };
    let folder = site.folder.join(args.working_dir.as_deref().unwrap_or_default());
    let (mut child, mut printed) = start(args, &words, &folder).map_err(|error| {
        let blank = format!("The command could not be started: {}.", error.kind());
        let what = if folder.is_dir() {
            format!("the program {} cannot be started", quoted(&words[0]))
        } else {
            format!("its folder {} cannot be used", folder.display())
        };
        Failure::told(format!("Error running command '{}': {what}: {error}.", args.command), blank)
    })?;
    site.say(&shown);
    let mut lines = Lines::default();
    let finished = tokio::select! {
        finished = follow(site, &mut child, &mut printed, &mut lines) => Some(finished),
        () = site.stop().asked() => None,
    };
    let Some(finished) = finished else {
        end(&mut child).await;
        return Err(Failure::Stopped);
    };
    lines.rest().iter().for_each(|line| site.say(line));
    match finished {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(failed(args, &lines.end(), &words_of(status))),
        Err(error) => Err(failed(args, &lines.end(), &error.to_string())),
    }
}

/// Interpreter and command.
fn words(args: &LocalExec) -> Result<Vec<String>, Failure> {
    if args.command.is_empty() {
        return Err(Failure::Told {
            summary: Some("Invalid local-exec provisioner command"),
            detail: "The command is empty. Give one that is not.".into(),
            blank: "The command is empty. Give one that is not.".into(),
        });
    }
    let mut words: Vec<String> = args.interpreter.iter().flatten().cloned().collect();
    if words.is_empty() {
        words = ["/bin/sh", "-c"].map(str::to_owned).to_vec();
    }
    words.push(args.command.clone());
    Ok(words)
}

/// Starts the command in a process group of its own; what it prints comes through one pipe, so that it stays in order.
fn start(args: &LocalExec, words: &[String], folder: &Path) -> std::io::Result<(Child, UnboundedReceiver<Vec<u8>>)> {
    let (reader, writer) = std::io::pipe()?;
    let mut command = Command::new(&words[0]);
    command
        .args(&words[1..])
        .current_dir(folder)
        .envs(args.environment.iter().filter_map(|(name, value)| Some((name, value.as_ref()?))))
        .stdin(Stdio::null())
        .stdout(writer.try_clone()?)
        .stderr(writer)
        .process_group(0)
        .kill_on_drop(true);
    let child = command.spawn()?;
    // The command holds the writing ends; without this ours would keep the pipe open for ever.
    drop(command);
    let (sender, receiver) = unbounded_channel();
    // A thread of its own: a process that the command left behind may hold the pipe, and nobody waits for a thread.
    std::thread::Builder::new().name("local-exec".into()).spawn(move || pump(reader, &sender))?;
    Ok((child, receiver))
}

fn pump(mut reader: PipeReader, sender: &tokio::sync::mpsc::UnboundedSender<Vec<u8>>) {
    let mut buffer = [0; 8192];
    loop {
        match reader.read(&mut buffer) {
            Ok(read) if read > 0 && sender.send(buffer[..read].to_vec()).is_ok() => {}
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            _ => return,
        }
    }
}

/// Shows what is printed until nobody holds the pipe any more, and waits for the end.
async fn follow(
    site: &Site<'_>,
    child: &mut Child,
    printed: &mut UnboundedReceiver<Vec<u8>>,
    lines: &mut Lines,
) -> std::io::Result<ExitStatus> {
    while let Some(bytes) = printed.recv().await {
        lines.take(&bytes).iter().for_each(|line| site.say(line));
    }
    child.wait().await
}

/// Asks all processes of the command to end, and kills those that are left when the first one has ended, or when the run
/// gives this up.
async fn end(child: &mut Child) {
    let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    let Some(group) = group.map(Group) else { return };
    if kill_process_group(group.0, Signal::TERM).is_ok() {
        // A process that cannot be waited for has been waited for already.
        drop(child.wait().await);
    }
}

/// The processes of a command that was asked to end.
struct Group(Pid);

impl Drop for Group {
    fn drop(&mut self) {
        // Where none is left there is nothing to do.
        let _ = kill_process_group(self.0, Signal::KILL);
    }
}

/// How the command ended, in words.
fn words_of(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt as _;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit status {code}"),
        (None, Some(signal)) => format!("ended by signal {signal}"),
        (None, None) => "it ended for no known reason".to_owned(),
    }
}

fn failed(args: &LocalExec, output: &str, why: &str) -> Failure {
    let output = output.trim_end();
    let output = if output.is_empty() { String::new() } else { format!(" Output:\n\n{output}") };
    Failure::told(
        format!("Error running command '{}': {why}.{output}", args.command),
        format!("Error running the command, which is not shown: {why}."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shell_runs_it_unless_an_interpreter_is_given() {
        let args = |interpreter: &[&str]| LocalExec {
            command: "true".into(),
            interpreter: interpreter.iter().map(|word| Some((*word).to_owned())).collect(),
            ..LocalExec::default()
        };
        assert!(words(&args(&[])).is_ok_and(|words| words == ["/bin/sh", "-c", "true"]));
        assert!(words(&args(&["python3", "-c"])).is_ok_and(|words| words == ["python3", "-c", "true"]));
        assert!(words(&LocalExec::default()).is_err());
    }
}
