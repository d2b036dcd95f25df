//! Sets.

use crate::lang::convert::{convert, length_range, unify};
use crate::value::{Data, Marks, Type, Value};

use super::sequence::unknown_of_length;
use super::{Call, CallError, Function, Kind, Outcome, Param, Returns, function, param};

const FIRST: &[Param] = &[param("first_set", Kind::Set).untyped()];
const OTHERS: Param = param("other_sets", Kind::Set).untyped();
const RETURNS: Returns = Returns::From(common_set);

pub(super) const FUNCTIONS: &[Function] = &[
    function("setunion", "The elements of any of the sets.", FIRST, RETURNS, |call| {
        let sets = converted(call)?;
        Ok(Value::set(call.element_type(), sets.iter().flat_map(Value::children).cloned().collect()))
    })
    .rest(OTHERS),
    function("setintersection", "The elements of all of the sets.", FIRST, RETURNS, |call| {
        combine(call, |first, other| first == other)
    })
    .rest(OTHERS),
    function(
        "setsubtract",
        "The elements of the first set that are not in the second.",
        &[param("a", Kind::Set).untyped(), param("b", Kind::Set).untyped()],
        RETURNS,
        |call| combine(call, |in_first, in_other| in_first != in_other),
    ),
    function(
        "setproduct",
        "All combinations of the elements of several sets or lists.",
        &[],
        Returns::From(product_type),
        product,
    )
    .rest(param("sets", Kind::Any).unknown().marked()),
];

fn common_set(args: &[Value]) -> Result<Type, CallError> {
    let mut types = Vec::new();
    for arg in args {
        let Type::Set(element) = arg.ty() else { return Ok(Type::Any) };
        // An empty set of nothing in particular goes with every other.
        if !(*element == Type::Any && arg.elements().is_some_and(<[Value]>::is_empty)) {
            types.push((*element).clone());
        }
    }
    if types.is_empty() {
        return Ok(Type::set(Type::Any));
    }
    let common = unify(&types).ok_or_else(|| CallError::new("given sets must all have compatible element types"))?;
    Ok(Type::set(common))
}

fn converted(call: &Call<'_>) -> Result<Vec<Value>, CallError> {
    let set = |(at, arg)| convert(arg, &call.ty).map_err(|error| CallError::at(at, error.message));
    call.args.iter().enumerate().map(set).collect()
}

/// Keeps the elements of the first set for which `keep(true, whether the other set has it too)` holds for every other.
fn combine(call: &Call<'_>, keep: fn(bool, bool) -> bool) -> Outcome {
    let sets = converted(call)?;
    if sets.iter().any(|set| !set.is_wholly_known()) {
        return Ok(call.unknown());
    }
    let Some((first, others)) = sets.split_first() else { return Ok(call.unknown()) };
    let has = |set: &Value, element: &Value| {
        set.elements().is_some_and(|elements| elements.binary_search_by(|other| other.order(element)).is_ok())
    };
    let kept = first.children().filter(|element| others.iter().all(|other| keep(true, has(other, element))));
    Ok(Value::set(call.element_type(), kept.cloned().collect()))
}

fn product_type(args: &[Value]) -> Result<Type, CallError> {
    if args.len() < 2 {
        return Err(CallError::new("at least two arguments are required"));
    }
    let mut ordered = true;
    let mut types = Vec::new();
    for (at, arg) in args.iter().enumerate() {
        types.push(match arg.ty() {
            Type::Set(element) => {
                ordered = false;
                (*element).clone()
            }
            Type::List(element) => (*element).clone(),
            Type::Tuple(elements) if elements.is_empty() => Type::Any,
            Type::Tuple(elements) => {
                unify(&elements).ok_or_else(|| CallError::at(at, "all elements must be of the same type"))?
            }
            _ => return Err(CallError::at(at, "a set or a list is required")),
        });
    }
    let element = Type::Tuple(types.into());
    Ok(if ordered { Type::list(element) } else { Type::set(element) })
}

fn product(call: &Call<'_>) -> Outcome {
    let marks = call.args.iter().fold(Marks::default(), |marks, arg| marks.union(&arg.marks));
    let range = |arg: &Value| match (&arg.data, arg.ty()) {
        (Data::Tuple(_) | Data::Unknown(_), Type::Tuple(types)) => (types.len(), Some(types.len())),
        _ => length_range(arg),
    };
    let open = |arg: &Value| !arg.is_known() || range(arg).1 != Some(range(arg).0);
    if call.args.iter().any(open) {
        let longest = call.args.iter().try_fold(1_usize, |total, arg| {
            range(arg).1.filter(|&length| length <= 1024).map(|length| total * length).filter(|&total| total <= 2048)
        });
        let result = match longest {
            Some(longest) => unknown_of_length(&call.ty, (longest.min(1), Some(longest))),
            None => call.unknown(),
        };
        return Ok(result.with_marks(&marks));
    }
    let Type::Tuple(types) = call.element_type() else { return Ok(call.unknown()) };
    let total = call.args.iter().try_fold(1_usize, |total, arg| total.checked_mul(range(arg).0));
    if total.is_none_or(|total| total > 1 << 20) {
        return Err(CallError::new("the product would have more than 1048576 elements"));
    }
    let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
    for (arg, ty) in call.args.iter().zip(types.iter()) {
        let mut longer = Vec::with_capacity(rows.len() * range(arg).0);
        let elements: Result<Vec<Value>, _> = arg.children().map(|element| convert(element, ty)).collect();
        let elements = elements.map_err(|error| CallError::new(error.message))?;
        for row in &rows {
            for element in &elements {
                longer.push(row.iter().cloned().chain([element.clone()]).collect());
            }
        }
        rows = longer;
    }
    let rows = rows.into_iter().map(Value::tuple).collect();
    Ok(super::collection::like(&call.ty, rows).with_marks(&marks))
}
