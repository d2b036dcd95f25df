use crate::preflight::network::{WayOut, way_out};
use crate::preflight::rule::{Findings, rule};
use crate::preflight::stack::Stack;

rule! {
    /// A public NAT gateway sends traffic on through an internet gateway: it belongs into a subnet whose default route
    /// leads to one, or to a firewall in front of it. In a private subnet it is made without complaint, and nothing gets through.
    ///
    /// Put it into a public subnet, or give its subnet a default route to the internet gateway.
    "K32" "nat-subnet" "NAT gateway in a subnet without the internet" check
}

fn check(stack: &Stack<'_>, found: &mut Findings) {
    for nat in stack.all("aws_nat_gateway") {
        let at = nat.attr("subnet_id");
        let is_public = nat.attr("connectivity_type").text() != Some("private");
        let Some(subnet) = stack.named(&at, "aws_subnet", &["id"]).filter(|_| is_public) else { continue };
        let way_out = way_out(stack, subnet);
        if matches!(way_out, WayOut::None | WayOut::Nat) {
            // A route of another stack shows in the account.
            found.judge(way_out == WayOut::Nat || stack.account.is_open(), &at, format!("{nat} is in {subnet}, which has no route to an internet gateway, so nothing gets through. Put it into a public subnet."));
        }
    }
}
