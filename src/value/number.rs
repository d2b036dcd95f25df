//! Numbers as Terraform computes and prints them: binary floating point with a 512-bit mantissa.
//!
//! A number remembers its precision, because printing depends on it: a literal has 512 bits, a count of elements 64,
//! a result of `log` or `pow` 53. A result takes the larger precision of its operands.

mod decimal;
mod float;
mod leading;

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use num_bigint::{BigInt, BigUint, Sign};

pub use decimal::Decimal;
use float::{Float, Rounded};

/// Bits of a number that was written in decimal.
const FULL: u32 = 512;
/// Bits of a number that came from a machine integer.
const WHOLE: u32 = 64;
/// Bits of a number that came from a double.
const DOUBLE: u32 = 53;

/// A number of the language.
#[derive(Clone, Debug)]
pub struct Number(Form);

/// Whole numbers that fit are kept as such; zero is never in `Big`.
#[derive(Clone, Debug)]
enum Form {
    Int { value: i64, bits: u32 },
    NegativeZero { bits: u32 },
    Infinite { negative: bool },
    Big(Box<Float>),
}

/// The text is no number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a number is required")]
pub struct BadNumber;

impl Number {
    /// Zero.
    pub const ZERO: Self = Self(Form::Int { value: 0, bits: WHOLE });
    /// What a positive number divided by zero gives.
    pub const INFINITY: Self = Self(Form::Infinite { negative: false });
    /// What a negative number divided by zero gives.
    pub const NEGATIVE_INFINITY: Self = Self(Form::Infinite { negative: true });

    /// The whole number, when it is one that fits.
    pub fn to_i64(&self) -> Option<i64> {
        match self.0 {
            Form::Int { value, .. } => Some(value),
            Form::NegativeZero { .. } => Some(0),
            Form::Infinite { .. } | Form::Big(_) => None,
        }
    }

    /// The nearest double.
    pub fn to_f64(&self) -> f64 {
        match &self.0 {
            #[allow(clippy::cast_precision_loss)] // rounds to the nearest, as asked
            Form::Int { value, .. } => *value as f64,
            Form::NegativeZero { .. } => -0.0,
            Form::Infinite { negative: false } => f64::INFINITY,
            Form::Infinite { negative: true } => f64::NEG_INFINITY,
            Form::Big(float) => float.to_f64(),
        }
    }

    /// From a double; what is not a number becomes zero.
    pub fn from_f64(number: f64) -> Self {
        if number.is_infinite() {
            return Self(Form::Infinite { negative: number < 0.0 });
        }
        if number == 0.0 || number.is_nan() {
            return Self::zero(number.is_sign_negative() && number == 0.0, DOUBLE);
        }
        let bits = number.to_bits();
        let exponent = i64::from((bits >> 52) as u32 & 0x7ff);
        let fraction = bits & ((1 << 52) - 1);
        let (mantissa, exponent) =
            if exponent == 0 { (fraction, -1074) } else { (fraction | 1 << 52, exponent - 1075) };
        Self::rounded(Float::round(number < 0.0, mantissa.into(), exponent, false, DOUBLE), DOUBLE)
    }

    /// From a whole number of any size.
    pub fn from_big(number: BigInt) -> Self {
        let (sign, magnitude) = number.into_parts();
        let bits = u32::try_from(magnitude.bits()).unwrap_or(u32::MAX).max(WHOLE);
        if sign == Sign::NoSign {
            return Self::zero(false, bits);
        }
        Self::rounded(Float::round(sign == Sign::Minus, magnitude, 0, false, bits), bits)
    }

    /// The whole part, towards zero; nothing for infinities and for numbers of more than a million binary digits.
    pub fn truncated(&self) -> Option<BigInt> {
        match &self.0 {
            Form::Int { value, .. } => Some((*value).into()),
            Form::NegativeZero { .. } => Some(BigInt::ZERO),
            Form::Infinite { .. } => None,
            Form::Big(float) => float.truncated(),
        }
    }

