//! Where an element stands in a set. Terraform orders plain values by themselves and everything else by a text; the order shows
//! wherever a set is walked through, printed or written.
//!
//! <https://github.com/zclconf/go-cty/blob/main/cty/set_internals.go>

use std::cmp::Ordering;

use super::{Data, Number, Value};

/// Digits of a number in the text.
const DIGITS: usize = 10;

impl Value {
    /// A total order, as elements of a set have it.
    pub fn order(&self, other: &Self) -> Ordering {
        match (&self.data, &other.data) {
            (Data::Bool(a), Data::Bool(b)) => a.cmp(b),
            (Data::Number(a), Data::Number(b)) => a.cmp(b),
            (Data::String(a), Data::String(b)) => a.cmp(b),
            _ if self.is_compound() && other.is_compound() => {
                place(self).cmp(&place(other)).then_with(|| self.by_parts(other))
            }
            _ => self.rank().cmp(&other.rank()),
        }
    }

    /// Numbers that differ after the tenth digit have one text.
    fn by_parts(&self, other: &Self) -> Ordering {
        let unequal = self.children().zip(other.children()).map(|(a, b)| a.order(b)).find(|order| order.is_ne());
        unequal.unwrap_or_else(|| self.children().count().cmp(&other.children().count()))
    }

    fn is_compound(&self) -> bool {
        matches!(self.rank(), 3 | 4)
    }

    fn rank(&self) -> u8 {
        match self.data {
            Data::Bool(_) => 0,
            Data::Number(_) => 1,
            Data::String(_) => 2,
            Data::List(..) | Data::Set(..) | Data::Tuple(_) => 3,
            Data::Map(..) | Data::Object(_) => 4,
            Data::Null(_) => 5,
            Data::Unknown(_) => 6,
        }
    }
}

/// Sorts the elements of a set.
pub(super) fn sort(elements: &mut [Value]) {
    if elements.iter().any(Value::is_compound) {
        elements.sort_by_cached_key(Placed::of);
    } else {
        elements.sort_by(Value::order);
    }
}

/// An element with its text, which is made once.
struct Placed {
    rank: u8,
    text: String,
    value: Value,
}

impl Placed {
    fn of(value: &Value) -> Self {
        let text = if value.is_compound() { place(value) } else { String::new() };
        Self { rank: if value.is_compound() { 3 } else { value.rank() }, text, value: value.clone() }
    }
}

impl Ord for Placed {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_value = || {
            if self.rank == 3 { self.value.by_parts(&other.value) } else { self.value.order(&other.value) }
        };
        self.rank.cmp(&other.rank).then_with(|| self.text.cmp(&other.text)).then_with(by_value)
    }
}

impl PartialOrd for Placed {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Placed {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Placed {}

/// The text that a list, a map or an object is ordered by.
fn place(value: &Value) -> String {
    let mut out = String::new();
    walk(&mut out, value);
    out
}

fn walk(out: &mut String, value: &Value) {
    let (open, close) = match &value.data {
        Data::Null(_) => return out.push('~'),
        Data::Unknown(_) => return out.push('?'),
        Data::Bool(truth) => return out.push(if *truth { 'T' } else { 'F' }),
        Data::Number(number) => return digits(out, number),
        Data::String(text) => return quote(out, text),
        Data::List(..) | Data::Set(..) => ('[', ']'),
        Data::Map(..) => ('{', '}'),
        Data::Tuple(_) | Data::Object(_) => ('<', '>'),
    };
    out.push(open);
    if let Data::Map(_, entries) = &value.data {
        for (key, child) in entries.iter() {
            quote(out, key);
            out.push(':');
            walk(out, child);
            out.push(';');
        }
    } else {
        for child in value.children() {
            walk(out, child);
            out.push(';');
        }
    }
    out.push(close);
}

/// As Go's `%.10g`.
fn digits(out: &mut String, number: &Number) {
    let Some(mut decimal) = number.decimal() else { return out.push_str(&number.to_string()) };
    decimal.round(DIGITS);
    let exponent = decimal.point - 1;
    if decimal.digits.is_empty() || (-4..10).contains(&exponent) {
        return out.push_str(&decimal.to_string());
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    decimal.point = 1;
    out.push_str(&format!("{decimal}e{sign}{:02}", exponent.unsigned_abs()));
}

/// As Go's `%q`.
fn quote(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{b}' => out.push_str("\\v"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_ascii_control() => out.push_str(&format!("\\x{:02x}", u32::from(c))),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Type;

    fn shown(elements: Vec<Value>) -> String {
        let ty = elements[0].ty();
        format!("{:?}", Value::set(ty, elements).elements().unwrap_or_default())
    }

    fn list(text: &[&str]) -> Value {
        Value::list(Type::String, text.iter().map(|one| Value::from(*one)).collect())
    }

    /// Recorded from Terraform 1.11.4.
    #[test]
    fn lists_stand_where_terraform_has_them() {
        let all = vec![list(&["b"]), list(&["a", "c"]), list(&["a"]), list(&["aa"]), list(&[])];
        assert_eq!(shown(all), r#"[["a", "c"], ["a"], ["aa"], ["b"], []]"#);
        let numbers = ["0.1", "1e20", "12345678901234567890", "1e-5", "123456.789", "100000000000", "9", "10", "-1"];
        let numbers = numbers.map(|text| Value::from(text.parse::<Number>().expect("a number")));
        let all = numbers.into_iter().map(|number| Value::tuple(vec![number])).collect();
        let sorted = "[[-1], [0.1], [12345678901234567890], [10], [123456.789], [100000000000], [100000000000000000000], [0.00001], [9]]";
        assert_eq!(shown(all), sorted);
    }

    #[test]
    fn the_order_is_that_of_sets() {
        let number = |text: &str| Value::tuple(vec![text.parse::<Number>().expect("a number").into()]);
        let all =
            [list(&["b"]), list(&["\"<"]), list(&[]), number("1.00000000001"), number("1.00000000002"), number("2")];
        for (one, other) in all.iter().flat_map(|one| all.iter().map(move |other| (one, other))) {
            assert_eq!(one.order(other), Placed::of(one).cmp(&Placed::of(other)), "{one:?} {other:?}");
            assert_eq!(one.order(other), other.order(one).reverse());
        }
    }
}
