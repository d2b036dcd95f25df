//! Numbers.

use num_bigint::BigInt;

use crate::lang::convert::friendly;
use crate::value::{Number, Type, Value};

use super::{Call, CallError, Function, Kind, Outcome, Param, Returns, function, param};

const NUM: &[Param] = &[param("num", Kind::Number)];
const NUMBER: Returns = Returns::Always(Kind::Number);

pub(super) const FUNCTIONS: &[Function] = &[
    function("abs", "The number without its sign.", &[param("num", Kind::Number).untyped()], NUMBER, |call| {
        Ok(call.number(0).abs().into())
    }),
    function("ceil", "The smallest whole number that is not smaller.", NUM, NUMBER, |call| {
        Ok(call.number(0).ceil().into())
    }),
    function("floor", "The greatest whole number that is not greater.", NUM, NUMBER, |call| {
        Ok(call.number(0).floor().into())
    }),
    function(
        "log",
        "The logarithm to a base.",
        &[param("num", Kind::Number), param("base", Kind::Number)],
        NUMBER,
        |call| double(ln(float(call, 0)?) / ln(float(call, 1)?)),
    ),
    function(
        "pow",
        "A number raised to a power.",
        &[param("num", Kind::Number), param("power", Kind::Number)],
        NUMBER,
        |call| double(pow(float(call, 0)?, float(call, 1)?)),
    ),
    function("signum", "-1, 0 or 1 for the sign of a whole number.", NUM, NUMBER, |call| {
        Ok(call.int(0)?.signum().into())
    }),
    function("max", "The greatest of the numbers.", &[], NUMBER, |call| extreme(call, |a, b| a > b))
        .rest(param("numbers", Kind::Number).untyped()),
    function("min", "The smallest of the numbers.", &[], NUMBER, |call| extreme(call, |a, b| a < b))
        .rest(param("numbers", Kind::Number).untyped()),
    function(
        "parseint",
        "Reads a whole number written in a base from 2 to 62.",
        &[param("number", Kind::Any), param("base", Kind::Number)],
        Returns::From(|args| match args.first().map(Value::ty) {
            Some(Type::String) => Ok(Type::Number),
            ty => {
                let name = friendly(&ty.unwrap_or(Type::Any));
                Err(CallError::at(0, format!("first argument must be a string, not {name}")))
            }
        }),
        parseint,
    ),
];

fn float(call: &Call<'_>, at: usize) -> Result<f64, CallError> {
    let number = call.number(at);
    let double = number.to_f64();
    if double.is_infinite() && !number.is_infinite() {
        return Err(CallError::new(format!("value must be between {:.6} and {:.6} inclusive", f64::MIN, f64::MAX)));
    }
    Ok(double)
}

/// The natural logarithm, computed as Go does (FreeBSD's way), so that the last bit is the same.
fn ln(x: f64) -> f64 {
    const HIGH: f64 = 6.931_471_803_691_238e-1;
    const LOW: f64 = 1.908_214_929_270_587_7e-10;
    const L: [f64; 7] = [
        0.666_666_666_666_673_5,
        0.399_999_999_994_094_2,
        0.285_714_287_436_623_9,
        0.222_221_984_321_497_84,
        0.181_835_721_616_180_5,
        0.153_138_376_992_093_73,
        0.147_981_986_051_165_86,
    ];
    if x <= 0.0 || !x.is_finite() {
        return x.ln();
    }
    let (mut fraction, mut exponent) = split(x);
    if fraction < std::f64::consts::FRAC_1_SQRT_2 {
        fraction *= 2.0;
        exponent -= 1;
    }
    let (f, k) = (fraction - 1.0, f64::from(exponent));
    let s = f / (2.0 + f);
    let (s2, s4) = (s * s, s * s * (s * s));
    let odd = s2 * (L[0] + s4 * (L[2] + s4 * (L[4] + s4 * L[6])));
    let even = s4 * (L[1] + s4 * (L[3] + s4 * L[5]));
    let half = 0.5 * f * f;
    k * HIGH - ((half - (s * (half + (odd + even)) + k * LOW)) - f)
}

