//! IP networks in CIDR notation.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use num_bigint::{BigInt, BigUint};
use num_traits::ToPrimitive;

use crate::value::{Number, Type, Value};

use super::{Call, CallError, Function, Kind, Outcome, Param, Returns, function, param};

const PREFIX: &[Param] = &[param("prefix", Kind::String)];
const TEXT: Returns = Returns::Always(Kind::String);

pub(super) const FUNCTIONS: &[Function] = &[
    function(
        "cidrhost",
        "The address of a host in a network, by number; negative numbers count from the end.",
        &[param("prefix", Kind::String), param("hostnum", Kind::Number)],
        TEXT,
        host,
    ),
    function("cidrnetmask", "The mask of an IPv4 network as an address.", PREFIX, TEXT, |call| {
        let network = Network::parse(call.text(0)).map_err(|reason| invalid(&reason))?;
        if network.width == 128 && !network.is_mapped() {
            return Err(CallError::new(format!("IPv6 addresses cannot have a netmask: {}", call.text(0))));
        }
        Ok(Network { address: network.mask(), ..network }.host().into())
    }),
    function(
        "cidrsubnet",
        "A network inside another, by number.",
        &[param("prefix", Kind::String), param("newbits", Kind::Number), param("netnum", Kind::Number)],
        TEXT,
        subnet,
    ),
    function(
        "cidrsubnets",
        "Networks inside another, one after the other.",
        PREFIX,
        Returns::Always(Kind::Strings),
        subnets,
    )
    .rest(param("newbits", Kind::Number)),
];

/// A network; addresses of both families are numbers.
#[derive(Clone, Copy, Debug)]
struct Network {
    address: u128,
    length: u32,
    /// 32 or 128 bits.
    width: u32,
}

impl Network {
    fn parse(text: &str) -> Result<Self, String> {
        let bad = || format!("invalid CIDR address: {text}");
        let (address, length) = text.split_once('/').ok_or_else(bad)?;
        let (address, width) = if address.contains(':') {
            (u128::from(address.parse::<Ipv6Addr>().map_err(|_| bad())?), 128)
        } else {
            (ipv4(address).ok_or_else(bad)?.into(), 32)
        };
        if length.is_empty() || length.len() > 3 || !length.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(bad());
        }
        let length: u32 = length.parse().map_err(|_| bad())?;
        if length > width {
            return Err(bad());
        }
        let network = Self { address, length, width };
        Ok(Self { address: address & network.mask(), ..network })
    }

    /// All bits of an address.
    fn all(self) -> u128 {
        u128::MAX >> (128 - self.width)
    }

    fn mask(self) -> u128 {
        self.all() & !self.all().checked_shr(self.length).unwrap_or(0)
    }

    fn last(self) -> u128 {
        self.address | (self.all() & !self.mask())
    }

    /// The network of a length that holds an address.
    fn around(self, address: u128, length: u32) -> Self {
        let network = Self { length, ..self };
        Self { address: address & network.mask(), ..network }
    }

    /// Whether it is an IPv4 address in the clothes of IPv6, such as `::ffff:10.0.0.1`. Go's library, and Terraform with
    /// it, takes most of these for IPv4, and so do we.
    fn is_mapped(self) -> bool {
        self.width == 128 && self.address >> 32 == 0xffff
    }

    /// The address alone.
    fn host(self) -> String {
        if self.width == 32 || self.is_mapped() {
            return Ipv4Addr::from(u32::try_from(self.address & 0xffff_ffff).unwrap_or_default()).to_string();
        }
        Ipv6Addr::from(self.address).to_string()
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = if self.is_mapped() { self.length.saturating_sub(96) } else { self.length };
        write!(f, "{}/{length}", self.host())
    }
}

/// Decimal even with leading zeros, as Terraform reads it.
fn ipv4(text: &str) -> Option<u32> {
    let parts: Vec<&str> = text.split('.').collect();
    if parts.len() != 4 || !parts.iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
    {
        return None;
    }
    parts.iter().try_fold(0, |address, part| Some(address << 8 | u32::from(part.parse::<u8>().ok()?)))
}