    /// Whether it is a whole number.
    pub fn is_integer(&self) -> bool {
        match &self.0 {
            Form::Int { .. } | Form::NegativeZero { .. } => true,
            Form::Infinite { .. } => false,
            Form::Big(float) => float.exponent >= 0,
        }
    }

    /// Whether it is infinite.
    pub fn is_infinite(&self) -> bool {
        matches!(self.0, Form::Infinite { .. })
    }

    /// Whether it is zero, of either sign.
    pub fn is_zero(&self) -> bool {
        matches!(self.0, Form::Int { value: 0, .. } | Form::NegativeZero { .. })
    }

    /// Whether it carries a minus sign; minus zero does.
    pub fn is_negative(&self) -> bool {
        match &self.0 {
            Form::Int { value, .. } => *value < 0,
            Form::NegativeZero { .. } => true,
            Form::Infinite { negative } => *negative,
            Form::Big(float) => float.negative,
        }
    }

    /// The sum; nothing for opposite infinities.
    pub fn add(&self, other: &Self) -> Option<Self> {
        let bits = self.bits().max(other.bits());
        match (&self.0, &other.0) {
            (Form::Int { value: a, .. }, Form::Int { value: b, .. }) if bits >= WHOLE => {
                if let Some(value) = a.checked_add(*b) {
                    return Some(Self(Form::Int { value, bits }));
                }
            }
            (Form::Infinite { negative: a }, Form::Infinite { negative: b }) => return (a == b).then(|| self.clone()),
            (Form::Infinite { .. }, _) => return Some(self.clone()),
            (_, Form::Infinite { .. }) => return Some(other.clone()),
            _ => {}
        }
        Some(match (self.float(), other.float()) {
            (None, None) => Self::zero(self.is_negative() && other.is_negative(), bits),
            (Some(a), None) | (None, Some(a)) => Self::rounded(a.rounded_to(bits), bits),
            (Some(a), Some(b)) => Self::rounded(a.add(&b, bits), bits),
        })
    }

    /// The difference; nothing for an infinity minus itself.
    pub fn sub(&self, other: &Self) -> Option<Self> {
        self.add(&other.neg())
    }

    /// The product; nothing for zero times an infinity.
    pub fn mul(&self, other: &Self) -> Option<Self> {
        let bits = self.bits().max(other.bits());
        let negative = self.is_negative() != other.is_negative();
        if self.is_infinite() || other.is_infinite() {
            return (!self.is_zero() && !other.is_zero()).then_some(Self(Form::Infinite { negative }));
        }
        if let (Form::Int { value: a, .. }, Form::Int { value: b, .. }) = (&self.0, &other.0)
            && bits >= WHOLE
            && let Some(value) = a.checked_mul(*b)
            && value != 0
        {
            return Some(Self(Form::Int { value, bits }));
        }
        let (Some(a), Some(b)) = (self.float(), other.float()) else { return Some(Self::zero(negative, bits)) };
        // The product keeps all its bits up to 512, even when its operands had fewer.
        let product = a.mul(&b, FULL);
        let needed = if let Rounded::Finite(product) = &product { product.needed_bits() } else { 0 };
        Some(Self::rounded(product, bits.max(needed)))
    }

    /// The quotient; nothing for zero by zero and for infinity by infinity.
    pub fn div(&self, other: &Self) -> Option<Self> {
        let bits = self.bits().max(other.bits());
        let negative = self.is_negative() != other.is_negative();
        if (self.is_zero() && other.is_zero()) || (self.is_infinite() && other.is_infinite()) {
            return None;
        }
        if self.is_infinite() || other.is_zero() {
            return Some(Self(Form::Infinite { negative }));
        }
        let (Some(a), Some(b)) = (self.float(), other.float()) else { return Some(Self::zero(negative, bits)) };
        Some(Self::rounded(a.div(&b, bits), bits))
    }

