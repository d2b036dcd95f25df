//! A bucket and a lock table in memory, whose calls fail as they are told to.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use crate::state::bucket::{Answer, Attribute, Bucket, Item, LockTable, Made, Object, Reason, Refused, When};

/// A bucket and a table. Clones share their content.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory(Arc<Mutex<Content>>);

#[derive(Debug, Default)]
pub(super) struct Content {
    pub(super) objects: BTreeMap<String, (Vec<u8>, u64)>,
    pub(super) items: BTreeMap<String, (Attribute, String)>,
    versions: u64,
    faults: Vec<Fault>,
    /// Keys of all puts that were made or refused on a condition.
    pub(super) puts: Vec<String>,
}

/// A kind of call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    Get,
    Put,
    Delete,
}

/// What happens to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// It is refused, and has no effect.
    Refused(Reason),
    /// It has its effect, and then this is the answer: the first one was lost.
    Answered(Reason),
    /// A get finds nothing, whatever is there.
    Nothing,
}

#[derive(Debug)]
struct Fault {
    call: Call,
    /// Part of the key, of an object or an item.
    key: String,
    what: What,
    times: usize,
}

fn refused(reason: Reason) -> Refused {
    Refused { reason, call: None, text: "refused".to_owned() }
}

impl Memory {
    pub(super) fn content(&self) -> MutexGuard<'_, Content> {
        self.0.lock().expect("a lock")
    }

    /// This happens to the next `times` calls of this kind whose key has this part, after the faults given before.
    pub(super) fn fail(&self, call: Call, key: &str, what: What, times: usize) {
        self.content().faults.push(Fault { call, key: key.to_owned(), what, times });
    }

    /// Nothing goes wrong any more.
    pub(super) fn heal(&self) {
        self.content().faults.clear();
    }

    pub(super) fn keys(&self) -> Vec<String> {
        self.content().objects.keys().cloned().collect()
    }

    pub(super) fn set(&self, key: &str, text: &str) {
        let mut content = self.content();
        content.versions += 1;
        let version = content.versions;
        content.objects.insert(key.to_owned(), (text.as_bytes().to_vec(), version));
    }

    pub(super) fn text(&self, key: &str) -> String {
        String::from_utf8(self.content().objects.get(key).expect("an object").0.clone()).expect("text")
    }

    /// The text of an item.
    pub(super) fn item(&self, id: &str) -> String {
        self.content().items.get(id).expect("an item").1.clone()
    }

    pub(super) fn set_item(&self, id: &str, what: Attribute, text: &str) {
        self.content().items.insert(id.to_owned(), (what, text.to_owned()));
    }

    pub(super) fn remove(&self, key: &str) {
        self.content().objects.remove(key);
    }
}

impl Content {
    /// The fault of this call, if it has one.
    fn fault(&mut self, call: Call, key: &str) -> Option<What> {
        let fault = self
            .faults
            .iter_mut()
            .find(|fault| fault.times > 0 && fault.call == call && key.contains(fault.key.as_str()))?;
        fault.times -= 1;
        Some(fault.what)
    }

    /// Does it unless it is refused; the answer is that of the fault, or of `act`.
    fn act<T>(
        &mut self,
        call: Call,
        key: &str,
        act: impl FnOnce(&mut Self) -> Result<T, Refused>,
    ) -> Result<T, Refused> {
        match self.fault(call, key) {
            Some(What::Refused(reason)) => Err(refused(reason)),
            Some(What::Answered(reason)) => act(self).and_then(|_| Err(refused(reason))),
            Some(What::Nothing) | None => act(self),
        }
    }

    fn put(&mut self, key: &str, bytes: Vec<u8>, when: When<'_>) -> Result<String, Refused> {
        self.puts.push(key.to_owned());
        let now = self.objects.get(key).map(|(_, version)| version.to_string());
        if !fits(when, now.as_deref()) {
            return Err(refused(Reason::Condition));
        }
        self.versions += 1;
        self.objects.insert(key.to_owned(), (bytes, self.versions));
        Ok(self.versions.to_string())
    }

    fn put_item(&mut self, id: &str, what: Attribute, text: String, when: When<'_>) -> Result<(), Refused> {
        if !fits(when, self.items.get(id).map(|(_, text)| text.as_str())) {
            return Err(refused(Reason::Condition));
        }
        self.items.insert(id.to_owned(), (what, text));
        Ok(())
    }

    fn get<T>(&mut self, key: &str, look: impl FnOnce(&Self) -> Option<T>) -> Result<Option<T>, Refused> {
        match self.fault(Call::Get, key) {
            Some(What::Refused(reason) | What::Answered(reason)) => Err(refused(reason)),
            Some(What::Nothing) => Ok(None),
            None => Ok(look(self)),
        }
    }
}

fn fits(when: When<'_>, now: Option<&str>) -> bool {
    match when {
        When::Always => true,
        When::Absent => now.is_none(),
        When::Is(then) => now == Some(then),
    }
}

impl Bucket for Memory {
    fn name(&self) -> &'static str {
        "states"
    }

    fn get<'a>(&'a self, key: &'a str) -> Answer<'a, Option<Object>> {
        let found = self.content().get(key, |content| {
            let (bytes, version) = content.objects.get(key)?;
            Some(Object { bytes: bytes.clone(), etag: version.to_string() })
        });
        Box::pin(async { found })
    }

    fn put<'a>(&'a self, key: &'a str, bytes: Vec<u8>, when: When<'a>) -> Answer<'a, String> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            self.content().act(Call::Put, key, |content| content.put(key, bytes, when))
        })
    }

    fn delete<'a>(&'a self, keys: &'a [String]) -> Answer<'a, ()> {
        let deleted = keys.iter().try_for_each(|key| {
            self.content().act(Call::Delete, key, |content| {
                content.objects.remove(key);
                Ok(())
            })
        });
        Box::pin(async { deleted })
    }

    fn list<'a>(&'a self, prefix: &'a str) -> Answer<'a, Vec<String>> {
        let keys = self.keys().into_iter().filter(|key| key.starts_with(prefix)).collect();
        Box::pin(async { Ok(keys) })
    }

    fn make(&self) -> Answer<'_, Made> {
        Box::pin(async { Ok(Made::Before) })
    }
}

impl LockTable for Memory {
    fn name(&self) -> &'static str {
        "locks"
    }

    fn get<'a>(&'a self, id: &'a str, what: Attribute) -> Answer<'a, Option<Item>> {
        let found = self.content().get(id, |content| {
            let (found, text) = content.items.get(id)?;
            Some(Item { text: (*found == what).then(|| text.clone()) })
        });
        Box::pin(async { found })
    }

    fn put<'a>(&'a self, id: &'a str, what: Attribute, text: String, when: When<'a>) -> Answer<'a, ()> {
        let put = self.content().act(Call::Put, id, |content| content.put_item(id, what, text, when));
        Box::pin(async { put })
    }

    fn delete<'a>(&'a self, id: &'a str) -> Answer<'a, ()> {
        let deleted = self.content().act(Call::Delete, id, |content| {
            content.items.remove(id);
            Ok(())
        });
        Box::pin(async { deleted })
    }
}