fn invalid(reason: &str) -> CallError {
    CallError::new(format!("invalid CIDR expression: {reason}"))
}

fn big(call: &Call<'_>, at: usize) -> Result<BigInt, CallError> {
    let number = call.number(at);
    let whole = if number.is_integer() { Number::truncated(number) } else { None };
    whole.ok_or_else(|| CallError::new("value must be a whole number"))
}

fn host(call: &Call<'_>) -> Outcome {
    let number = big(call, 1)?;
    let network = Network::parse(call.text(0)).map_err(|reason| invalid(&reason))?;
    let most = BigInt::from(network.last() - network.address);
    let beyond = |number: &BigInt| {
        let message = format!("prefix of {} does not accommodate a host numbered {number}", network.length);
        CallError::new(message)
    };
    let from_start = if number < BigInt::ZERO { &most + 1 + &number } else { number.clone() };
    if from_start > most || from_start < BigInt::ZERO {
        return Err(beyond(&number));
    }
    let offset = from_start.to_u128().unwrap_or_default();
    // Go's library counts the bits of a mapped address as if there were 32.
    let offset = if network.is_mapped() { offset.checked_shl(96).unwrap_or_default() } else { offset };
    Ok(Network { address: network.address | offset, ..network }.host().into())
}

fn subnet(call: &Call<'_>) -> Outcome {
    let new_bits = call.int(1)?;
    let number = big(call, 2)?;
    let network = Network::parse(call.text(0)).map_err(|reason| invalid(&reason))?;
    let length = i64::from(network.length).saturating_add(new_bits);
    let length = u32::try_from(length).ok().filter(|&length| length <= network.width).ok_or_else(|| {
        CallError::new(format!("insufficient address space to extend prefix of {} by {new_bits}", network.length))
    })?;
    let beyond =
        || CallError::new(format!("prefix extension of {new_bits} does not accommodate a subnet numbered {number}"));
    // As Go's library has it: the lowest 64 bits of the number without its sign must fit, and a negative number is put
    // into the address in two's complement without end.
    let low = (number.magnitude() & BigUint::from(u64::MAX)).to_u64().unwrap_or_default();
    let most = u32::try_from(new_bits).ok().and_then(|bits| 1u64.checked_shl(bits)).map_or(u64::MAX, |bits| bits - 1);
    if low > most {
        return Err(beyond());
    }
    let address = BigInt::from(network.address) | (&number << (network.width - length));
    let address = address.magnitude().to_u128().filter(|address| *address <= network.all()).ok_or_else(beyond)?;
    Ok(Network { address, length, ..network }.to_string().into())
}

fn subnets(call: &Call<'_>) -> Outcome {
    let network = Network::parse(call.text(0))
        .map_err(|reason| CallError::at(0, format!("invalid CIDR expression: {reason}")))?;
    let all = network.all();
    let mut result = Vec::new();
    // The network just before the first one, around the end of the address space if need be.
    let mut last = network.address.wrapping_sub(1) & all;
    for at in 1..call.args.len() {
        let bits = call.whole(at)?;
        if bits < 1 {
            return Err(CallError::at(at, "must extend prefix by at least one bit"));
        }
        if bits > 32 {
            return Err(CallError::at(at, "may not extend prefix by more than 32 bits"));
        }
        let length = i64::from(network.length).saturating_add(bits);
        let length = u32::try_from(length).ok().filter(|&length| length <= network.width).ok_or_else(|| {
            let family = if network.width == 32 { "IPv4" } else { "IPv6" };
            let message = format!("would extend prefix to {length} bits, which is too long for an {family} address");
            CallError::at(at, message)
        })?;
        let before = network.around(last, length);
        let next = before.last().wrapping_add(1) & all;
        // Nothing comes after the end of the address space, although a network that starts at zero does.
        let fits = next & network.mask() == network.address && next != 0 && !network.is_mapped();
        if !fits {
            return Err(CallError::at(
                at,
                format!(
                    "not enough remaining address space for a subnet with a prefix of {length} bits after {before}"
                ),
            ));
        }
        let subnet = network.around(next, length);
        last = subnet.last();
        result.push(subnet.to_string().into());
    }
    Ok(Value::list(Type::String, result))
}
