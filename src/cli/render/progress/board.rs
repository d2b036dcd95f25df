//! What is running and what is still to come. Pure: time comes from outside.

use std::time::Duration;

use unicode_width::UnicodeWidthStr as _;

use crate::address::Address;
use crate::apply::{Act, Durations, Event, Stage};
use crate::cli::shell::{BOLD, DIM, GREEN, RED, paint};
use crate::plan::steps::{Step, What, chains};
use crate::resource::Registry;

/// How often a plain line says that a step still runs.
const REMIND: Duration = Duration::from_secs(10);
/// Running steps that the live area shows at most.
const MOST_LINES: usize = 12;

/// The steps of a run and how far each is.
#[derive(Debug)]
pub(super) struct Board {
    steps: Vec<Watched>,
    /// The places of the steps, by the names of their instances.
    by_address: Vec<usize>,
    done: usize,
}

#[derive(Debug)]
struct Watched {
    address: Address,
    what: What,
    /// Typical time of this step and of the longest chain behind it.
    chain: Duration,
    own: Duration,
    at: At,
}

/// How far a step is.
#[derive(Debug)]
enum At {
    Waiting,
    Running(Box<Running>),
    Over,
}

#[derive(Debug)]
struct Running {
    since: Duration,
    id: Option<String>,
    text: String,
    reminded: Duration,
}

/// Typical time of a step: what was measured, else what its type says.
pub(super) fn typical(step: &Step, registry: &Registry, durations: &Durations) -> Duration {
    if let Some(measured) = durations.median(step.address.type_name(), step.what) {
        return measured;
    }
    let Some(resource) = registry.resource(step.address.type_name()) else { return Duration::from_secs(1) };
    let [create, update, delete] = resource.pace().typical;
    match step.what {
        What::Create => create,
        What::Update | What::Deploy => update,
        What::Delete => delete,
        What::Read => Duration::from_secs(1),
    }
}

struct Words {
    doing: &'static str,
    still: &'static str,
    done: &'static str,
    failed: &'static str,
}

fn words(what: What) -> Words {
    let (doing, still, done, failed) = match what {
        What::Create => ("Creating", "creating", "Creation complete", "Creation errored"),
        What::Update => ("Modifying", "modifying", "Modifications complete", "Modifications errored"),
        What::Delete => ("Destroying", "destroying", "Destruction complete", "Destruction errored"),
        What::Deploy => ("Deploying", "deploying", "Deployment complete", "Deployment errored"),
        What::Read => ("Reading", "reading", "Read complete", "Read errored"),
    };
    Words { doing, still, done, failed }
}

fn id_suffix(id: Option<&String>) -> String {
    id.map(|id| format!(" [id={id}]")).unwrap_or_default()
}

/// `1h2m3s`, without smaller parts.
pub(super) fn seconds(time: Duration) -> String {
    let all = time.as_secs();
    match (all / 3600, all / 60 % 60, all % 60) {
        (0, 0, s) => format!("{s}s"),
        (0, m, s) => format!("{m}m{s}s"),
        (h, m, s) => format!("{h}h{m}m{s}s"),
    }
}

impl Board {
    /// Nothing is started yet. Steps are ordered so that each follows what it needs.
    pub(super) fn new(steps: &[Step], typical: impl Fn(&Step) -> Duration) -> Self {
        let chain = chains(steps, &typical);
        let mut by_address: Vec<usize> = (0..steps.len()).collect();
        by_address.sort_by(|a, b| steps[*a].address.cmp(&steps[*b].address));
        let watched = |(at, step): (usize, &Step)| Watched {
            address: step.address.clone(),
            what: step.what,
            chain: chain[at],
            own: typical(step),
            at: At::Waiting,
        };
        Self { steps: steps.iter().enumerate().map(watched).collect(), by_address, done: 0 }
    }

    /// The time that is probably left: the longest chain that is not over, without what has passed of it.
    pub(super) fn estimate(&self, now: Duration) -> Duration {
        let left = |step: &Watched| match &step.at {
            At::Waiting => step.chain,
            At::Running(running) => step.chain.saturating_sub(now.saturating_sub(running.since).min(step.own)),
            At::Over => Duration::ZERO,
        };
        self.steps.iter().map(left).max().unwrap_or_default()
    }

