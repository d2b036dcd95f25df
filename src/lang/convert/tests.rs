use super::*;

fn list(texts: &[&str]) -> Value {
    Value::list(Type::String, texts.iter().map(|&text| text.into()).collect())
}

fn object(entries: &[(&str, Value)]) -> Value {
    Value::object(entries.iter().map(|(name, value)| ((*name).into(), value.clone())).collect())
}

fn message(value: &Value, to: &Type) -> String {
    convert(value, to).map_or_else(|error| error.to_string(), |value| format!("{value:?}"))
}

#[test]
fn primitives() {
    assert_eq!(convert(&"12.50".into(), &Type::Number).map(|value| format!("{value:?}")), Ok("12.5".into()));
    assert_eq!(convert(&1.into(), &Type::String), Ok("1".into()));
    assert_eq!(convert(&true.into(), &Type::String), Ok("true".into()));
    assert_eq!(convert(&"0".into(), &Type::Bool), Ok(false.into()));
    assert_eq!(
        message(&"True".into(), &Type::Bool),
        "a bool is required; to convert from string, use lowercase \"true\""
    );
    assert_eq!(message(&"x".into(), &Type::Number), "a number is required");
    assert_eq!(message(&true.into(), &Type::Number), "number required");
    assert_eq!(message(&list(&[]), &Type::String), "string required");
}

#[test]
fn collections() {
    let tuple = Value::tuple(vec![1.into(), true.into(), "x".into()]);
    assert_eq!(convert(&tuple, &Type::list(Type::String)), Ok(list(&["1", "true", "x"])));
    assert_eq!(convert(&tuple, &Type::list(Type::Any)), Ok(list(&["1", "true", "x"])));
    let mixed = Value::tuple(vec![1.into(), true.into()]);
    assert_eq!(message(&mixed, &Type::list(Type::Any)), "all list elements must have the same type");
    let doubled = Value::tuple(vec!["b".into(), "a".into(), "b".into()]);
    assert_eq!(convert(&doubled, &Type::set(Type::String)), Ok(Value::set(Type::String, vec!["a".into(), "b".into()])));
    let map = convert(&object(&[("a", 1.into()), ("b", "x".into())]), &Type::map(Type::Any));
    assert_eq!(map.map(|map| map.ty()), Ok(Type::map(Type::String)));
    let error = convert(&list(&["1", "x"]), &Type::list(Type::Number)).err();
    assert_eq!(error.map(|error| error.path.to_string()).as_deref(), Some("[1]"));
}

#[test]
fn objects() {
    let optional = Field { ty: Type::Number, optional: true };
    let needed = Field { ty: Type::String, optional: false };
    let ty = Type::Object(Arc::new([("a".into(), needed), ("b".into(), optional)].into()));
    let whole = object(&[("a", "1".into()), ("b", Value::null(Type::Number))]);
    assert_eq!(convert(&object(&[("a", 1.into()), ("c", 2.into())]), &ty), Ok(whole));
    assert_eq!(message(&object(&[("c", 2.into())]), &ty), "attribute \"a\" is required");
    assert_eq!(message(&object(&[("a", list(&[]))]), &ty), "attribute \"a\": string required");
}

#[test]
fn unknown_null_and_marked() {
    let unknown = convert(&Value::unknown_not_null(Type::String), &Type::Number);
    assert_eq!(unknown, Ok(Value::unknown_not_null(Type::Number)));
    assert_eq!(convert(&Value::null(Type::Any), &Type::Bool), Ok(Value::null(Type::Bool)));
    let marked = convert(&Value::from("1").sensitive(), &Type::Number);
    assert_eq!(marked, Ok(Value::from(1).sensitive()));
    let pair = Value::unknown_not_null(Type::Tuple([Type::String, Type::String].into()));
    assert_eq!(convert(&pair, &Type::list(Type::String)).map(|list| length_range(&list)), Ok((2, Some(2))));
}

#[test]
fn common_types() {
    let tuple = |types: &[Type]| Type::Tuple(types.into());
    let of = |name: &str, ty| Type::object([(name.into(), ty)]);
    assert_eq!(unify(&[Type::Number, Type::String]), Some(Type::String));
    assert_eq!(unify(&[Type::Number, Type::Bool]), None);
    assert_eq!(unify(&[tuple(&[Type::Number]), tuple(&[Type::String])]), Some(tuple(&[Type::String])));
    assert_eq!(unify(&[tuple(&[Type::Number]), tuple(&[Type::Number, Type::String])]), Some(Type::list(Type::String)));
    assert_eq!(unify(&[of("a", Type::Number), of("b", Type::Number)]), Some(Type::map(Type::Number)));
    assert_eq!(unify(&[Type::list(Type::String), tuple(&[Type::Number])]), Some(Type::list(Type::String)));
    assert_eq!(unify(&[tuple(&[]), of("a", Type::Number)]), None);
    assert_eq!(unify_safely(&[Type::set(Type::String), Type::list(Type::String)]), Some(Type::list(Type::String)));
}