    /// What is left after dividing towards zero; the number itself when dividing by zero, nothing for infinities.
    pub fn rem(&self, other: &Self) -> Option<Self> {
        if self.is_infinite() || other.is_infinite() {
            return None;
        }
        if other.is_zero() {
            return Some(self.clone());
        }
        let bits = self.bits();
        if let (Form::Int { value: a, .. }, Form::Int { value: b, .. }) = (&self.0, &other.0)
            && bits >= WHOLE
        {
            return Some(Self(Form::Int { value: a.checked_rem(*b).unwrap_or(0), bits }));
        }
        let (Some(a), Some(b)) = (self.float(), other.float()) else { return Some(Self::zero(false, bits)) };
        let whole = self.div(other)?.truncated_float();
        let Some(whole) = whole else { return Some(self.clone()) };
        // Every step is rounded to the precision of the dividend.
        let Rounded::Finite(whole) = whole.rounded_to(bits) else { return None };
        match b.mul(&whole, bits) {
            Rounded::Finite(mut product) => {
                product.negative = !product.negative;
                Some(Self::rounded(a.add(&product, bits), bits))
            }
            Rounded::Zero => Some(self.clone()),
            Rounded::Infinite(_) => None,
        }
    }

    /// The same with the other sign.
    #[must_use]
    pub fn neg(&self) -> Self {
        Self(match &self.0 {
            Form::Int { value: 0, bits } => Form::NegativeZero { bits: *bits },
            Form::Int { value: i64::MIN, bits } => {
                return Self::rounded(Float::round(false, BigUint::from(1_u64 << 63), 0, false, *bits), *bits);
            }
            Form::Int { value, bits } => Form::Int { value: -value, bits: *bits },
            Form::NegativeZero { bits } => Form::Int { value: 0, bits: *bits },
            Form::Infinite { negative } => Form::Infinite { negative: !negative },
            Form::Big(float) => {
                let float = Float { negative: !float.negative, ..(**float).clone() };
                let bits = float.bits;
                return Self::rounded(Rounded::Finite(float), bits);
            }
        })
    }

    /// The same without a minus sign.
    #[must_use]
    pub fn abs(&self) -> Self {
        if self.is_negative() { self.neg() } else { self.clone() }
    }

    /// The greatest whole number that is not greater.
    #[must_use]
    pub fn floor(&self) -> Self {
        self.whole(true)
    }

    /// The smallest whole number that is not smaller.
    #[must_use]
    pub fn ceil(&self) -> Self {
        self.whole(false)
    }

    fn whole(&self, down: bool) -> Self {
        let Form::Big(float) = &self.0 else {
            return if self.is_zero() { Self::zero(false, self.bits()) } else { self.clone() };
        };
        let (false, Some(mut whole)) = (float.exponent >= 0, float.truncated()) else { return self.clone() };
        if float.negative == down {
            whole += if down { -1 } else { 1 };
        }
        let (sign, magnitude) = whole.into_parts();
        if sign == Sign::NoSign {
            return Self::zero(false, float.bits);
        }
        Self::rounded(Float::round(sign == Sign::Minus, magnitude, 0, false, float.bits), float.bits)
    }

    /// All its decimal digits; nothing for infinities.
    pub fn decimal(&self) -> Option<Decimal> {
        match &self.0 {
            Form::Infinite { .. } => None,
            _ => Some(self.float().map_or_else(|| Decimal::zero(self.is_negative()), |float| Decimal::exact(&float))),
        }
    }

    /// As few decimal digits as tell it from other numbers of its precision; nothing for infinities.
    pub fn shortest(&self) -> Option<Decimal> {
        match &self.0 {
            Form::Infinite { .. } => None,
            _ => {
                Some(self.float().map_or_else(|| Decimal::zero(self.is_negative()), |float| Decimal::shortest(&float)))
            }
        }
    }

    fn zero(negative: bool, bits: u32) -> Self {
        Self(if negative { Form::NegativeZero { bits } } else { Form::Int { value: 0, bits } })
    }

