//! How long steps took in earlier runs: a small file in the data folder, for estimates. Nothing depends on it.

use std::path::PathBuf;

use super::place::Place;
use crate::apply::Durations;
use crate::state::store::atomic;

const MODE: u32 = 0o644;

fn file(place: &Place) -> PathBuf {
    place.data().join("glaz-durations.json")
}

/// What earlier runs measured; nothing when there is no such file, or none that makes sense.
pub(super) fn read(place: &Place) -> Durations {
    let bytes = std::fs::read(file(place)).unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}

/// Adds what this run measured. That it cannot be written is no failure of the run.
pub(super) fn remember(place: &Place, durations: &mut Durations, measured: Durations) {
    if measured.is_empty() {
        return;
    }
    durations.extend(measured);
    let Ok(text) = serde_json::to_vec(durations) else { return };
    let _ = std::fs::create_dir_all(place.data()).and_then(|()| atomic::replace(&file(place), &text, MODE));
}
