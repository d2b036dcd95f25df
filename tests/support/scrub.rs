//! Takes out of a text what differs from run to run.

use std::sync::LazyLock;

use regex::Regex;

static TIMES: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b(?:\d+h ?)?(?:\d+m ?)?\d+(?:\.\d+)? ?(?:s|ms|seconds?)\b").unwrap());
static DATES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z| UTC| ?\+0000(?: UTC)?)?").unwrap()
});
static UUIDS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b").unwrap());
static IDS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\b([a-z]+)-[0-9a-f]{8,17}\b").unwrap());
static REQUESTS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?i)(request id:? )[A-Za-z0-9-]+").unwrap());

/// The text with times, dates, identifiers, and these words taken out.
pub fn scrub(text: &str, words: &[(&str, &str)]) -> String {
    let mut text = text.to_owned();
    for (word, instead) in words {
        text = text.replace(word, instead);
    }
    let text = DATES.replace_all(&text, "[DATE]");
    let text = UUIDS.replace_all(&text, "[UUID]");
    let text = REQUESTS.replace_all(&text, "$1[ID]");
    let text = IDS.replace_all(&text, "$1-[ID]");
    let text = TIMES.replace_all(&text, "[TIME]");
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n").trim_end().to_owned()
}

#[test]
fn what_differs_is_gone_and_the_rest_stays() {
    let text = "/tmp/x/main.tf: vpc-0123456789abcdef0 made after 1.25s (12s, 1m2s) at 2026-01-02T03:04:05Z   \nport 80, 7 days, 10.0.0.0/16";
    assert_eq!(
        scrub(text, &[("/tmp/x", "[DIR]")]),
        "[DIR]/main.tf: vpc-[ID] made after [TIME] ([TIME], [TIME]) at [DATE]\nport 80, 7 days, 10.0.0.0/16"
    );
}