    /// Takes up an event; lines to print. A live area shows by itself what starts.
    pub(super) fn event(&mut self, event: Event, now: Duration, is_live: bool) -> Vec<String> {
        match event {
            Event::Started { address, what, id } => {
                let line = format!("{address}: {}...{}", words(what).doing, id_suffix(id.as_ref()));
                if let Some(step) = self.find(&address, Some(what), |at| matches!(at, At::Waiting)) {
                    step.at = At::Running(Running { since: now, id, text: String::new(), reminded: now }.into());
                }
                if is_live { Vec::new() } else { vec![paint(BOLD, line)] }
            }
            Event::Progress { address, text } => {
                let step = self.find(&address, None, |at| matches!(at, At::Running(_)));
                if let Some(At::Running(running)) = step.map(|step| &mut step.at) {
                    running.text = crate::cli::render::value::visible(&text.replace('\n', " "));
                }
                Vec::new()
            }
            Event::Provisioning { address, kind } => {
                vec![paint(BOLD, format!("{address}: Provisioning with '{kind}'..."))]
            }
            Event::Output { address, kind, line } => {
                vec![format!("{} {line}", paint(BOLD, format!("{address} ({kind}):")))]
            }
            Event::Done { address, what, id, time } => {
                self.over(&address, what);
                let shown = id.filter(|_| what != What::Delete);
                let head = format!("{address}: {} after {}", words(what).done, seconds(time));
                vec![paint(BOLD, head + &id_suffix(shown.as_ref()))]
            }
            Event::Failed { address, what, time, .. } => {
                self.over(&address, what);
                vec![paint(RED, format!("{address}: {} after {}", words(what).failed, seconds(time)))]
            }
            Event::Ephemeral { address, act, stage } => {
                let (doing, noun) = match act {
                    Act::Open => ("Opening...", "Opening"),
                    Act::Close => ("Closing...", "Closing"),
                };
                vec![match stage {
                    Stage::Begun => paint(BOLD, format!("{address}: {doing}")),
                    Stage::Done(time) => paint(BOLD, format!("{address}: {noun} complete after {}", seconds(time))),
                    Stage::Failed(time) => paint(RED, format!("{address}: {noun} errored after {}", seconds(time))),
                }]
            }
            Event::Stopping => Vec::new(),
            Event::RollingBack => vec![paint(RED, "Something failed: what was done is undone.")],
        }
    }

    fn find(&mut self, address: &Address, what: Option<What>, is: fn(&At) -> bool) -> Option<&mut Watched> {
        let fits = |step: &Watched| what.is_none_or(|what| step.what == what) && is(&step.at);
        let first = self.by_address.partition_point(|at| self.steps[*at].address < *address);
        let own = self.by_address[first..].iter().take_while(|at| self.steps[**at].address == *address);
        let at = own.copied().find(|at| fits(&self.steps[*at]))?;
        self.steps.get_mut(at)
    }

    /// The step is over; when it started.
    fn over(&mut self, address: &Address, what: What) {
        self.done += 1;
        if let Some(step) = self.find(address, Some(what), |at| matches!(at, At::Running(_))) {
            step.at = At::Over;
        }
    }

    /// Lines about steps that have been running for another while.
    pub(super) fn still(&mut self, now: Duration) -> Vec<String> {
        let mut lines = Vec::new();
        for Watched { address, what, at, .. } in &mut self.steps {
            let At::Running(running) = at else { continue };
            let Running { since, id, text, reminded } = &mut **running;
            if now.saturating_sub(*reminded) < REMIND {
                continue;
            }
            *reminded += REMIND;
            let elapsed = seconds(reminded.saturating_sub(*since));
            let id = id.as_ref().map(|id| format!("id={id}, ")).unwrap_or_default();
            let text = if text.is_empty() { String::new() } else { format!(" ({text})") };
            lines.push(format!("{address}: Still {}... [{id}{elapsed} elapsed]{text}", words(*what).still));
        }
        lines
    }

    /// The live area: how far the run is, then the steps that run, longest first.
    pub(super) fn area(&self, now: Duration, width: usize) -> Vec<String> {
        let left = self.estimate(now);
        let left = if left.is_zero() { String::new() } else { format!(", about {} left", seconds(left)) };
        let head = format!("{} of {} done{left}", self.done, self.steps.len());
        let mut lines = vec![paint(GREEN.bold(), fit(&head, width))];
        let mut running: Vec<(Duration, String)> = self.steps.iter().filter_map(|step| running(step, now)).collect();
        running.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
        let more = running.len().saturating_sub(MOST_LINES);
        lines.extend(running.iter().take(MOST_LINES).map(|(_, line)| fit(line, width)));
        if more > 0 {
            lines.push(paint(DIM, format!("  and {more} more")));
        }
        lines
    }
}

