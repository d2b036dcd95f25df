//! Lists and tuples.

use crate::lang::convert::{convert, friendly, length_range, refined, unify};
use crate::lang::operators::equal;
use crate::value::{Data, Marks, Number, Type, Unknown, Value};

use super::collection::like;
use super::{Call, CallError, Function, Kind, Outcome, Param, Returns, function, param};

const LIST: &[Param] = &[param("list", Kind::List)];

pub(super) const FUNCTIONS: &[Function] = &[
    function(
        "chunklist",
        "A list cut into lists of at most a size.",
        &[param("list", Kind::List).marked(), param("size", Kind::Number).marked()],
        Returns::From(|args| Ok(Type::list(args[0].ty()))),
        chunklist,
    ),
    function("coalescelist", "The first list that is not empty.", &[], Returns::From(coalescelist_type), coalescelist)
        .rest(param("vals", Kind::Any).unknown().untyped().null()),
    function(
        "compact",
        "The texts that are neither empty nor null.",
        &[param("list", Kind::Strings)],
        Returns::Always(Kind::Strings),
        |call| {
            if !call.args[0].is_wholly_known() {
                return Ok(call.unknown());
            }
            let kept = call.elements(0).iter().filter(|element| element.as_str().is_some_and(|text| !text.is_empty()));
            Ok(Value::list(Type::String, kept.cloned().collect()))
        },
    ),
    function("concat", "Several lists one after the other.", &[], Returns::From(concat_type), concat)
        .rest(param("seqs", Kind::Any).marked()),
    function("distinct", "The list without repeated elements.", LIST, Returns::From(|args| Ok(args[0].ty())), |call| {
        if !call.args[0].is_wholly_known() {
            return Ok(call.unknown());
        }
        let mut kept: Vec<Value> = Vec::new();
        let mut seen = std::collections::BTreeSet::new();
        for element in call.elements(0) {
            let is_new = match &element.data {
                // Long lists are nearly always of text.
                Data::String(text) => seen.insert(text.clone()),
                _ => !kept.iter().any(|other| equal(element, other).as_bool() == Some(true)),
            };
            if is_new {
                kept.push(element.clone());
            }
        }
        Ok(Value::list(call.element_type(), kept))
    }),
    function(
        "element",
        "The element at an index, counted round when the index is too large.",
        &[param("list", Kind::Any).marked(), param("index", Kind::Number)],
        Returns::From(element_type),
        |call| {
            let elements = call.elements(0);
            let at = wrapped(call.int(1)?, elements.len())?;
            Ok(elements[at].clone().with_marks(&call.args[0].marks))
        },
    )
    .maybe_null(),
    function(
        "flatten",
        "All elements of lists inside lists, in one tuple.",
        &[param("list", Kind::Any).marked()],
        Returns::From(flatten_type),
        flatten,
    ),
    function(
        "matchkeys",
        "The values whose key is among the ones searched.",
        &[param("values", Kind::List), param("keys", Kind::List), param("searchset", Kind::List)],
        Returns::From(|args| {
            let common = unify(&[args[1].ty(), args[2].ty()]);
            common.map(|_| args[0].ty()).ok_or_else(|| CallError::new("keys and searchset must be of the same type"))
        }),
        matchkeys,
    ),
    function("range", "Numbers from a start to a limit.", &[], Returns::Always(Kind::Numbers), range)
        .rest(param("params", Kind::Number)),
    function(
        "reverse",
        "The list in reverse order.",
        &[param("list", Kind::Any).marked()],
        Returns::From(|args| match args[0].ty() {
            Type::Tuple(types) => Ok(Type::Tuple(types.iter().rev().cloned().collect())),
            Type::List(element) | Type::Set(element) => Ok(Type::List(element)),
            ty => Err(CallError::at(0, format!("can only reverse list or tuple values, not {}", friendly(&ty)))),
        }),
        |call| {
            let elements = call.elements(0).iter().rev().cloned().collect();
            Ok(like(&call.ty, elements).with_marks(&call.args[0].marks))
        },
    ),
    function(
        "slice",
        "A part of a list, from one index up to but without another.",
        &[param("list", Kind::Any).marked(), param("start_index", Kind::Number), param("end_index", Kind::Number)],
        Returns::From(slice_type),
        |call| {
            let (start, end) = slice_bounds(&call.args)?.unwrap_or_default();
            let part = call.elements(0).get(start..end).unwrap_or_default().to_vec();
            Ok(like(&call.ty, part).with_marks(&call.args[0].marks))
        },
    ),
];

fn chunklist(call: &Call<'_>) -> Outcome {
    let (list, marks) = (&call.args[0], call.args[0].marks.union(&call.args[1].marks));
    let size = call.number(1).to_i64().ok_or_else(|| CallError::new(format!("invalid size: {}", super::NOT_WHOLE)))?;
    let size = usize::try_from(size).map_err(|_| CallError::new("the size argument must be positive"))?;
    let Type::List(element) = list.ty() else { return Ok(call.unknown()) };
    let elements = call.elements(0);
    let whole = |elements: &[Value]| Value::list((*element).clone(), elements.to_vec());
    let chunks = if elements.is_empty() {
        Vec::new()
    } else if size == 0 {
        vec![whole(elements)]
    } else {
        elements.chunks(size).map(whole).collect()
    };
    Ok(Value::list(list.ty(), chunks).with_marks(&marks))
}

