//! Data keys of AWS KMS, for the encryption of states.
//!
//! API: KMS 2014-11-01, `GenerateDataKey` and `Decrypt`.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::DataKeySpec;

use super::backend::refused;
use super::client::Aws;
use super::connect;
use super::provider::ProviderArgs;
use crate::resource::model::Field as _;
use crate::resource::{Error, Surroundings};
use crate::state::bucket::{Answer, DataKey, DataKeys, Refused};
use crate::value::Value;

/// KMS of an account and region.
struct Keys {
    aws: Arc<Aws>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys")
    }
}

/// KMS, with the connection arguments of a key provider block. Calls nobody.
///
/// # Errors
/// Arguments that contradict each other, files that cannot be read, no region.
pub async fn open(config: &Value, around: &Surroundings) -> Result<Arc<dyn DataKeys>, Error> {
    let args = ProviderArgs::decode_element(&super::bucket::connection(config))?;
    let account = connect::account(&args, around).await?;
    let aws = account.in_region(account.home_region().unwrap_or_default()).await?;
    Ok(Arc::new(Keys { aws }))
}

fn given(context: &BTreeMap<String, String>) -> Option<std::collections::HashMap<String, String>> {
    (!context.is_empty()).then(|| context.iter().map(|(name, value)| (name.clone(), value.clone())).collect())
}

impl Keys {
    async fn make(&self, id: &str, spec: &str, context: &BTreeMap<String, String>) -> Result<DataKey, Refused> {
        let call = self.aws.kms.generate_data_key().key_id(id).key_spec(DataKeySpec::from(spec));
        let made = call.set_encryption_context(given(context)).send().await.map_err(|error| refused(error.into()))?;
        match (made.plaintext, made.ciphertext_blob) {
            (Some(plain), Some(sealed)) => Ok(DataKey { plain: plain.into_inner(), sealed: sealed.into_inner() }),
            _ => Err(refused(Error::empty("GenerateDataKey"))),
        }
    }

    async fn unseal(&self, id: &str, sealed: Vec<u8>, context: &BTreeMap<String, String>) -> Result<Vec<u8>, Refused> {
        let call = self.aws.kms.decrypt().key_id(id).ciphertext_blob(Blob::new(sealed));
        let opened = call.set_encryption_context(given(context)).send().await.map_err(|error| refused(error.into()))?;
        opened.plaintext.map(Blob::into_inner).ok_or_else(|| refused(Error::empty("Decrypt")))
    }
}

impl DataKeys for Keys {
    fn generate<'a>(
        &'a self,
        id: &'a str,
        spec: &'a str,
        context: &'a BTreeMap<String, String>,
    ) -> Answer<'a, DataKey> {
        Box::pin(self.make(id, spec, context))
    }

    fn open<'a>(&'a self, id: &'a str, sealed: Vec<u8>, context: &'a BTreeMap<String, String>) -> Answer<'a, Vec<u8>> {
        Box::pin(self.unseal(id, sealed, context))
    }
}