/// When the step started, and its line in the live area.
fn running(step: &Watched, now: Duration) -> Option<(Duration, String)> {
    let At::Running(running) = &step.at else { return None };
    let Running { since, text, .. } = &**running;
    let text = if text.is_empty() { String::new() } else { format!(": {text}") };
    let elapsed = seconds(now.saturating_sub(*since));
    Some((*since, format!("  {} {} {elapsed}{text}", words(step.what).doing, step.address)))
}

/// The line cut to the width, so that it stays one line.
fn fit(line: &str, width: usize) -> String {
    if line.width() < width {
        return line.to_owned();
    }
    let mut out = String::new();
    for c in line.chars() {
        if out.width() + 2 >= width {
            break;
        }
        out.push(c);
    }
    out + "…"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Diagnostic;

    fn address(text: &str) -> Address {
        text.parse().expect("an address")
    }

    fn board() -> Board {
        let step = |number, what, name: &str, needs: &[usize]| Step {
            number,
            what,
            change: number,
            address: address(name),
            needs: needs.to_vec(),
            joins: Vec::new(),
        };
        let steps = [
            step(0, What::Create, "toy.a", &[]),
            step(1, What::Create, "toy.b", &[0]),
            step(2, What::Delete, "toy.c", &[]),
        ];
        Board::new(&steps, |step| Duration::from_secs(if step.what == What::Create { 60 } else { 5 }))
    }

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn plain(lines: &[String]) -> String {
        anstream::adapter::strip_str(&lines.join("\n")).to_string()
    }

    fn started(name: &str, what: What, id: Option<&str>) -> Event {
        Event::Started { address: address(name), what, id: id.map(Into::into) }
    }

    #[test]
    fn plain_lines_in_terraforms_words() {
        let mut board = board();
        let mut all = Vec::new();
        all.extend(board.event(started("toy.a", What::Create, None), at(0), false));
        all.extend(board.event(started("toy.c", What::Delete, Some("c-1")), at(1), false));
        all.extend(board.still(at(9)));
        let text = "1 of 2 ready".to_owned();
        all.extend(board.event(Event::Progress { address: address("toy.a"), text }, at(9), false));
        all.extend(board.still(at(11)));
        all.extend(board.still(at(12)));
        let id = || Some("x-1".to_owned());
        let done = |name: &str, what, time| Event::Done { address: address(name), what, id: id(), time: at(time) };
        all.extend(board.event(done("toy.a", What::Create, 65), at(65), false));
        all.extend(board.event(done("toy.c", What::Delete, 3), at(66), false));
        all.extend(board.event(started("toy.b", What::Create, None), at(66), false));
        let problem = Diagnostic::error("Nope", "");
        all.extend(board.event(
            Event::Failed { address: address("toy.b"), what: What::Create, problem: Box::new(problem), time: at(4) },
            at(70),
            false,
        ));
        let expected = [
            "toy.a: Creating...",
            "toy.c: Destroying... [id=c-1]",
            "toy.a: Still creating... [10s elapsed] (1 of 2 ready)",
            "toy.c: Still destroying... [id=c-1, 10s elapsed]",
            "toy.a: Creation complete after 1m5s [id=x-1]",
            "toy.c: Destruction complete after 3s",
            "toy.b: Creation errored after 4s",
        ];
        let expected = expected.join("\n").replace("\ntoy.b: Creation", "\ntoy.b: Creating...\ntoy.b: Creation");
        assert_eq!(plain(&all), expected);
    }

    #[test]
    fn the_live_area_counts_and_estimates() {
        let mut board = board();
        assert_eq!(board.estimate(at(0)), at(120));
        assert!(board.event(started("toy.a", What::Create, None), at(0), true).is_empty());
        assert!(board.event(started("toy.c", What::Delete, None), at(2), true).is_empty());
        let text = "waiting for something with a long name".to_owned();
        board.event(Event::Progress { address: address("toy.a"), text }, at(9), true);
        assert_eq!(
            plain(&board.area(at(30), 40)),
            "0 of 3 done, about 1m30s left\n  Creating toy.a 30s: waiting for some…\n  Destroying toy.c 28s"
        );
    }
}
