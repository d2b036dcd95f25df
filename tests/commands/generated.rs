//! Blocks for what is imported, written from what AWS says.

use crate::support::stack::{Stack, stack};

const BASE: &str = r#"
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_subnet" "main" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.1.0/24"
}

resource "aws_ecs_cluster" "main" {
  name = "main"
}

resource "aws_ecs_task_definition" "main" {
  family                   = "main"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = "256"
  memory                   = "512"
  container_definitions    = jsonencode([{ name = "web", image = "nginx" }])
}
"#;
const MADE: &str = r#"
resource "aws_eip" "main" {
  domain     = "vpc"
  depends_on = [aws_internet_gateway.main]
}

resource "aws_nat_gateway" "main" {
  allocation_id = aws_eip.main.id
  subnet_id     = aws_subnet.main.id
}

resource "aws_ecs_service" "main" {
  name            = "main"
  cluster         = aws_ecs_cluster.main.arn
  task_definition = aws_ecs_task_definition.main.arn
  desired_count   = 1
  launch_type     = "FARGATE"
  network_configuration {
    subnets = [aws_subnet.main.id]
  }
}
"#;

fn id_of(stack: &Stack, kind: &str) -> String {
    let state = stack.state();
    let one = state["resources"].as_array().unwrap().iter().find(|one| one["type"] == kind).unwrap();
    one["instances"][0]["attributes"]["id"].as_str().unwrap().to_owned()
}

#[test]
fn blocks_are_generated_for_a_service_and_a_public_gateway() {
    let stack = stack().aws().unchecked().file("main.tf", BASE).file("made.tf", MADE);
    stack.apply().succeeds();
    let gateway = id_of(&stack, "aws_nat_gateway");
    for address in ["aws_ecs_service.main", "aws_nat_gateway.main"] {
        stack.run(&["state", "rm", address]).succeeds();
    }
    let imports = format!(
        "import {{\n  to = aws_ecs_service.main\n  id = \"main/main\"\n}}\n\nimport {{\n  to = aws_nat_gateway.main\n  id = \"{gateway}\"\n}}\n"
    );
    stack.write("made.tf", MADE.split_once("resource \"aws_nat_gateway\"").unwrap().0);
    stack.write("imports.tf", imports);
    stack
        .with_flags(&["plan", "-generate-config-out=gen.tf"])
        .succeeds()
        .says("# (config will be generated)")
        .says("2 to import, 0 to add, 0 to change");
    let text = stack.read("gen.tf");
    assert!(!text.contains("aws-service-role"), "{text}");
    stack.apply().succeeds().says("2 imported, 0 added, 0 changed, 0 destroyed");
    stack.assert_nothing_to_do();
}

/// Something older than the rules of today: what is wrong with the block is told where it can be mended.
#[test]
fn a_block_that_cannot_stay_as_it_is_is_written_all_the_same() {
    let stack = stack()
        .aws()
        .unchecked()
        .file("main.tf", "resource \"aws_vpc\" \"main\" {\n  cidr_block = \"10.0.0.0/16\"\n}\n");
    stack.apply().succeeds();
    let body = format!(
        "Action=CreateSecurityGroup&Version=2016-11-15&GroupName=main&GroupDescription=100%25&VpcId={}",
        id_of(&stack, "aws_vpc")
    );
    let answer = stack.emulator().form("ec2", &body);
    let group = answer.split_once("<groupId>").unwrap().1.split_once('<').unwrap().0.to_owned();
    stack.write("imports.tf", format!("import {{\n  to = aws_security_group.main\n  id = \"{group}\"\n}}\n"));
    stack
        .with_flags(&["plan", "-generate-config-out=gen.tf"])
        .fails()
        .says("AWS does not take '%' here.")
        .says("gen.tf:")
        .says("plan again without -generate-config-out");
    let text = stack.read("gen.tf");
    assert!(text.contains("= \"100%\""), "{text}");
}

/// An empty text that AWS tells is no silence: a block says it where the default is another one, or where it must be given.
#[test]
fn an_empty_text_is_written_where_it_says_something() {
    let files = "resource \"aws_route53_zone\" \"main\" {\n  name    = \"example.com\"\n  comment = \"\"\n}\nresource \"aws_route53_record\" \"main\" {\n  zone_id = aws_route53_zone.main.zone_id\n  name    = \"\"\n  type    = \"TXT\"\n  ttl     = 60\n  records = [\"x\"]\n}\n";
    let stack = stack().aws().unchecked().file("main.tf", "").file("made.tf", files);
    stack.apply().succeeds();
    let zone = id_of(&stack, "aws_route53_zone");
    for address in ["aws_route53_record.main", "aws_route53_zone.main"] {
        stack.run(&["state", "rm", address]).succeeds();
    }
    let import = |address: &str, id: &str| format!("import {{\n  to = {address}\n  id = \"{id}\"\n}}\n");
    let imports =
        [import("aws_route53_zone.main", &zone), import("aws_route53_record.main", &format!("{zone}__TXT"))].concat();
    stack.write("made.tf", "");
    stack.write("imports.tf", imports);
    stack.with_flags(&["plan", "-generate-config-out=gen.tf"]).succeeds().says("2 to import, 0 to add, 0 to change");
    stack.apply().succeeds().says("2 imported, 0 added, 0 changed, 0 destroyed");
    stack.assert_nothing_to_do();
    let written: Vec<String> = stack.read("gen.tf").lines().map(str::trim).map(str::to_owned).collect();
    let is_written = |name: &str| written.iter().any(|line| line.starts_with(name) && line.ends_with("= \"\""));
    assert!(is_written("comment") && is_written("name"), "{written:?}");
}
