//! What a function takes and gives, for programs.

use super::{CAN, Function, Kind, Param, Returns, find, param};
use crate::value::{Type, Value};

/// What a function takes and gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// What it does, in a sentence.
    pub doc: &'static str,
    /// Type of the result; [`Type::Any`] where it follows from the arguments.
    pub returns: Type,
    /// Parameters that need an argument each.
    pub parameters: Vec<Parameter>,
    /// Takes all further arguments.
    pub rest: Option<Parameter>,
}

/// What stands for an argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What arguments are converted to.
    pub ty: Type,
    /// Whether it takes null.
    pub is_nullable: bool,
}

impl From<Param> for Parameter {
    fn from(param: Param) -> Self {
        Self { name: param.name, ty: param.kind.ty(), is_nullable: param.null }
    }
}

/// The signature of a function, if there is one of that name.
pub fn signature(name: &str) -> Option<Signature> {
    let of = |function: &Function| Signature {
        doc: function.doc,
        returns: match function.returns {
            Returns::Always(kind) => kind.ty(),
            Returns::From(of) => {
                let arguments = function.params.iter().chain(&function.rest);
                let unknown: Vec<Value> = arguments.map(|param| Value::unknown(param.kind.ty())).collect();
                of(&unknown).unwrap_or(Type::Any)
            }
        },
        parameters: function.params.iter().copied().map(Parameter::from).collect(),
        rest: function.rest.map(Parameter::from),
    };
    match name.strip_prefix("core::").unwrap_or(name) {
        "can" => Some(of(&CAN)),
        "try" => Some(Signature {
            doc: "The first of several expressions that can be evaluated.",
            returns: Type::Any,
            parameters: Vec::new(),
            rest: Some(param("expressions", Kind::Any).into()),
        }),
        _ => find(name).map(of),
    }
}
