//! Between binary numbers and decimal digits.

use std::fmt;

use num_bigint::BigUint;
use num_traits::Zero;

use super::float::{Float, Rounded};
use super::leading::leading;

/// Decimal digits: `0.DIGITS * 10^point`, without zeros at either end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal {
    /// Whether a minus sign stands before it.
    pub negative: bool,
    /// ASCII digits; none for zero.
    pub digits: Vec<u8>,
    /// Where the decimal point stands, counted from the first digit.
    pub point: i64,
}

/// More decimal places than this are shown with an exponent instead of zeros.
const LONGEST: u64 = 2 << 20;
/// From this exponent of two on, the first digits alone are looked at where they are enough.
const FAR: u64 = 8192;

impl Decimal {
    pub(super) fn zero(negative: bool) -> Self {
        Self { negative, digits: Vec::new(), point: 0 }
    }

    /// All digits of `float`; the first ones alone where there are millions.
    pub(super) fn exact(float: &Float) -> Self {
        Self::near(float.negative, &float.mantissa, float.exponent, LONGEST * 4, 200)
    }

    /// All digits of `mantissa * 2^exponent`; `count` or one more and a last 1 where the exponent is beyond `far`.
    fn near(negative: bool, mantissa: &BigUint, exponent: i64, far: u64, count: u32) -> Self {
        if mantissa.is_zero() {
            return Self::zero(negative);
        }
        let (mut digits, point) = if exponent.unsigned_abs() > far {
            leading(mantissa, exponent, count)
        } else {
            let shift = u32::try_from(exponent.unsigned_abs()).unwrap_or_default();
            let whole = if exponent >= 0 { mantissa << shift } else { mantissa * BigUint::from(5_u32).pow(shift) };
            (whole.to_str_radix(10).into_bytes(), exponent.min(0))
        };
        let point = point.saturating_add_unsigned(digits.len() as u64);
        while digits.last() == Some(&b'0') {
            digits.pop();
        }
        Self { negative, digits, point }
    }

    /// As few digits as tell `float` from its neighbours of the same precision.
    pub(super) fn shortest(float: &Float) -> Self {
        // More digits than neighbours of this precision share.
        let count = float.bits / 3 + 30;
        let near =
            |mantissa, exponent| Self::near(float.negative, &mantissa, exponent, FAR.max(float.bits.into()), count);
        let mut exact = near(float.mantissa.clone(), float.exponent);
        // One unit is half a step of the precision here.
        let shift = (i64::from(float.bits) + 1).saturating_sub_unsigned(float.mantissa.bits());
        if shift < 1 {
            return Self::exact(float);
        }
        let mantissa = &float.mantissa << shift.unsigned_abs();
        let exponent = float.exponent - shift;
        let lower = near(&mantissa - 1_u32, exponent).digits;
        let upper = near(&mantissa + 1_u32, exponent).digits;
        let inclusive = !mantissa.bit(1);
        for (place, &digit) in exact.digits.iter().enumerate() {
            let low = lower.get(place).copied().unwrap_or(b'0');
            let high = upper.get(place).copied().unwrap_or(b'0');
            let may_cut = low != digit || (inclusive && place + 1 == lower.len());
            let may_raise = digit != high && (inclusive || digit + 1 < high || place + 1 < upper.len());
            match (may_cut, may_raise) {
                (true, true) => exact.round(place + 1),
                (true, false) => exact.cut(place + 1),
                (false, true) => exact.raise(place + 1),
                (false, false) => continue,
            }
            return exact;
        }
        exact
    }

    /// Keeps `count` digits, rounding to the nearest, ties to even.
    pub fn round(&mut self, count: usize) {
        let Some(&next) = self.digits.get(count) else { return };
        let up = if next == b'5' && count + 1 == self.digits.len() {
            count > 0 && (self.digits[count - 1] - b'0') % 2 == 1
        } else {
            next >= b'5'
        };
        if up { self.raise(count) } else { self.cut(count) }
    }

