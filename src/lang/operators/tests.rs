use super::*;

fn unknown(ty: Type) -> Value {
    Value::unknown_not_null(ty)
}

fn summary<T>(result: Result<T, Problem>) -> &'static str {
    result.err().map_or("", |problem| problem.summary)
}

#[test]
fn arithmetic_and_comparison() {
    assert_eq!(binary(BinaryOp::Add, &"1".into(), &2.into()), Ok(3.into()));
    assert_eq!(binary(BinaryOp::Less, &1.into(), &2.into()), Ok(true.into()));
    assert_eq!(binary(BinaryOp::GreaterOrEqual, &2.into(), &2.into()), Ok(true.into()));
    assert_eq!(summary(binary(BinaryOp::Divide, &0.into(), &0.into())), "Operation failed");
    assert_eq!(summary(binary(BinaryOp::Add, &true.into(), &1.into())), "Invalid operand");
    assert_eq!(summary(binary(BinaryOp::And, &false.into(), &Value::null(Type::Bool))), "Operation failed");
    assert_eq!(binary(BinaryOp::And, &false.into(), &unknown(Type::Bool)), Ok(unknown(Type::Bool)));
    let sum = binary(BinaryOp::Add, &Value::from(1).sensitive(), &2.into());
    assert!(sum.is_ok_and(|sum| sum.marks.is_sensitive()));
    assert_eq!(unary(UnaryOp::Negate, &0.into()).map(|zero| format!("{zero:?}")), Ok("-0".into()));
}

#[test]
fn equality() {
    assert_eq!(equal(&1.into(), &"1".into()), false.into());
    assert_eq!(equal(&Value::null(Type::String), &Value::null(Type::Any)), true.into());
    assert_eq!(equal(&unknown(Type::String), &Value::null(Type::Any)), false.into());
    assert_eq!(equal(&Value::unknown(Type::String), &Value::null(Type::Any)), unknown(Type::Bool));
    let prefixed = Unknown { prefix: Some("abc-".into()), not_null: true, ..Unknown::of(Type::String) };
    assert_eq!(equal(&prefixed.into(), &"x".into()), false.into());
    assert_eq!(equal(&Value::list(Type::String, Vec::new()), &Value::tuple(Vec::new())), false.into());
}

#[test]
fn conditionals() {
    let tuple = |value: Value| Value::tuple(vec![value]);
    assert_eq!(conditional(&true.into(), &tuple(1.into()), &tuple("a".into())), Ok(tuple("1".into())));
    assert_eq!(conditional(&unknown(Type::Bool), &1.into(), &1.into()), Ok(1.into()));
    assert_eq!(conditional(&"true".into(), &Value::null(Type::Any), &1.into()), Ok(Value::null(Type::Number)));
    let mixed = conditional(&true.into(), &1.into(), &tuple(1.into()));
    assert_eq!(summary(mixed), "Inconsistent conditional result types");
    assert_eq!(summary(conditional(&Value::null(Type::Bool), &1.into(), &1.into())), "Null condition");
    assert_eq!(summary(conditional(&"x".into(), &1.into(), &1.into())), "Incorrect condition type");
}

#[test]
fn elements_and_attributes() {
    let tuple = Value::tuple(vec!["a".into(), "b".into()]);
    assert_eq!(index(&tuple, &"1".into()), Ok("b".into()));
    for bad in [Value::from(2), Value::from(-1), "x".into(), Value::null(Type::Number)] {
        assert_eq!(summary(index(&tuple, &bad)), "Invalid index");
    }
    let object = Value::object([("a".into(), 1.into())].into());
    assert_eq!(index(&object, &"a".into()), Ok(1.into()));
    assert_eq!(attribute(&object, "a"), Ok(1.into()));
    assert_eq!(summary(attribute(&object, "b")), "Unsupported attribute");
    assert_eq!(summary(attribute(&Value::map(Type::Bool, crate::value::Entries::new()), "b")), "Missing map element");
    assert_eq!(summary(attribute(&"x".into(), "b")), "Unsupported attribute");
}

#[test]
fn splats() {
    let ask = |value: &Value| splat::<Problem>(value, |element| attribute(element, "a"));
    let object = Value::object([("a".into(), 1.into())].into());
    assert_eq!(ask(&object), Ok(Value::tuple(vec![1.into()])));
    assert_eq!(ask(&Value::null(Type::Any)), Ok(Value::tuple(Vec::new())));
    assert_eq!(ask(&Value::list(object.ty(), vec![object.clone()])), Ok(Value::list(Type::Number, vec![1.into()])));
    assert_eq!(ask(&Value::list(object.ty(), Vec::new())), Ok(Value::list(Type::Number, Vec::new())));
    assert_eq!(ask(&Value::unknown(object.ty())), Ok(Value::unknown(Type::Any)));
    assert_eq!(summary(ask(&Value::null(Type::list(Type::String)))), "Splat of null value");
}
