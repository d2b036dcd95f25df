//! What exists, as JSON.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::form::{address, blocks, texts};
use crate::address::Address;
use crate::plan::live::{Live, Object};
use crate::plan::sharing::Returned;
use crate::plan::turned::Turned;
use crate::rollout::Observed;
use crate::value::Value;
use crate::value::json::{JsonError, from_exact, to_exact};

#[derive(Serialize, Deserialize)]
pub(super) struct LiveForm {
    objects: Vec<(String, ObjectForm)>,
    deposed: Vec<(String, String, ObjectForm)>,
    #[serde(default)]
    left_out: Vec<(String, Json)>,
    drifted: Vec<(String, Json)>,
    fresh: Vec<String>,
    imported: Vec<(String, String)>,
    vanished: Vec<(String, ObjectForm)>,
    #[serde(default)]
    vanished_from: Vec<(String, String)>,
    leaving: Vec<(String, String)>,
    configured: Vec<(String, Json)>,
    #[serde(default)]
    went_back: Vec<(String, String)>,
    observed: Vec<(String, Observed)>,
    #[serde(default)]
    revisions: Vec<(String, Json)>,
    #[serde(default)]
    returned: Vec<(String, Returned)>,
}

#[derive(Serialize, Deserialize)]
struct ObjectForm {
    attributes: Json,
    provider: String,
    tainted: bool,
    dependencies: Vec<String>,
    create_before_destroy: bool,
}

/// What exists, as JSON.
pub(super) fn write(live: &Live) -> Result<LiveForm, JsonError> {
    let Live {
        objects,
        deposed,
        left_out,
        drifted,
        fresh,
        imported,
        vanished,
        vanished_from,
        leaving,
        configured,
        went_back,
        observed,
        revisions,
        returned,
        // These follow from the configuration again.
        taken_over: _,
        turned: _,
    } = live;
    let value = |(address, value): (&Address, &Value)| Ok((address.to_string(), to_exact(value)?));
    let named = |(address, object): (&Address, &Object)| Ok((address.to_string(), write_object(object)?));
    Ok(LiveForm {
        objects: objects.iter().map(named).collect::<Result<_, JsonError>>()?,
        deposed: deposed
            .iter()
            .map(|((address, key), object)| Ok((address.to_string(), key.clone(), write_object(object)?)))
            .collect::<Result<_, JsonError>>()?,
        left_out: left_out.iter().map(value).collect::<Result<_, JsonError>>()?,
        drifted: drifted.iter().map(value).collect::<Result<_, JsonError>>()?,
        fresh: texts(fresh),
        imported: imported.iter().map(|(address, id)| (address.to_string(), id.clone())).collect(),
        vanished: vanished.iter().map(named).collect::<Result<_, JsonError>>()?,
        vanished_from: vanished_from.iter().map(|(to, from)| (to.to_string(), from.to_string())).collect(),
        leaving: leaving.iter().map(|(address, why)| (address.to_string(), why.clone())).collect(),
        configured: configured.iter().map(value).collect::<Result<_, JsonError>>()?,
        went_back: went_back.iter().map(|(address, to)| (address.to_string(), to.clone())).collect(),
        observed: observed.iter().map(|(address, seen)| (address.to_string(), seen.clone())).collect(),
        revisions: revisions.iter().map(value).collect::<Result<_, JsonError>>()?,
        returned: returned.iter().map(|(address, one)| (address.to_string(), one.clone())).collect(),
    })
}

/// Reads what [`write`] wrote.
pub(super) fn read(form: LiveForm) -> Result<Live, JsonError> {
    let named = |(name, object): (String, ObjectForm)| Ok((address(&name)?, read_object(object)?));
    let deposed = form
        .deposed
        .into_iter()
        .map(|(name, key, object)| Ok::<_, JsonError>(((address(&name)?, key), read_object(object)?)));
    let value = |(name, value): &(String, Json)| Ok::<_, JsonError>((address(name)?, from_exact(value)?));
    Ok(Live {
        objects: form.objects.into_iter().map(named).collect::<Result<_, JsonError>>()?,
        deposed: deposed.collect::<Result<_, _>>()?,
        left_out: form.left_out.iter().map(value).collect::<Result<_, _>>()?,
        drifted: form.drifted.iter().map(value).collect::<Result<_, _>>()?,
        fresh: form.fresh.iter().map(|text| address(text)).collect::<Result<_, _>>()?,
        imported: form
            .imported
            .into_iter()
            .map(|(name, id)| Ok::<_, JsonError>((address(&name)?, id)))
            .collect::<Result<_, _>>()?,
        vanished: form.vanished.into_iter().map(named).collect::<Result<_, JsonError>>()?,
        vanished_from: form
            .vanished_from
            .iter()
            .map(|(to, from)| Ok::<_, JsonError>((address(to)?, address(from)?)))
            .collect::<Result<_, _>>()?,
        leaving: form
            .leaving
            .into_iter()
            .map(|(name, why)| Ok::<_, JsonError>((address(&name)?, why)))
            .collect::<Result<_, _>>()?,
        configured: form.configured.iter().map(value).collect::<Result<_, _>>()?,
        went_back: form
            .went_back
            .into_iter()
            .map(|(name, to)| Ok::<_, JsonError>((address(&name)?, to)))
            .collect::<Result<_, _>>()?,
        observed: form
            .observed
            .into_iter()
            .map(|(name, seen)| Ok::<_, JsonError>((address(&name)?, seen)))
            .collect::<Result<_, _>>()?,
        revisions: form.revisions.iter().map(value).collect::<Result<_, _>>()?,
        taken_over: std::collections::BTreeSet::new(),
        turned: Turned::default(),
        returned: form
            .returned
            .into_iter()
            .map(|(name, one)| Ok::<_, JsonError>((address(&name)?, one)))
            .collect::<Result<_, _>>()?,
    })
}

fn write_object(object: &Object) -> Result<ObjectForm, JsonError> {
    let Object { attributes, provider, is_tainted, dependencies, create_before_destroy } = object;
    Ok(ObjectForm {
        attributes: to_exact(attributes)?,
        provider: provider.clone(),
        tainted: *is_tainted,
        dependencies: texts(&**dependencies),
        create_before_destroy: *create_before_destroy,
    })
}

fn read_object(form: ObjectForm) -> Result<Object, JsonError> {
    Ok(Object {
        attributes: from_exact(&form.attributes)?,
        provider: form.provider,
        is_tainted: form.tainted,
        dependencies: blocks(&form.dependencies)?,
        create_before_destroy: form.create_before_destroy,
    })
}
