//! Which types convert into which, and the type that several types have in common.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::Arc;

use crate::value::{Field, Type};

use super::is_same;

type Fields = BTreeMap<Arc<str>, Field>;

/// Whether values of type `from` convert to `to`. With `may_fail`, conversions that depend on the value count too.
pub fn can_convert(from: &Type, to: &Type, may_fail: bool) -> bool {
    if *to == Type::Any || (may_fail && *from == Type::Any) || is_same(from, to) {
        return true;
    }
    match (from, to) {
        (Type::Bool | Type::Number, Type::String) => true,
        (Type::String, Type::Bool | Type::Number) => may_fail,
        (Type::List(_), Type::Set(_)) if !may_fail => false,
        (Type::List(from) | Type::Set(from), Type::List(to) | Type::Set(to)) | (Type::Map(from), Type::Map(to)) => {
            can_convert(from, to, may_fail)
        }
        (Type::Tuple(from), Type::Tuple(to)) => {
            from.len() == to.len() && from.iter().zip(to.iter()).all(|(from, to)| can_convert(from, to, may_fail))
        }
        (Type::Tuple(from), Type::List(to) | Type::Set(to)) => all_to(&from.iter().collect::<Vec<_>>(), to, may_fail),
        (Type::Object(from), Type::Map(to)) => {
            // Elements of no type in particular may stand beside others in a map, though not in a list.
            let types: Vec<Type> = from.values().map(|field| field.ty.clone()).collect();
            (**to == Type::Any && unified(&types, may_fail) == Some(Type::Any))
                || all_to(&types.iter().collect::<Vec<_>>(), to, may_fail)
        }
        (Type::Object(from), Type::Object(to)) => to.iter().all(|(name, field)| {
            from.get(name).map_or(field.optional, |from| can_convert(&from.ty, &field.ty, may_fail))
        }),
        (Type::Map(from), Type::Object(to)) if may_fail => {
            to.values().all(|field| field.optional || can_convert(from, &field.ty, may_fail))
        }
        _ => false,
    }
}

/// Whether values of these types convert to elements of type `to`; to one common type when that is `any`.
fn all_to(from: &[&Type], to: &Type, may_fail: bool) -> bool {
    if from.is_empty() {
        return true;
    }
    if *to != Type::Any {
        return from.iter().all(|from| can_convert(from, to, may_fail));
    }
    let types: Vec<Type> = from.iter().map(|&ty| ty.clone()).collect();
    match unified(&types, may_fail) {
        Some(Type::Any) => from.iter().all(|from| **from == Type::Any),
        Some(common) => from.iter().all(|from| can_convert(from, &common, may_fail)),
        None => false,
    }
}

/// Whether a value of type `given` can stand where `wanted` is asked for, without conversion.
pub fn conforms(given: &Type, wanted: &Type) -> bool {
    match (given, wanted) {
        (_, Type::Any) => true,
        (Type::List(given), Type::List(wanted))
        | (Type::Set(given), Type::Set(wanted))
        | (Type::Map(given), Type::Map(wanted)) => conforms(given, wanted),
        (Type::Tuple(given), Type::Tuple(wanted)) => {
            given.len() == wanted.len()
                && given.iter().zip(wanted.iter()).all(|(given, wanted)| conforms(given, wanted))
        }
        (Type::Object(given), Type::Object(wanted)) => {
            given.len() == wanted.len()
                && given
                    .iter()
                    .zip(wanted.iter())
                    .all(|((a, given), (b, wanted))| a == b && conforms(&given.ty, &wanted.ty))
        }
        _ => given == wanted,
    }
}

/// The type that all of these convert to, if the values allow it.
pub fn unify(types: &[Type]) -> Option<Type> {
    unified(types, true)
}

/// The type that all of these convert to whatever the values.
pub fn unify_safely(types: &[Type]) -> Option<Type> {
    unified(types, false)
}

