//! Whether an object is ready: a pure answer to what was read. The loop that asks is in `apply/wait.rs`.

/// The state of an object on its way to being ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// Ready to be used.
    Yes,
    /// Not ready; what is missing, such as "2 of 3 tasks running".
    NotYet(String),
    /// It will never be ready; why.
    Failed(String),
    /// It is being deleted, by whomever, and will be gone: as a sentence.
    Leaving(String),
}
