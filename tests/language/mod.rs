//! The language: what the real terraform answered, recorded in `corpus/`, and our answers.

mod configurations;
mod exact;
mod expressions;
mod formatting;
mod fuzz;
mod known;
mod orders;
mod states;
mod tool;
mod toy;
