//! A failed call, as data.

/// What kind of failure it was; decides what the engine does about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The service refused; asking again gives the same answer, unless a [`Retry`](super::Retry) says otherwise.
    Refused,
    /// Too many calls; ask again later. The call had no effect.
    Throttled,
    /// The service failed (HTTP 5xx); the call may have had its effect.
    Server,
    /// No answer arrived; the call may have had its effect.
    NoAnswer,
    /// There was no connection, after a few tries; the call had no effect.
    Unreachable,
    /// There are no usable credentials.
    Credentials,
    /// Found on this side: an answer without what must be in it, a value that does not fit, a failed local step.
    Local,
}

/// A failed call.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.told())]
pub struct Error {
    /// Such as `CreateTargetGroup`.
    pub operation: String,
    /// Error code on the wire, such as `ResourceInUse`; empty when there was no answer.
    pub code: String,
    /// The service's words.
    pub message: String,
    /// Request id, for AWS support.
    pub request_id: Option<String>,
    /// What kind of failure it was.
    pub kind: ErrorKind,
    /// Headline, where the provider has one of its own; `message` is then whole sentences.
    pub summary: Option<&'static str>,
}

impl Error {
    /// All there is to tell, without what is missing.
    fn told(&self) -> String {
        let parts = [&self.operation, &self.code, &self.message].map(String::as_str);
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ")
    }

    /// Something found on this side.
    pub fn local(operation: &str, message: impl Into<String>) -> Self {
        Self {
            operation: operation.into(),
            code: String::new(),
            message: message.into(),
            request_id: None,
            kind: ErrorKind::Local,
            summary: None,
        }
    }

    /// Something found on this side, under a headline of its own; `detail` is whole sentences.
    pub fn titled(summary: &'static str, detail: impl Into<String>) -> Self {
        Self { summary: Some(summary), ..Self::local("", detail) }
    }

    /// The answer lacks what must be in it.
    pub fn empty(operation: &str) -> Self {
        Self::local(operation, "The service answered without the object that the call makes.")
    }

    /// The answer does not have the object that was asked for: as when the service refuses the call with its code for
    /// that.
    pub fn missing(operation: &str, code: &str) -> Self {
        let error = Self::local(operation, "The service does not know the object.");
        Self { code: code.into(), kind: ErrorKind::Refused, ..error }
    }

    /// Whether the code is one of these.
    pub fn is(&self, codes: &[&str]) -> bool {
        codes.contains(&self.code.as_str())
    }

    /// Whether the credentials may not make the call.
    pub fn is_denied(&self) -> bool {
        self.kind == ErrorKind::Refused
            && self.is(&["AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "UnauthorizedAccess"])
    }

    /// Whether the call may have had its effect although it failed.
    pub fn is_uncertain(&self) -> bool {
        matches!(self.kind, ErrorKind::Server | ErrorKind::NoAnswer)
    }
}

impl From<super::model::Mismatch> for Error {
    fn from(mismatch: super::model::Mismatch) -> Self {
        Self::local("decode", format!("{mismatch}."))
    }
}