/// A power, computed as Go does: by squaring for the whole part of the exponent.
#[allow(clippy::float_cmp, clippy::cast_possible_truncation)] // exact cases; the whole part is checked to fit
fn pow(x: f64, y: f64) -> f64 {
    let whole = y.abs().trunc();
    if x == 0.0 || !x.is_finite() || !y.is_finite() || y.abs() < 1.0 && y.abs() == 0.5 || whole >= 9.2e18 {
        return if y == 0.5 { x.sqrt() } else { x.powf(y) };
    }
    let (mut whole, mut fraction) = (whole as i64, y.abs().fract());
    if fraction != 0.0 && x < 0.0 {
        return f64::NAN;
    }
    let mut mantissa = 1.0;
    let mut exponent = 0_i32;
    if fraction != 0.0 {
        if fraction > 0.5 {
            fraction -= 1.0;
            whole += 1;
        }
        mantissa = (fraction * ln(x)).exp();
    }
    let (mut square, mut twos) = split(x);
    while whole != 0 {
        if twos.abs() > 1 << 12 {
            exponent = exponent.saturating_add(twos);
            break;
        }
        if whole & 1 == 1 {
            mantissa *= square;
            exponent += twos;
        }
        square *= square;
        twos <<= 1;
        if square.abs() < 0.5 {
            square += square;
            twos -= 1;
        }
        whole >>= 1;
    }
    if y < 0.0 {
        (mantissa, exponent) = (1.0 / mantissa, -exponent);
    }
    while exponent != 0 {
        let step = exponent.clamp(-1000, 1000);
        mantissa *= 2_f64.powi(step);
        exponent -= step;
        if mantissa == 0.0 || mantissa.is_infinite() {
            break;
        }
    }
    mantissa
}

/// A fraction from one half up to one, and the power of two that goes with it.
fn split(x: f64) -> (f64, i32) {
    let (x, extra) = if x.is_subnormal() { (x * 2_f64.powi(64), 64) } else { (x, 0) };
    let bits = x.to_bits();
    let exponent = i32::try_from(bits >> 52 & 0x7ff).unwrap_or_default() - 1022 - extra;
    (f64::from_bits(bits & !(0x7ff << 52) | 1022 << 52), exponent)
}

fn double(number: f64) -> Outcome {
    if number.is_nan() {
        return Err(CallError::new("the result is not a number"));
    }
    Ok(Number::from_f64(number).into())
}

fn extreme(call: &Call<'_>, better: fn(&Number, &Number) -> bool) -> Outcome {
    let numbers = call.args.iter().filter_map(Value::as_number);
    let best = numbers.reduce(|best, number| if better(number, best) { number } else { best });
    best.map(|best| best.clone().into()).ok_or_else(|| CallError::new("must pass at least one number"))
}

fn parseint(call: &Call<'_>) -> Outcome {
    let text = call.text(0);
    let base = call.whole(1)?;
    if !(2..=62).contains(&base) {
        return Err(CallError::at(1, "base must be a whole number between 2 and 62 inclusive"));
    }
    let (negative, digits) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let value = |digit: u8| {
        Some(match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'z' => digit - b'a' + 10,
            b'A'..=b'Z' if base <= 36 => digit - b'A' + 10,
            b'A'..=b'Z' => digit - b'A' + 36,
            _ => return None,
        })
    };
    let values: Option<Vec<u8>> =
        digits.bytes().map(|digit| value(digit).filter(|&value| i64::from(value) < base)).collect();
    let bad = || CallError::at(0, format!("cannot parse {text:?} as a base {base} integer"));
    let values = values.filter(|values| !values.is_empty()).ok_or_else(bad)?;
    let sign = if negative { num_bigint::Sign::Minus } else { num_bigint::Sign::Plus };
    let number = BigInt::from_radix_be(sign, &values, u32::try_from(base).unwrap_or(10)).ok_or_else(bad)?;
    Ok(Number::from_big(number).into())
}
