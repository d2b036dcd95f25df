//! `random_pet`: a name that people can remember.
//!
//! <https://registry.terraform.io/providers/hashicorp/random/latest/docs/resources/pet>

use std::collections::BTreeMap;

use super::draw;
use crate::builtin::local::Local;
use crate::clock::Clock;
use crate::model;
use crate::resource::Error;

model! {
    /// A name that people can remember.
    pub struct Args {
        /// The name.
        id: Option<String> = computed(),
        /// Values whose change draws anew.
        keepers: Option<BTreeMap<String, String>> = optional().force_new(),
        /// Number of words.
        length: Option<i64> = optional().force_new().default(Lit::Int(2)).range(1, 1000),
        /// Word put before the name.
        prefix: Option<String> = optional().force_new(),
        /// Text between words.
        separator: Option<String> = optional().force_new().default(Lit::Str("-")),
    }
}

const ADVERBS: &[&str] = &[
    "boldly", "brightly", "calmly", "clearly", "daily", "deeply", "early", "easily", "evenly", "exactly", "fairly",
    "firmly", "freely", "gently", "gladly", "happily", "highly", "kindly", "largely", "lightly", "loudly", "mildly",
    "mostly", "nearly", "neatly", "newly", "openly", "partly", "plainly", "proudly", "purely", "quickly", "quietly",
    "rarely", "readily", "really", "safely", "sharply", "simply", "slowly", "smoothly", "softly", "solely", "steadily",
    "strongly", "surely", "truly", "warmly", "widely", "wisely",
];
const ADJECTIVES: &[&str] = &[
    "able", "agile", "amber", "ample", "apt", "blue", "bold", "brave", "brief", "bright", "calm", "clean", "clear",
    "clever", "cosy", "crisp", "eager", "fair", "famous", "fast", "fine", "firm", "fond", "fresh", "gentle", "glad",
    "golden", "grand", "green", "happy", "honest", "keen", "kind", "light", "lively", "loyal", "lucky", "mellow",
    "merry", "mighty", "modest", "neat", "noble", "plucky", "polite", "proud", "quick", "quiet", "rapid", "ready",
    "regal", "rosy", "royal", "sharp", "shy", "silver", "sleek", "smart", "snug", "solid", "steady", "sturdy", "sunny",
    "swift", "tidy", "tough", "vast", "vivid", "warm", "wise", "witty", "young",
];
const ANIMALS: &[&str] = &[
    "ant", "badger", "bat", "bear", "beaver", "bee", "bison", "bream", "carp", "cat", "cod", "crab", "crane",
    "cricket", "crow", "deer", "dog", "dove", "drake", "duck", "eagle", "eel", "elk", "falcon", "ferret", "finch",
    "fox", "frog", "gecko", "goat", "goose", "grouse", "gull", "hare", "hawk", "hedgehog", "hen", "heron", "horse",
    "ibex", "jay", "kite", "lark", "lion", "lizard", "llama", "lynx", "magpie", "marten", "mole", "moose", "moth",
    "mouse", "mule", "newt", "orca", "otter", "owl", "ox", "oyster", "panda", "perch", "pike", "pony", "puffin",
    "quail", "rabbit", "ram", "raven", "robin", "salmon", "seal", "shark", "sheep", "shrew", "shrimp", "snail",
    "sparrow", "squid", "stag", "stork", "swan", "tiger", "toad", "trout", "tuna", "turtle", "viper", "vole", "walrus",
    "wasp", "weasel", "whale", "wolf", "wren", "yak", "zebra",
];

/// The type.
pub struct RandomPet;

impl Local for RandomPet {
    type Model = Args;

    const TYPE: &'static str = "random_pet";

    fn make(want: &mut Args, clock: &Clock) -> Result<(), Error> {
        let length = want.length.unwrap_or(2);
        let mut words: Vec<String> = want.prefix.iter().filter(|prefix| !prefix.is_empty()).cloned().collect();
        for _ in 2..length {
            words.push((*draw::one_of(clock, ADVERBS)?).to_owned());
        }
        if length > 1 {
            words.push((*draw::one_of(clock, ADJECTIVES)?).to_owned());
        }
        words.push((*draw::one_of(clock, ANIMALS)?).to_owned());
        want.id = Some(words.join(want.separator.as_deref().unwrap_or("-")));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_its_prefix_and_words() {
        let mut args =
            Args { length: Some(3), prefix: Some("web".into()), separator: Some("_".into()), ..Args::default() };
        assert!(RandomPet::make(&mut args, &Clock::system()).is_ok());
        let id = args.id.unwrap_or_default();
        assert!(id.starts_with("web_"));
        assert_eq!(id.split('_').count(), 4);
    }
}