    fn cut(&mut self, count: usize) {
        self.digits.truncate(count);
        while self.digits.last() == Some(&b'0') {
            self.digits.pop();
        }
        if self.digits.is_empty() {
            self.point = 0;
        }
    }

    fn raise(&mut self, count: usize) {
        self.digits.truncate(count);
        while self.digits.last() == Some(&b'9') {
            self.digits.pop();
        }
        if let Some(last) = self.digits.last_mut() {
            *last += 1;
        } else {
            self.digits.push(b'1');
            self.point += 1;
        }
    }

    /// The digit at `place`, counted from the first one; zero outside.
    pub fn digit(&self, place: i64) -> char {
        usize::try_from(place).ok().and_then(|place| self.digits.get(place)).map_or('0', |&digit| digit.into())
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = String::from_utf8_lossy(&self.digits);
        if self.negative {
            f.write_str("-")?;
        }
        if self.digits.is_empty() {
            return f.write_str("0");
        }
        if self.point.unsigned_abs() > LONGEST {
            let (first, rest) = digits.split_at(1);
            let separator = if rest.is_empty() { "" } else { "." };
            return write!(f, "{first}{separator}{rest}e{:+}", self.point - 1);
        }
        let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or_default());
        match usize::try_from(self.point) {
            Ok(point) if point >= digits.len() => write!(f, "{digits}{}", "0".repeat(point - digits.len())),
            Ok(point) if point > 0 => write!(f, "{}.{}", &digits[..point], &digits[point..]),
            _ => write!(f, "0.{}{digits}", zeros(-self.point)),
        }
    }
}

/// Reads digits with an optional point and exponent (`e` of ten, `p` of two).
pub(super) fn parse(negative: bool, text: &str, bits: u32) -> Option<Rounded> {
    let end = text.find(['e', 'E', 'p', 'P']).unwrap_or(text.len());
    let (mantissa, exponent) = text.split_at(end);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let power: i64 = match exponent.get(1..) {
        None => 0,
        Some(power) => {
            let plain = power.strip_prefix(['+', '-']).unwrap_or(power);
            if !plain.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            power.parse().ok()?
        }
    };
    let mantissa = BigUint::parse_bytes(digits.as_bytes(), 10)?;
    if mantissa.is_zero() {
        return Some(Rounded::Zero);
    }
    // The value is mantissa * 2^twos * 5^fives.
    let places = i64::try_from(fraction.len()).ok()?;
    let (twos, fives) = match exponent.as_bytes().first() {
        Some(b'p' | b'P') => (power.checked_sub(places)?, -places),
        _ => (power.checked_sub(places)?, power.checked_sub(places)?),
    };
    let top = twos.checked_add_unsigned(mantissa.bits())?;
    if top < i64::from(i32::MIN) || top > i64::from(i32::MAX) {
        return None;
    }
    let Rounded::Finite(start) = Float::round(negative, mantissa, twos, false, u32::MAX) else { return None };
    if fives == 0 {
        return Some(start.rounded_to(bits));
    }
    let power = power_of_five(fives.unsigned_abs(), bits + 64)?;
    Some(if fives < 0 { start.div(&power, bits) } else { start.mul(&power, bits) })
}

/// Go's way of rounding on the way, so that large exponents end in the same bits.
fn power_of_five(mut count: u64, bits: u32) -> Option<Float> {
    const EXACT: u64 = 27;
    let finite = |rounded| if let Rounded::Finite(float) = rounded { Some(float) } else { None };
    let small = BigUint::from(5_u32).pow(u32::try_from(count.min(EXACT)).ok()?);
    let mut power = finite(Float::round(false, small, 0, false, bits))?;
    count = count.saturating_sub(EXACT);
    let mut square = finite(Float::round(false, BigUint::from(5_u32), 0, false, bits + 64))?;
    while count > 0 {
        if count & 1 == 1 {
            power = finite(power.mul(&square, bits))?;
        }
        count >>= 1;
        if count > 0 {
            square = finite(square.mul(&square, bits + 64))?;
        }
    }
    Some(power)
}