fn coalescelist_type(args: &[Value]) -> Result<Type, CallError> {
    let first = args.first().ok_or_else(|| CallError::new("at least one argument is required"))?;
    for arg in args {
        if !arg.is_known() {
            return Ok(Type::Any);
        }
        if !matches!(arg.ty(), Type::List(_) | Type::Tuple(_)) {
            return Err(CallError::new("coalescelist arguments must be lists or tuples"));
        }
    }
    Ok(if args.iter().all(|arg| arg.ty() == first.ty()) { first.ty() } else { Type::Any })
}

fn coalescelist(call: &Call<'_>) -> Outcome {
    for arg in &call.args {
        if !arg.is_known() {
            return Ok(call.unknown());
        }
        if arg.children().next().is_some() {
            return Ok(arg.clone());
        }
    }
    Err(CallError::new("no non-null arguments"))
}

fn concat_type(args: &[Value]) -> Result<Type, CallError> {
    if args.is_empty() {
        return Err(CallError::new("at least one argument is required"));
    }
    let types: Vec<Type> = args.iter().map(Value::ty).collect();
    if types.iter().all(|ty| matches!(ty, Type::List(_)))
        && let Some(common) = unify(&types)
    {
        return Ok(common);
    }
    let mut elements = Vec::new();
    for (at, (arg, ty)) in args.iter().zip(types).enumerate() {
        match (ty, arg.elements()) {
            (Type::Tuple(types), _) => elements.extend(types.iter().cloned()),
            (Type::List(_), None) => return Ok(Type::Any),
            (Type::List(element), Some(list)) => elements.extend(list.iter().map(|_| (*element).clone())),
            (ty, _) => {
                let message = format!("all arguments must be lists or tuples; got {}", friendly(&ty));
                return Err(CallError::at(at, message));
            }
        }
    }
    Ok(Type::Tuple(elements.into()))
}

fn concat(call: &Call<'_>) -> Outcome {
    let mut all = Vec::new();
    let mut marks = Marks::default();
    for (at, arg) in call.args.iter().enumerate() {
        let arg = match &call.ty {
            Type::List(_) => convert(arg, &call.ty).map_err(|error| CallError::at(at, error.message))?,
            _ => arg.clone(),
        };
        marks = marks.union(&arg.marks);
        all.extend(arg.elements().unwrap_or_default().iter().cloned());
    }
    Ok(like(&call.ty, all).with_marks(&marks))
}

fn element_type(args: &[Value]) -> Result<Type, CallError> {
    match args[0].ty() {
        Type::List(element) => Ok((*element).clone()),
        Type::Tuple(types) => {
            let Some(number) = args[1].as_number() else { return Ok(Type::Any) };
            let at = number.to_i64().ok_or_else(|| CallError::new(format!("invalid index: {}", super::NOT_WHOLE)))?;
            let place = wrapped(at, types.len())?;
            // Terraform has no answer for a negative index of a tuple, only for one of a list.
            if at < 0 && place != 0 {
                return Err(CallError::new(
                    "a negative index counts from the end only in a list; convert with tolist()",
                ));
            }
            Ok(types[place].clone())
        }
        ty => Err(CallError::new(format!("cannot read elements from {}", friendly(&ty)))),
    }
}

/// An index counted round.
fn wrapped(at: i64, length: usize) -> Result<usize, CallError> {
    if length == 0 {
        return Err(CallError::new("cannot use element function with an empty list"));
    }
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    usize::try_from(at.rem_euclid(length)).map_err(|_| CallError::new("invalid index"))
}

fn flatten_type(args: &[Value]) -> Result<Type, CallError> {
    // As in Terraform, a wrong type shows when everything is known.
    if !args[0].is_wholly_known() {
        return Ok(Type::Any);
    }
    if !is_sequence(&args[0]) {
        return Err(CallError::new("can only flatten lists, sets and tuples"));
    }
    let mut flat = Vec::new();
    flatten_into(&args[0], &mut flat, &mut Marks::default());
    Ok(Type::Tuple(flat.iter().map(Value::ty).collect()))
}

fn is_sequence(value: &Value) -> bool {
    matches!(value.ty(), Type::List(_) | Type::Set(_) | Type::Tuple(_))
}

fn flatten(call: &Call<'_>) -> Outcome {
    if !is_sequence(&call.args[0]) {
        return Ok(Value::unknown(Type::Any));
    }
    let mut flat = Vec::new();
    let mut marks = Marks::default();
    let known = flatten_into(&call.args[0], &mut flat, &mut marks);
    let result = if known { Value::tuple(flat) } else { Value::unknown(Type::Any) };
    Ok(result.with_marks(&marks))
}