    fn rounded(result: Rounded, bits: u32) -> Self {
        Self(match result {
            Rounded::Zero => Form::Int { value: 0, bits },
            Rounded::Infinite(negative) => Form::Infinite { negative },
            Rounded::Finite(float) => float
                .to_i64()
                .map_or_else(|| Form::Big(Box::new(Float { bits, ..float })), |value| Form::Int { value, bits }),
        })
    }

    fn truncated_float(&self) -> Option<Float> {
        match &self.0 {
            Form::Big(float) if float.exponent < 0 => {
                let (sign, magnitude) = float.truncated()?.into_parts();
                if sign == Sign::NoSign {
                    return None;
                }
                match Float::round(sign == Sign::Minus, magnitude, 0, false, u32::MAX) {
                    Rounded::Finite(float) => Some(float),
                    Rounded::Zero | Rounded::Infinite(_) => None,
                }
            }
            _ => self.float(),
        }
    }

    /// As a float; nothing for zeros and infinities.
    fn float(&self) -> Option<Float> {
        match &self.0 {
            Form::Int { value: 0, .. } | Form::NegativeZero { .. } | Form::Infinite { .. } => None,
            Form::Int { value, bits } => Some(Float::whole(*value, *bits)),
            Form::Big(float) => Some((**float).clone()),
        }
    }

    fn bits(&self) -> u32 {
        match &self.0 {
            Form::Int { bits, .. } | Form::NegativeZero { bits } => *bits,
            Form::Infinite { .. } => 0,
            Form::Big(float) => float.bits,
        }
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self(Form::Int { value, bits: WHOLE })
    }
}

impl FromStr for Number {
    type Err = BadNumber;

    fn from_str(text: &str) -> Result<Self, BadNumber> {
        // Up to 18 plain digits fit for certain; longer and other texts go the long way.
        let digits = text.strip_prefix('-').unwrap_or(text);
        if !digits.is_empty() && digits.len() <= 18 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            let value = text.parse().map_err(|_| BadNumber)?;
            return Ok(if value == 0 {
                Self::zero(digits != text, FULL)
            } else {
                Self(Form::Int { value, bits: FULL })
            });
        }
        let (negative, magnitude) = match text.as_bytes().first() {
            Some(b'-') => (true, &text[1..]),
            Some(b'+') => (false, &text[1..]),
            _ => (false, text),
        };
        if magnitude == "Inf" || magnitude == "inf" {
            return Ok(Self(Form::Infinite { negative }));
        }
        let float = decimal::parse(negative, magnitude, FULL).ok_or(BadNumber)?;
        Ok(if matches!(float, Rounded::Zero) { Self::zero(negative, FULL) } else { Self::rounded(float, FULL) })
    }
}

/// Without an exponent, in as few digits as tell it from other numbers of its precision.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::Int { value, bits } if *bits >= WHOLE || value.unsigned_abs() < 1 << DOUBLE => write!(f, "{value}"),
            Form::NegativeZero { .. } => f.write_str("-0"),
            Form::Infinite { negative } => f.write_str(if *negative { "-Inf" } else { "+Inf" }),
            _ => self.shortest().map_or(Ok(()), |decimal| write!(f, "{decimal}")),
        }
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Number {}