fn unified(types: &[Type], may_fail: bool) -> Option<Type> {
    let first = types.first()?;
    if types.iter().all(|ty| ty == first) && first.is_concrete() {
        return Some(first.clone());
    }
    // Long lists have few types: equal ones need not be compared with each other.
    let mut seen = HashSet::new();
    let types: &[Type] = &types.iter().filter(|ty| seen.insert(*ty)).cloned().collect::<Vec<_>>();
    let count = |is: fn(&Type) -> bool| types.iter().filter(|ty| is(ty)).count();
    let any = count(|ty| *ty == Type::Any);
    let maps = count(|ty| matches!(ty, Type::Map(_)));
    let lists = count(|ty| matches!(ty, Type::List(_)));
    let sets = count(|ty| matches!(ty, Type::Set(_)));
    let objects = count(|ty| matches!(ty, Type::Object(_)));
    let tuples = count(|ty| matches!(ty, Type::Tuple(_)));
    let all = types.len();
    let uniform = maps.max(lists).max(sets);
    if uniform > 0 && uniform + any == all {
        return collections(types, any > 0, may_fail);
    }
    if (maps > 0 && maps + objects + any == all) || (lists > 0 && lists + tuples + any == all) {
        if let Some(common) = with_uniform(types, may_fail) {
            return Some(common);
        }
    } else if objects > 0 && objects + any == all {
        return if any > 0 { Some(Type::Any) } else { unify_objects(types, may_fail) };
    } else if tuples > 0 && tuples + any == all {
        return if any > 0 { Some(Type::Any) } else { unify_tuples(types, may_fail) };
    } else if objects > 0 && tuples > 0 {
        return None;
    }
    let convertible = |wanted: &&Type| types.iter().all(|ty| ty == *wanted || can_convert(ty, wanted, may_fail));
    most_general_first(types).into_iter().map(|at| &types[at]).find(convertible).cloned()
}

fn collections(types: &[Type], has_any: bool, may_fail: bool) -> Option<Type> {
    if has_any {
        return Some(Type::Any);
    }
    let elements: Vec<Type> = types
        .iter()
        .filter_map(|ty| match ty {
            Type::List(element) | Type::Set(element) | Type::Map(element) => Some((**element).clone()),
            _ => None,
        })
        .collect();
    let element = unified(&elements, may_fail)?;
    let common = match types.first()? {
        Type::List(_) => Type::list(element),
        Type::Set(_) => Type::set(element),
        _ => Type::map(element),
    };
    types.iter().all(|ty| can_convert(ty, &common, may_fail)).then_some(common)
}

/// Takes the objects among maps for maps, or the tuples among lists for lists.
fn with_uniform(types: &[Type], may_fail: bool) -> Option<Type> {
    let (fixed, rest): (Vec<Type>, Vec<Type>) =
        types.iter().cloned().partition(|ty| matches!(ty, Type::Object(_) | Type::Tuple(_)));
    let uniform = match fixed.first()? {
        Type::Object(_) => objects_to_map(&fixed, may_fail)?,
        _ => tuples_to_list(&fixed, may_fail)?,
    };
    let all: Vec<Type> = rest.into_iter().chain([uniform]).collect();
    unified(&all, may_fail).filter(|common| matches!(common, Type::Map(_) | Type::List(_)))
}

fn unify_objects(types: &[Type], may_fail: bool) -> Option<Type> {
    let all: Vec<&Fields> =
        types.iter().filter_map(|ty| if let Type::Object(fields) = ty { Some(&**fields) } else { None }).collect();
    let first = all.first()?;
    if all.iter().any(|fields| !fields.keys().eq(first.keys())) {
        return objects_to_map(types, may_fail);
    }
    let mut common = Vec::new();
    for name in first.keys() {
        let across: Vec<Type> = all.iter().filter_map(|fields| Some(fields.get(name)?.ty.clone())).collect();
        common.push((name.clone(), unified(&across, may_fail)?));
    }
    let common = Type::object(common);
    if types.iter().all(|ty| can_convert(ty, &common, may_fail)) {
        Some(common)
    } else {
        objects_to_map(types, may_fail)
    }
}

fn objects_to_map(types: &[Type], may_fail: bool) -> Option<Type> {
    let mut elements = Vec::new();
    for ty in types {
        if let Type::Object(fields) = ty {
            elements.extend(fields.values().map(|field| field.ty.clone()));
        }
    }
    let common = Type::map(unified(&elements, may_fail)?);
    types.iter().all(|ty| can_convert(ty, &common, may_fail)).then_some(common)
}

