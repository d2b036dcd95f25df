//! SDK errors as [`Error`]: operation, code, words, request id, and what kind of failure it was.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;

use crate::resource::{Error, ErrorKind};

/// Codes that say "too many calls", across services.
const THROTTLES: &[&str] = &[
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
];

/// Codes that say the credentials are wrong, missing or expired.
const CREDENTIALS: &[&str] = &[
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidClientTokenId",
    "MissingAuthenticationToken",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
];

impl<E> From<SdkError<E, HttpResponse>> for Error
where
    E: ProvideErrorMetadata + RequestId + std::error::Error + Send + Sync + 'static,
{
    fn from(error: SdkError<E, HttpResponse>) -> Self {
        let operation = operation_of::<E>();
        match &error {
            SdkError::ServiceError(service) => {
                let (code, status) = (service.err().code().unwrap_or_default(), service.raw().status().as_u16());
                let message = service.err().message().map_or_else(|| format!("HTTP status {status}"), str::to_owned);
                let request_id = service.err().request_id().map(str::to_owned);
                let kind = kind_of(code, &message, status);
                Self { operation, code: code.to_owned(), message, request_id, kind, summary: None }
            }
            SdkError::ResponseError(_) => Self::without_code(operation, deepest(&error), ErrorKind::Server),
            SdkError::ConstructionFailure(_) => Self::without_code(operation, deepest(&error), ErrorKind::Local),
            _ => {
                let text = deepest(&error);
                let lacks_credentials =
                    chain(&error).any(|text| text.contains("credentials") || text.contains("identity"));
                let kind = match &error {
                    _ if lacks_credentials => ErrorKind::Credentials,
                    // See `connect::http`: no connection was made.
                    SdkError::DispatchFailure(failure) if failure.is_user() => ErrorKind::Unreachable,
                    _ => ErrorKind::NoAnswer,
                };
                Self::without_code(operation, text, kind)
            }
        }
    }
}

impl Error {
    fn without_code(operation: String, message: String, kind: ErrorKind) -> Self {
        Self { operation, code: String::new(), message, request_id: None, kind, summary: None }
    }
}

/// `CreateTargetGroup` from the error type `…::CreateTargetGroupError`: the error itself does not say.
fn operation_of<E>() -> String {
    let path = std::any::type_name::<E>();
    let name = path.rsplit("::").next().unwrap_or(path);
    name.strip_suffix("Error").unwrap_or(name).to_owned()
}

fn kind_of(code: &str, message: &str, status: u16) -> ErrorKind {
    // EC2 says `AuthFailure` also of good credentials, where the object belongs to somebody else.
    let is_refused_caller = code == "AuthFailure" && message.contains("credentials");
    if THROTTLES.contains(&code) || status == 429 {
        ErrorKind::Throttled
    } else if CREDENTIALS.contains(&code) || is_refused_caller {
        ErrorKind::Credentials
    } else if status >= 500 {
        ErrorKind::Server
    } else {
        ErrorKind::Refused
    }
}

fn chain<'a>(error: &'a (dyn std::error::Error + 'static)) -> impl Iterator<Item = String> + 'a {
    std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string)
}

/// The innermost cause: outer ones only say "dispatch failure".
fn deepest(error: &(dyn std::error::Error + 'static)) -> String {
    chain(error).last().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_auth_failure_is_about_stands_in_its_text() {
        let kind = |message| kind_of("AuthFailure", message, 401);
        let wrong = "AWS was not able to validate the provided access credentials";
        assert_eq!(kind(wrong), ErrorKind::Credentials);
        assert_eq!(kind("You do not have permission to access the specified resource."), ErrorKind::Refused);
        assert_eq!(kind_of("ExpiredToken", "", 400), ErrorKind::Credentials);
    }
}
