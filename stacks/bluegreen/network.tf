# A network of its own: public subnets for the load balancer and the NAT
# gateways, private subnets for the tasks.

data "aws_availability_zones" "available" {
  state = "available"

  # Without this filter, Local Zones the account has opted into are listed too;
  # neither load balancers nor NAT gateways are at home in all of them.
  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }

  lifecycle {
    postcondition {
      condition     = length(self.names) >= var.availability_zone_count
      error_message = "This region has only ${length(self.names)} availability zones; lower availability_zone_count."
    }
  }
}

locals {
  zones = slice(sort(data.aws_availability_zones.available.names), 0, var.availability_zone_count)

  # The VPC is cut into 16 blocks. The first one is cut again into 16 small
  # public subnets, the others are large private ones. For 10.20.0.0/16:
  #   public  10.20.0.0/24   10.20.1.0/24  ...   (load balancer, NAT)
  #   private 10.20.16.0/20  10.20.32.0/20 ...   (each task takes an address,
  #                                               twice as many while deploying)
  # Zones are keyed by name, so that adding one leaves the others alone.
  subnets = {
    for index, zone in local.zones : zone => {
      public  = cidrsubnet(var.vpc_cidr, 8, index)
      private = cidrsubnet(var.vpc_cidr, 4, index + 1)
    }
  }

  # One NAT gateway for all (cheap) or one in each zone (survives a zone).
  nat_zones = var.single_nat_gateway ? slice(local.zones, 0, 1) : local.zones
}

resource "aws_vpc" "this" {
  cidr_block           = var.vpc_cidr
  enable_dns_support   = true
  enable_dns_hostnames = true

  tags = merge(local.tags, { Name = var.name })
}

# --- public side -------------------------------------------------------------

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id

  tags = merge(local.tags, { Name = var.name })
}

resource "aws_subnet" "public" {
  for_each = local.subnets

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = each.value.public

  # Nothing but the load balancer and the NAT gateways lives here, and those
  # bring their own public addresses.
  map_public_ip_on_launch = false

  tags = merge(local.tags, { Name = "${var.name}-public-${each.key}", Tier = "public" })
}

# The public subnets share one way out.
resource "aws_route_table" "public" {
  vpc_id = aws_vpc.this.id

  tags = merge(local.tags, { Name = "${var.name}-public" })
}

resource "aws_route" "public_internet" {
  route_table_id         = aws_route_table.public.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this.id
}

resource "aws_route_table_association" "public" {
  for_each = aws_subnet.public

  subnet_id      = each.value.id
  route_table_id = aws_route_table.public.id
}

# --- NAT ---------------------------------------------------------------------

resource "aws_eip" "nat" {
  for_each = toset(local.nat_zones)

  domain = "vpc"

  tags = merge(local.tags, { Name = "${var.name}-nat-${each.key}" })

  # An address can only be mapped while the gateway is attached, and the gateway
  # can only be detached once no address is mapped. Nothing in the arguments
  # says so, hence the explicit dependency, which also orders the teardown.
  depends_on = [aws_internet_gateway.this]
}

resource "aws_nat_gateway" "this" {
  for_each = toset(local.nat_zones)

  allocation_id = aws_eip.nat[each.key].id
  subnet_id     = aws_subnet.public[each.key].id # public: NAT itself needs the internet

  tags = merge(local.tags, { Name = "${var.name}-${each.key}" })

  # Creation fails asynchronously ("Gateway.NotAttached") without a way out.
  depends_on = [
    aws_internet_gateway.this,
    aws_route.public_internet,
    aws_route_table_association.public,
  ]
}

# --- private side ------------------------------------------------------------

resource "aws_subnet" "private" {
  for_each = local.subnets

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = each.value.private

  tags = merge(local.tags, { Name = "${var.name}-private-${each.key}", Tier = "private" })
}

# One table per zone, so that going from one NAT gateway to one per zone only
# changes where the routes point.
resource "aws_route_table" "private" {
  for_each = local.subnets

  vpc_id = aws_vpc.this.id

  tags = merge(local.tags, { Name = "${var.name}-private-${each.key}" })
}

resource "aws_route" "private_nat" {
  for_each = local.subnets

  route_table_id         = aws_route_table.private[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.this[var.single_nat_gateway ? local.zones[0] : each.key].id
}

resource "aws_route_table_association" "private" {
  for_each = aws_subnet.private

  subnet_id      = each.value.id
  route_table_id = aws_route_table.private[each.key].id
}
