//! Finite binary floating point of any precision, rounded to the nearest, ties to even.

use std::cmp::Ordering;

use num_bigint::{BigInt, BigUint, Sign};
use num_traits::{ToPrimitive, Zero};

/// `mantissa * 2^exponent`; the mantissa is odd, so equal numbers look alike.
#[derive(Clone, Debug)]
pub(super) struct Float {
    pub(super) negative: bool,
    pub(super) mantissa: BigUint,
    pub(super) exponent: i64,
    /// Precision: how many bits a mantissa may have.
    pub(super) bits: u32,
}

/// What rounding gives.
#[derive(Clone, Debug)]
pub(super) enum Rounded {
    Zero,
    Infinite(bool),
    Finite(Float),
}

/// Largest number of binary digits that is written out as a whole number.
const LONGEST: i64 = 4 << 20;

impl Float {
    /// Rounds to `bits`. `more` says that a part was cut off below the mantissa.
    pub(super) fn round(negative: bool, mut mantissa: BigUint, mut exponent: i64, more: bool, bits: u32) -> Rounded {
        if mantissa.is_zero() {
            return Rounded::Zero;
        }
        let length = mantissa.bits();
        if length > u64::from(bits) {
            let cut = length - u64::from(bits);
            let half = mantissa.bit(cut - 1);
            let below = more || mantissa.trailing_zeros().is_some_and(|zeros| zeros < cut - 1);
            mantissa >>= cut;
            exponent = exponent.saturating_add_unsigned(cut);
            if half && (below || mantissa.bit(0)) {
                mantissa += 1_u32;
            }
        }
        if let Some(zeros) = mantissa.trailing_zeros()
            && zeros > 0
        {
            mantissa >>= zeros;
            exponent = exponent.saturating_add_unsigned(zeros);
        }
        let top = exponent.saturating_add_unsigned(mantissa.bits());
        if top > i64::from(i32::MAX) {
            return Rounded::Infinite(negative);
        }
        if top < i64::from(i32::MIN) {
            return Rounded::Zero;
        }
        Rounded::Finite(Self { negative, mantissa, exponent, bits })
    }

    /// A whole number other than zero.
    pub(super) fn whole(value: i64, bits: u32) -> Self {
        let zeros = value.trailing_zeros().min(63);
        let mantissa = BigUint::from(value.unsigned_abs() >> zeros);
        Self { negative: value < 0, mantissa, exponent: zeros.into(), bits }
    }

    pub(super) fn rounded_to(&self, bits: u32) -> Rounded {
        Self::round(self.negative, self.mantissa.clone(), self.exponent, false, bits)
    }

    /// Position just above the highest bit.
    fn top(&self) -> i64 {
        self.exponent.saturating_add_unsigned(self.mantissa.bits())
    }

    /// How many bits the mantissa needs.
    pub(super) fn needed_bits(&self) -> u32 {
        u32::try_from(self.mantissa.bits()).unwrap_or(u32::MAX)
    }

    pub(super) fn add(&self, other: &Self, bits: u32) -> Rounded {
        let (large, small) = if self.top() >= other.top() { (self, other) } else { (other, self) };
        let needed = i64::from(bits.max(large.needed_bits())) + 4;
        if large.top() - small.top() > needed {
            // The small one only tips the scale: one bit far below stands for it.
            let shift = (needed - i64::from(large.needed_bits())).unsigned_abs() + 2;
            let wide = &large.mantissa << shift;
            let sum = if large.negative == small.negative { wide + 1_u32 } else { wide - 1_u32 };
            return Self::round(large.negative, sum, large.exponent.saturating_sub_unsigned(shift), true, bits);
        }
        let exponent = self.exponent.min(other.exponent);
        let signed = |float: &Self| {
            let magnitude = &float.mantissa << (float.exponent - exponent).unsigned_abs();
            BigInt::from_biguint(if float.negative { Sign::Minus } else { Sign::Plus }, magnitude)
        };
        let (sign, magnitude) = (signed(self) + signed(other)).into_parts();
        Self::round(sign == Sign::Minus, magnitude, exponent, false, bits)
    }

    pub(super) fn mul(&self, other: &Self, bits: u32) -> Rounded {
        let mantissa = &self.mantissa * &other.mantissa;
        Self::round(self.negative != other.negative, mantissa, self.exponent + other.exponent, false, bits)
    }

    pub(super) fn div(&self, other: &Self, bits: u32) -> Rounded {
        let shift = (u64::from(bits) + 2 + other.mantissa.bits()).saturating_sub(self.mantissa.bits());
        let wide = &self.mantissa << shift;
        let quotient = &wide / &other.mantissa;
        let rest = wide - &quotient * &other.mantissa;
        let exponent = (self.exponent - other.exponent).saturating_sub_unsigned(shift);
        Self::round(self.negative != other.negative, quotient, exponent, !rest.is_zero(), bits)
    }

    /// Compares without the signs.
    pub(super) fn magnitude(&self, other: &Self) -> Ordering {
        self.top().cmp(&other.top()).then_with(|| {
            let exponent = self.exponent.min(other.exponent);
            let wide = |float: &Self| &float.mantissa << (float.exponent - exponent).unsigned_abs();
            wide(self).cmp(&wide(other))
        })
    }

    /// The whole part, towards zero, unless it is enormous.
    pub(super) fn truncated(&self) -> Option<BigInt> {
        let magnitude = match self.exponent {
            _ if self.top() > LONGEST => return None,
            _ if self.top() <= 0 => BigUint::ZERO,
            exponent if exponent < 0 => &self.mantissa >> exponent.unsigned_abs(),
            exponent => &self.mantissa << exponent.unsigned_abs(),
        };
        Some(BigInt::from_biguint(if self.negative { Sign::Minus } else { Sign::Plus }, magnitude))
    }

    pub(super) fn to_i64(&self) -> Option<i64> {
        if self.exponent < 0 || self.top() > 64 {
            return None;
        }
        let magnitude = i128::from(self.mantissa.to_u64()?) << self.exponent;
        i64::try_from(if self.negative { -magnitude } else { magnitude }).ok()
    }

    pub(super) fn to_f64(&self) -> f64 {
        // 64 bits are enough to round once more: what was cut off sets the lowest one.
        let cut = self.mantissa.bits().saturating_sub(64);
        let mut head = (&self.mantissa >> cut).to_u64().unwrap_or(u64::MAX);
        if cut > 0 {
            head |= 1;
        }
        #[allow(clippy::cast_precision_loss)] // this is the rounding
        let mut number = head as f64;
        let mut exponent = self.exponent.saturating_add_unsigned(cut).clamp(-3000, 3000);
        while exponent != 0 {
            let step = exponent.clamp(-500, 500);
            number *= 2_f64.powi(i32::try_from(step).unwrap_or_default());
            exponent -= step;
        }
        if self.negative { -number } else { number }
    }
}