fn unify_tuples(types: &[Type], may_fail: bool) -> Option<Type> {
    let all: Vec<&[Type]> =
        types.iter().filter_map(|ty| if let Type::Tuple(elements) = ty { Some(&**elements) } else { None }).collect();
    let length = all.first()?.len();
    if all.iter().any(|elements| elements.len() != length) {
        return tuples_to_list(types, may_fail);
    }
    let mut common = Vec::with_capacity(length);
    for at in 0..length {
        let across: Vec<Type> = all.iter().filter_map(|elements| elements.get(at).cloned()).collect();
        common.push(unified(&across, may_fail)?);
    }
    let common = Type::Tuple(common.into());
    if types.iter().all(|ty| can_convert(ty, &common, may_fail)) {
        Some(common)
    } else {
        tuples_to_list(types, may_fail)
    }
}

fn tuples_to_list(types: &[Type], may_fail: bool) -> Option<Type> {
    let mut elements = Vec::new();
    for ty in types {
        if let Type::Tuple(types) = ty {
            elements.extend(types.iter().cloned());
        }
    }
    let common = Type::list(unified(&elements, may_fail)?);
    types.iter().all(|ty| can_convert(ty, &common, may_fail)).then_some(common)
}

/// Indices of the types, so that a more general one stands before a more special one.
fn most_general_first(types: &[Type]) -> Vec<usize> {
    let mut after: Vec<Vec<usize>> = vec![Vec::new(); types.len()];
    let mut waits = vec![0_usize; types.len()];
    for i in 0..types.len() {
        for j in i + 1..types.len() {
            match generality(&types[i], &types[j]) {
                Ordering::Less => {
                    after[i].push(j);
                    waits[j] += 1;
                }
                Ordering::Greater => {
                    after[j].push(i);
                    waits[i] += 1;
                }
                Ordering::Equal => {}
            }
        }
    }
    let mut queue: VecDeque<usize> = (0..types.len()).filter(|&at| waits[at] == 0).collect();
    let mut order = Vec::with_capacity(types.len());
    while let Some(at) = queue.pop_front() {
        order.push(at);
        for &next in &after[at] {
            waits[next] -= 1;
            if waits[next] == 0 {
                queue.push_back(next);
            }
        }
    }
    order
}

/// Less: the first is more general.
fn generality(a: &Type, b: &Type) -> Ordering {
    let together = |orders: &mut dyn Iterator<Item = Ordering>| {
        let (mut less, mut greater) = (false, false);
        for order in orders {
            less |= order.is_lt();
            greater |= order.is_gt();
        }
        match (less, greater) {
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            _ => Ordering::Equal,
        }
    };
    match (a, b) {
        (Type::Any, Type::Any) | (Type::String, Type::String) => Ordering::Equal,
        (Type::List(a), Type::List(b)) | (Type::Set(a), Type::Set(b)) | (Type::Map(a), Type::Map(b)) => {
            generality(a, b)
        }
        (Type::Any, _)
        | (Type::Bool | Type::Number, Type::String)
        | (Type::Set(_), Type::List(_) | Type::Tuple(_))
        | (Type::Tuple(_), Type::List(_))
        | (Type::Object(_), Type::Map(_)) => Ordering::Greater,
        (_, Type::Any)
        | (Type::String, Type::Bool | Type::Number)
        | (Type::List(_) | Type::Tuple(_), Type::Set(_))
        | (Type::List(_), Type::Tuple(_))
        | (Type::Map(_), Type::Object(_)) => Ordering::Less,
        (Type::Object(a), Type::Object(b)) if a.keys().eq(b.keys()) => {
            together(&mut a.values().zip(b.values()).map(|(a, b)| generality(&a.ty, &b.ty)))
        }
        (Type::Tuple(a), Type::Tuple(b)) if a.len() == b.len() => {
            together(&mut a.iter().zip(b.iter()).map(|(a, b)| generality(a, b)))
        }
        _ => Ordering::Equal,
    }
}
