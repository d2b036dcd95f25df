//! A table of Amazon DynamoDB with locks and checksums.
//!
//! API: DynamoDB 2012-08-10, `GetItem`, `PutItem`, `DeleteItem`.

use std::sync::Arc;

use crate::aws::client::Aws;
use crate::resource::Error;
use crate::state::bucket::LockTable;

/// Opens the table. Calls nobody.
#[cfg(not(feature = "dynamodb"))]
pub(super) fn open(_: &str, _: &Arc<Aws>) -> Result<Arc<dyn LockTable>, Error> {
    let text = "This glaz was compiled without the feature `dynamodb`: it cannot lock states with `dynamodb_table`. Use `use_lockfile`.";
    Err(Error::titled("DynamoDB is not supported", text))
}

/// Opens the table. Calls nobody.
#[cfg(feature = "dynamodb")]
#[allow(clippy::unnecessary_wraps)] // without the feature it fails
pub(super) fn open(name: &str, aws: &Arc<Aws>) -> Result<Arc<dyn LockTable>, Error> {
    Ok(Arc::new(items::Table { name: name.to_owned(), aws: aws.clone() }))
}

#[cfg(feature = "dynamodb")]
mod items {
    use std::sync::Arc;

    use aws_sdk_dynamodb::types::AttributeValue;

    use crate::aws::backend::refused;
    use crate::aws::client::Aws;
    use crate::state::bucket::{Answer, Attribute, Item, LockTable, Refused, When};

    /// A table.
    pub(super) struct Table {
        pub(super) name: String,
        pub(super) aws: Arc<Aws>,
    }

    impl std::fmt::Debug for Table {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.debug_struct("Table").field("name", &self.name).finish_non_exhaustive()
        }
    }

    /// The key of every item.
    const KEY: &str = "LockID";

    fn of(text: &str) -> AttributeValue {
        AttributeValue::S(text.to_owned())
    }

    impl Table {
        async fn read(&self, id: &str, what: Attribute) -> Result<Option<Item>, Refused> {
            let call = self.aws.dynamodb.get_item().table_name(&self.name).key(KEY, of(id)).consistent_read(true);
            let call = call.projection_expression(format!("{KEY}, {}", what.name()));
            let item = call.send().await.map_err(|error| refused(error.into()))?.item;
            Ok(item.map(|mut item| match item.remove(what.name()) {
                Some(AttributeValue::S(text)) => Item { text: Some(text) },
                _ => Item { text: None },
            }))
        }

        async fn write(&self, id: &str, what: Attribute, text: String, when: When<'_>) -> Result<(), Refused> {
            let call = self.aws.dynamodb.put_item().table_name(&self.name);
            let call = call.item(KEY, of(id)).item(what.name(), AttributeValue::S(text));
            let call = match when {
                When::Always => call,
                When::Absent => call.condition_expression(format!("attribute_not_exists({KEY})")),
                When::Is(now) => call
                    .condition_expression("#what = :now")
                    .expression_attribute_names("#what", what.name())
                    .expression_attribute_values(":now", of(now)),
            };
            call.send().await.map(drop).map_err(|error| refused(error.into()))
        }

        async fn remove(&self, id: &str) -> Result<(), Refused> {
            let call = self.aws.dynamodb.delete_item().table_name(&self.name).key(KEY, of(id));
            call.send().await.map(drop).map_err(|error| refused(error.into()))
        }
    }

    impl LockTable for Table {
        fn name(&self) -> &str {
            &self.name
        }

        fn get<'a>(&'a self, id: &'a str, what: Attribute) -> Answer<'a, Option<Item>> {
            Box::pin(self.read(id, what))
        }

        fn put<'a>(&'a self, id: &'a str, what: Attribute, text: String, when: When<'a>) -> Answer<'a, ()> {
            Box::pin(self.write(id, what, text, when))
        }

        fn delete<'a>(&'a self, id: &'a str) -> Answer<'a, ()> {
            Box::pin(self.remove(id))
        }
    }
}
