//! The first digits of a number whose digits are too many to compute all of them.
//!
//! `1e999999` has a million digits, and a few hundred tell it from its neighbours. The power of ten that cuts the others off
//! is computed as an interval that is as narrow as needed, so what comes out is exact.

use num_bigint::BigUint;

/// The first `count` digits of `mantissa * 2^exponent`, or one more, and the power of ten that they are multiplied with. The
/// mantissa has far fewer bits than the exponent says, so that what is cut off is never zero: a last digit of 1 stands for it.
pub(super) fn leading(mantissa: &BigUint, exponent: i64, count: u32) -> (Vec<u8>, i64) {
    let cut = decimal_length(exponent.saturating_add_unsigned(mantissa.bits())) - i64::from(count);
    let mut bits = 4 * u64::from(count) + 128;
    loop {
        let five = Interval::power_of_five(cut.unsigned_abs(), bits);
        let digits = |end: &BigUint| {
            if cut < 0 {
                times(mantissa, end, five.exponent + exponent - cut)
            } else {
                over(mantissa, end, exponent - cut - five.exponent)
            }
        };
        let (one, other) = (digits(&five.low), digits(&five.high));
        if one == other {
            let mut digits = one.to_str_radix(10).into_bytes();
            digits.push(b'1');
            return (digits, cut - 1);
        }
        bits *= 2;
    }
}

/// How many decimal digits a number has whose highest bit stands just below `top`, give or take one.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)] // a 32-bit number
fn decimal_length(top: i64) -> i64 {
    (top as f64 * std::f64::consts::LOG10_2).floor() as i64
}

/// The whole part of `a * b * 2^exponent`.
fn times(a: &BigUint, b: &BigUint, exponent: i64) -> BigUint {
    let product = a * b;
    if exponent < 0 { product >> exponent.unsigned_abs() } else { product << exponent.unsigned_abs() }
}

/// The whole part of `a / b * 2^exponent`.
fn over(a: &BigUint, b: &BigUint, exponent: i64) -> BigUint {
    if exponent < 0 { a / (b << exponent.unsigned_abs()) } else { (a << exponent.unsigned_abs()) / b }
}

/// What lies between `low * 2^exponent` and `high * 2^exponent`.
struct Interval {
    low: BigUint,
    high: BigUint,
    exponent: i64,
}

impl Interval {
    fn of(whole: u32) -> Self {
        Self { low: whole.into(), high: whole.into(), exponent: 0 }
    }

    fn power_of_five(mut count: u64, bits: u64) -> Self {
        let (mut power, mut square) = (Self::of(1), Self::of(5));
        while count > 0 {
            if count & 1 == 1 {
                power = power.times(&square, bits);
            }
            count >>= 1;
            if count > 0 {
                square = square.times(&square, bits);
            }
        }
        power
    }

    fn times(&self, other: &Self, bits: u64) -> Self {
        let (low, high) = (&self.low * &other.low, &self.high * &other.high);
        let exponent = self.exponent + other.exponent;
        let cut = high.bits().saturating_sub(bits);
        if cut == 0 {
            return Self { low, high, exponent };
        }
        Self { low: low >> cut, high: (high >> cut) + 1_u32, exponent: exponent.saturating_add_unsigned(cut) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All digits agree with those of the exact number as far as they go.
    #[test]
    fn exact_digits() {
        for (mantissa, exponent) in [(1_u32, 8193), (3, 20_000), (0xffff_ffff, 123_457), (7, -8193), (12_345, -30_001)]
        {
            let mantissa = BigUint::from(mantissa);
            let power = u32::try_from(i64::from(exponent).unsigned_abs()).unwrap();
            let (all, places) = if exponent < 0 {
                (&mantissa * BigUint::from(5_u32).pow(power), i64::from(exponent))
            } else {
                (&mantissa << power, 0)
            };
            let all = all.to_str_radix(10).into_bytes();
            let (mut first, cut) = leading(&mantissa, exponent.into(), 200);
            assert_eq!(first.pop(), Some(b'1'));
            assert!((200..=201).contains(&first.len()), "{}", first.len());
            assert_eq!(first, all[..first.len()], "{mantissa} * 2^{exponent}");
            assert_eq!(cut + 1 + i64::try_from(first.len()).unwrap(), places + i64::try_from(all.len()).unwrap());
        }
    }
}