/// Says whether it is known how many elements there are.
fn flatten_into(list: &Value, flat: &mut Vec<Value>, marks: &mut Marks) -> bool {
    *marks = marks.union(&list.marks);
    let is_list = matches!(list.data, Data::List(..) | Data::Set(..));
    let (shortest, longest) = length_range(list);
    if is_list && longest != Some(shortest) {
        return false;
    }
    let mut known = true;
    for element in list.children() {
        match (&element.data, element.ty()) {
            (Data::List(..) | Data::Set(..) | Data::Tuple(_), _) => known &= flatten_into(element, flat, marks),
            (Data::Unknown(_), Type::Any | Type::List(_) | Type::Set(_) | Type::Tuple(_)) => {
                *marks = marks.union(&element.marks);
                known = false;
            }
            _ => flat.push(element.clone()),
        }
    }
    known
}

fn matchkeys(call: &Call<'_>) -> Outcome {
    let [values, keys, search] = call.args.as_slice() else { return Ok(call.unknown()) };
    let none = || Ok(Value::list(call.element_type(), Vec::new()));
    if call.elements(0).len() != call.elements(1).len() {
        return Err(CallError::new("length of keys and values should be equal"));
    }
    let common = unify(&[keys.ty(), search.ty()]).unwrap_or(Type::Any);
    let converted = |value: &Value| convert(value, &common).map_err(|error| CallError::new(error.message));
    let (keys, search) = (converted(keys)?, converted(search)?);
    if search.children().next().is_none() {
        return none();
    }
    if !values.is_wholly_known() || !keys.is_wholly_known() {
        return Ok(call.unknown());
    }
    let mut kept = Vec::new();
    for (key, value) in keys.children().zip(values.children()) {
        for wanted in search.children() {
            match equal(key, wanted).as_bool() {
                Some(true) => {
                    kept.push(value.clone());
                    break;
                }
                Some(false) => {}
                None => return none(),
            }
        }
    }
    Ok(Value::list(call.element_type(), kept))
}

fn range(call: &Call<'_>) -> Outcome {
    let number = |at| call.number(at).clone();
    let one = |down: bool| Number::from(if down { -1 } else { 1 });
    let (start, end, step) = match call.args.len() {
        1 => (Number::ZERO, number(0), one(call.number(0) < &Number::ZERO)),
        2 => (number(0), number(1), one(call.number(1) < call.number(0))),
        3 => (number(0), number(1), number(2)),
        _ => return Err(CallError::new("must have one, two, or three arguments")),
    };

    let down = step.is_negative();
    if down && end > start {
        return Err(CallError::at(1, "end must be less than start when step is negative"));
    }
    if !down && end < start {
        return Err(CallError::at(1, "end must be greater than start when step is positive"));
    }
    let mut numbers = Vec::new();
    let mut next = start;
    while if down { next > end } else { next < end } {
        if numbers.len() >= 1024 {
            return Err(CallError::new(
                "more than 1024 values were generated; either decrease the difference between start and end or use a smaller step",
            ));
        }
        let following = next.add(&step).ok_or_else(|| CallError::new("can't compute sum of opposing infinities"))?;
        numbers.push(next.into());
        next = following;
    }
    Ok(Value::list(Type::Number, numbers))
}

fn slice_type(args: &[Value]) -> Result<Type, CallError> {
    let ty = args[0].ty();
    match &ty {
        Type::Set(_) => Err(CallError::at(
            0,
            "cannot slice a set, because its elements do not have indices; explicitly convert to a list if the ordering of the result is not important",
        )),
        Type::List(_) => slice_bounds(args).map(|_| ty),
        Type::Tuple(types) => {
            let bounds = slice_bounds(args)?;
            Ok(bounds.map_or(Type::Any, |(start, end)| Type::Tuple(types.get(start..end).unwrap_or_default().into())))
        }
        _ => Err(CallError::at(0, "must be a list or tuple value")),
    }
}

/// Start and end, when both are known.
fn slice_bounds(args: &[Value]) -> Result<Option<(usize, usize)>, CallError> {
    let length = match args[0].ty() {
        Type::Tuple(types) => Some(types.len()),
        _ => args[0].elements().map(<[Value]>::len),
    };
    let bound = |at: usize, name: &str| -> Result<Option<usize>, CallError> {
        let Some(number) = args[at].as_number() else { return Ok(None) };
        let wrong = |what: &str| CallError::at(at, format!("{name} index must not be {what}"));
        let whole =
            number.to_i64().ok_or_else(|| CallError::at(at, format!("invalid {name} index: {}", super::NOT_WHOLE)))?;
        let whole = usize::try_from(whole).map_err(|_| wrong("less than zero"))?;
        if length.is_some_and(|length| whole > length) {
            return Err(wrong("greater than the length of the list"));
        }
        Ok(Some(whole))
    };
    let bounds = bound(1, "start")?.zip(bound(2, "end")?);
    if bounds.is_some_and(|(start, end)| start > end) {
        return Err(CallError::at(1, "start index must not be greater than end index"));
    }
    Ok(bounds)
}

/// An unknown list whose length lies between two numbers.
pub(super) fn unknown_of_length(ty: &Type, length: (usize, Option<usize>)) -> Value {
    refined(Unknown { not_null: true, length, ..Unknown::of(ty.clone()) })
}