/// Equal numbers hash alike: precision and the sign of zero do not take part.
impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.0 {
            Form::Int { value, .. } => value.hash(state),
            Form::NegativeZero { .. } => 0_i64.hash(state),
            Form::Infinite { negative } => (negative, "infinite").hash(state),
            Form::Big(float) => (float.negative, &float.mantissa, float.exponent).hash(state),
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        if let (Some(a), Some(b)) = (self.to_i64(), other.to_i64()) {
            return a.cmp(&b);
        }
        let sign = |number: &Self| match number {
            zero if zero.is_zero() => 0,
            number => {
                if number.is_negative() {
                    -1
                } else {
                    1
                }
            }
        };
        let order = sign(self).cmp(&sign(other));
        if order.is_ne() {
            return order;
        }
        let magnitude = match (self.is_infinite(), other.is_infinite()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) => match (self.float(), other.float()) {
                (Some(a), Some(b)) => a.magnitude(&b),
                _ => Ordering::Equal,
            },
        };
        if sign(self) < 0 { magnitude.reverse() } else { magnitude }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn n(text: &str) -> Number {
        text.parse().unwrap_or(Number::ZERO)
    }

    #[test]
    fn is_small() {
        assert_eq!(size_of::<Number>(), 16);
    }

    #[test]
    fn prints_as_terraform_does() {
        let third = "0.33333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333\
                     333333333333333333333333333333333333333333333333333333335";
        assert_eq!(n("1").div(&n("3")).map(|x| x.to_string()).as_deref(), Some(third));
        for text in ["0.1", "1.5", "-2.25", "0.0000001", "123456789012345678901234567890", "-0", "+Inf", "-Inf", "1e"] {
            let expected = if text == "1e" { "0" } else { text };
            assert_eq!(n(text).to_string(), expected);
        }
        assert_eq!(n("1e400").to_string(), format!("1{}", "0".repeat(400)));
        assert_eq!(n("-123e99999").to_string(), format!("-123{}", "0".repeat(99_999)));
        assert_eq!(n("1e-99999").to_string(), format!("0.{}1", "0".repeat(99_998)));
        assert_eq!(n("4.5e300000000").to_string(), "4.5e+300000000");
        assert_eq!(n("1e-400").to_string(), format!("0.{}1", "0".repeat(399)));
        assert_eq!(n("1p5").to_string(), "32");
        assert_eq!(n("9223372036854775808").to_string(), "9223372036854775808");
        assert_eq!(n("-9223372036854775808").neg().to_string(), "9223372036854775808");
        assert_eq!(Number::from_f64(2_f64.sqrt()).to_string(), "1.4142135623730951");
        assert_eq!(Number::from_f64(2_f64.powi(60)).to_string(), "1152921504606847000");
        assert_eq!(
            Number::from(1).div(&Number::from(3)).map(|x| x.to_string()).as_deref(),
            Some("0.33333333333333333334")
        );
        let root = Number::from_f64(2_f64.sqrt());
        assert_eq!(root.mul(&root).map(|x| x.to_string()).as_deref(), Some("2.00000000000000027343234630647693"));
    }

    #[test]
    fn computes() {
        let sum = n("0.1").add(&n("0.2"));
        assert_eq!(sum, Some(n("0.3")));
        assert_eq!(n("-5").rem(&n("3")), Some(n("-2")));
        assert_eq!(n("5.5").rem(&n("-3")), Some(n("2.5")));
        assert_eq!(n("5").rem(&n("0")), Some(n("5")));
        assert_eq!(n("1").div(&n("0")), Some(Number::INFINITY));
        assert_eq!(n("0").div(&n("0")), None);
        assert_eq!(n("-1").mul(&n("0")).map(|x| x.to_string()).as_deref(), Some("-0"));
        assert_eq!(
            (n("-1.5").floor(), n("-1.5").ceil(), n("1.5").ceil(), n("0.5").floor()),
            (n("-2"), n("-1"), n("2"), n("0"))
        );
        assert_eq!(n("1e300000000").add(&n("1")), Some(n("1e300000000")));
        assert!(n("1e-5") < n("2e-5") && n("-1e30") < n("-1") && n("1e30") < Number::INFINITY && n("-0") == n("0"));
    }

    #[test]
    fn doubles_round_trip() {
        for number in [0.1, -2.5, 1e300, 5e-324, 1.797_693_134_862_315_7e308, 123_456.789] {
            assert_eq!(Number::from_f64(number).to_f64().to_bits(), number.to_bits());
            assert_eq!(n(&format!("{number:e}")).to_f64().to_bits(), number.to_bits());
        }
    }

    #[test]
    fn refuses_what_is_no_number() {
        for text in ["", " 1", "1 ", "0x10", "1_0", "1e", "1e+", ".", "-", "abc", "1.2.3", "infinity", "NaN", "١"] {
            assert!(text.parse::<Number>().is_err(), "{text}");
        }
    }
}
