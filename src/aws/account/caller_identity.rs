//! `data "aws_caller_identity"`: whose credentials are used.
//!
//! API: Security Token Service 2011-06-15, `GetCallerIdentity`, which needs no permission.
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>

use crate::aws::contract::*;

/// The data source.
pub struct CallerIdentity;

model! {
    /// Whose credentials are used.
    pub struct Args {
        /// Number of the account, twelve digits.
        account_id: Option<String> = computed(),
        /// ARN of the user or of the session of a role.
        arn: Option<String> = computed(),
        /// Unique id of the user or role; of a session with its name.
        user_id: Option<String> = computed(),
    }
}

impl Source for CallerIdentity {
    type Model = Args;
    const TYPE: &'static str = "aws_caller_identity";
    const GLOBAL: bool = true;

    async fn read(aws: &Aws, _want: Args) -> Result<(String, Args)> {
        let caller = aws.caller().await?;
        let account = &caller.account;
        let args = Args { account_id: Some(account.clone()), arn: caller.arn.clone(), user_id: caller.user.clone() };
        Ok((account.clone(), args))
    }
}
