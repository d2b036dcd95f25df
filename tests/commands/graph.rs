//! `glaz graph` in its forms. The DOT texts are those of the real terraform.

use crate::support::stack::{Stack, stack};

const STACK: &str = r#"
variable "a" {
  default = 1
  validation {
    condition     = var.a > 0
    error_message = "no"
  }
}
locals { b = terraform_data.net.id }
resource "terraform_data" "net" { input = var.a }
resource "terraform_data" "last" { input = [module.m["x"].out, terraform_data.net.id] }
module "m" {
  source   = "./m"
  for_each = toset(["x"])
  a        = local.b
}
output "o" { value = terraform_data.last.id }
"#;
const MODULE: &str = r#"
variable "a" {}
resource "terraform_data" "in" { input = var.a }
output "out" { value = terraform_data.in.id }
"#;

fn example() -> Stack {
    stack().file("main.tf", STACK).file("m/m.tf", MODULE)
}

#[test]
fn resources() {
    let out = example().run(&["graph"]).succeeds().out;
    insta::assert_snapshot!(out, @r##"
    digraph G {
      rankdir = "RL";
      node [shape = rect, fontname = "sans-serif"];
      "terraform_data.last" [label="terraform_data.last"];
      "terraform_data.net" [label="terraform_data.net"];
      subgraph "cluster_module.m" {
        label = "module.m"
        fontname = "sans-serif"
        "module.m.terraform_data.in" [label="terraform_data.in"];
      }
      "terraform_data.last" -> "module.m.terraform_data.in";
      "module.m.terraform_data.in" -> "terraform_data.net";
    }
    "##);
}

#[test]
fn an_operation() {
    let stack = example();
    let plan = stack.run(&["graph", "-type=plan"]).succeeds().out;
    insta::assert_snapshot!(plan, @r##"
    digraph {
    	compound = "true"
    	newrank = "true"
    	subgraph "root" {
    		"[root] module.m.terraform_data.in (expand)" [label = "module.m.terraform_data.in", shape = "box"]
    		"[root] provider[\"terraform.io/builtin/terraform\"]" [label = "provider[\"terraform.io/builtin/terraform\"]", shape = "diamond"]
    		"[root] terraform_data.last (expand)" [label = "terraform_data.last", shape = "box"]
    		"[root] terraform_data.net (expand)" [label = "terraform_data.net", shape = "box"]
    		"[root] var.a" [label = "var.a", shape = "note"]
    		"[root] local.b (expand)" -> "[root] terraform_data.net (expand)"
    		"[root] module.m (close)" -> "[root] module.m.output.out (expand)"
    		"[root] module.m.output.out (expand)" -> "[root] module.m.terraform_data.in (expand)"
    		"[root] module.m.terraform_data.in (expand)" -> "[root] module.m.var.a (expand)"
    		"[root] module.m.var.a (expand)" -> "[root] local.b (expand)"
    		"[root] module.m.var.a (expand)" -> "[root] module.m (expand)"
    		"[root] output.o (expand)" -> "[root] terraform_data.last (expand)"
    		"[root] provider[\"terraform.io/builtin/terraform\"] (close)" -> "[root] terraform_data.last (expand)"
    		"[root] root" -> "[root] module.m (close)"
    		"[root] root" -> "[root] output.o (expand)"
    		"[root] root" -> "[root] provider[\"terraform.io/builtin/terraform\"] (close)"
    		"[root] terraform_data.last (expand)" -> "[root] module.m.output.out (expand)"
    		"[root] terraform_data.net (expand)" -> "[root] provider[\"terraform.io/builtin/terraform\"]"
    		"[root] terraform_data.net (expand)" -> "[root] var.a (validation)"
    		"[root] var.a (validation)" -> "[root] var.a"
    	}
    }
    "##);
    assert_eq!(stack.run(&["graph", "-type=apply"]).succeeds().out, plan);
    assert_eq!(stack.run(&["graph", "-type=plan-refresh-only"]).succeeds().out, plan);
}

#[test]
fn what_the_state_adds() {
    let stack = example();
    stack.apply().succeeds();
    let destroy = stack.run(&["graph", "-type=plan-destroy"]).succeeds().out;
    insta::assert_snapshot!(destroy, @r##"
    digraph {
    	compound = "true"
    	newrank = "true"
    	subgraph "root" {
    		"[root] module.m.terraform_data.in (destroy)" [label = "module.m.terraform_data.in", shape = "box"]
    		"[root] provider[\"terraform.io/builtin/terraform\"]" [label = "provider[\"terraform.io/builtin/terraform\"]", shape = "diamond"]
    		"[root] terraform_data.last (destroy)" [label = "terraform_data.last", shape = "box"]
    		"[root] terraform_data.net (destroy)" [label = "terraform_data.net", shape = "box"]
    		"[root] module.m.terraform_data.in (destroy)" -> "[root] terraform_data.last (destroy)"
    		"[root] provider[\"terraform.io/builtin/terraform\"] (close)" -> "[root] terraform_data.net (destroy)"
    		"[root] root" -> "[root] output.o (expand)"
    		"[root] root" -> "[root] provider[\"terraform.io/builtin/terraform\"] (close)"
    		"[root] terraform_data.last (destroy)" -> "[root] provider[\"terraform.io/builtin/terraform\"]"
    		"[root] terraform_data.net (destroy)" -> "[root] module.m.terraform_data.in (destroy)"
    	}
    }
    "##);
    stack.write("main.tf", "");
    let orphans = stack.run(&["graph", "-type=plan"]).succeeds().out;
    insta::assert_snapshot!(orphans, @r##"
    digraph {
    	compound = "true"
    	newrank = "true"
    	subgraph "root" {
    		"[root] module.m.terraform_data.in (orphan)" [label = "module.m.terraform_data.in", shape = "box"]
    		"[root] output.o (destroy)" [label = "output.o (destroy)", shape = "note"]
    		"[root] provider[\"terraform.io/builtin/terraform\"]" [label = "provider[\"terraform.io/builtin/terraform\"]", shape = "diamond"]
    		"[root] terraform_data.last (orphan)" [label = "terraform_data.last", shape = "box"]
    		"[root] terraform_data.net (orphan)" [label = "terraform_data.net", shape = "box"]
    		"[root] module.m.terraform_data.in (orphan)" -> "[root] provider[\"terraform.io/builtin/terraform\"]"
    		"[root] provider[\"terraform.io/builtin/terraform\"] (close)" -> "[root] module.m.terraform_data.in (orphan)"
    		"[root] provider[\"terraform.io/builtin/terraform\"] (close)" -> "[root] terraform_data.last (orphan)"
    		"[root] provider[\"terraform.io/builtin/terraform\"] (close)" -> "[root] terraform_data.net (orphan)"
    		"[root] root" -> "[root] output.o (destroy)"
    		"[root] root" -> "[root] provider[\"terraform.io/builtin/terraform\"] (close)"
    		"[root] terraform_data.last (orphan)" -> "[root] provider[\"terraform.io/builtin/terraform\"]"
    		"[root] terraform_data.net (orphan)" -> "[root] provider[\"terraform.io/builtin/terraform\"]"
    	}
    }
    "##);
}

#[test]
fn a_saved_plan() {
    let stack = stack().file("main.tf", "resource \"terraform_data\" \"a\" {\n  count = 2\n}\nresource \"terraform_data\" \"b\" { input = terraform_data.a[*].id }\n");
    stack.run(&["plan", "-out=p"]).succeeds();
    let out = stack.run(&["graph", "-plan=p"]).succeeds().out;
    insta::assert_snapshot!(out, @r##"
    digraph {
    	compound = "true"
    	newrank = "true"
    	subgraph "root" {
    		"[root] provider[\"terraform.io/builtin/terraform\"]" [label = "provider[\"terraform.io/builtin/terraform\"]", shape = "diamond"]
    		"[root] terraform_data.a (expand)" [label = "terraform_data.a", shape = "box"]
    		"[root] terraform_data.a[0]" [label = "terraform_data.a", shape = "box"]
    		"[root] terraform_data.a[1]" [label = "terraform_data.a", shape = "box"]
    		"[root] terraform_data.b" [label = "terraform_data.b", shape = "box"]
    		"[root] terraform_data.b (expand)" [label = "terraform_data.b", shape = "box"]
    		"[root] provider[\"terraform.io/builtin/terraform\"] (close)" -> "[root] terraform_data.b"
    		"[root] root" -> "[root] provider[\"terraform.io/builtin/terraform\"] (close)"
    		"[root] terraform_data.a (expand)" -> "[root] provider[\"terraform.io/builtin/terraform\"]"
    		"[root] terraform_data.a[0]" -> "[root] terraform_data.a (expand)"
    		"[root] terraform_data.a[1]" -> "[root] terraform_data.a (expand)"
    		"[root] terraform_data.b (expand)" -> "[root] terraform_data.a[0]"
    		"[root] terraform_data.b (expand)" -> "[root] terraform_data.a[1]"
    		"[root] terraform_data.b" -> "[root] terraform_data.b (expand)"
    	}
    }
    "##);
    let mermaid = stack.run(&["graph", "-plan=p", "-format=mermaid"]).succeeds().out;
    insta::assert_snapshot!(mermaid, @r##"
    flowchart RL
      n0["<small>terraform_data</small><br>+ a[0]"]
      n1["<small>terraform_data</small><br>+ a[1]"]
      n2["<small>terraform_data</small><br>+ b"]
      n2 --> n0
      n2 --> n1
      classDef other stroke:#0891b2,stroke-width:2px
      class n0,n1,n2 other
    "##);
    stack.run(&["graph", "-plan=p", "-type=plan"]).fails().says("Invalid combination of arguments");
    stack.run(&["graph", "-plan=nowhere"]).fails();
}

#[test]
fn mermaid() {
    let out = example().run(&["graph", "-format=mermaid"]).succeeds().out;
    insta::assert_snapshot!(out, @r##"
    flowchart RL
      n0["<small>terraform_data</small><br>net"]
      n1["<small>terraform_data</small><br>last"]
      subgraph m0["module.m"]
        n2["<small>terraform_data</small><br>in"]
      end
      n1 --> n2
      n2 --> n0
      classDef other stroke:#0891b2,stroke-width:2px
      class n0,n1,n2 other
    "##);
}

#[test]
fn svg() {
    let stack = example();
    let out = stack.run(&["graph", "-format=svg"]).succeeds().out;
    assert!(out.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\"") && out.ends_with("</svg>\n"), "{out}");
    assert_eq!(out.matches("<g class=\"node other\">").count(), 3);
    assert_eq!(out.matches("<path class=\"way\"").count(), 2);
    assert_eq!(out.matches("<rect class=\"module\"").count(), 1);
    assert!(out.contains("@media (prefers-color-scheme:dark)") && !out.contains("NaN"));
    stack.run(&["plan", "-out=p"]).succeeds();
    let plan = stack.run(&["graph", "-plan=p", "-format=svg"]).succeeds().out;
    assert_eq!(plan.matches("<g class=\"node other create\">").count(), 3);
    assert!(plan.contains("module.m[&quot;x&quot;]"));
    stack.write("main.tf", "resource \"terraform_data\" \"a\" {\n}\n");
    let many: Vec<_> = (0..1001).map(|at| format!("resource \"terraform_data\" \"r{at}\" {{}}\n")).collect();
    let many = many.concat();
    stack.write("many.tf", many);
    stack.run(&["graph", "-format=svg"]).fails().says("Graph too large to draw");
}

/// A service that refers to neither its log group nor the policy of its role nor the listener of its target group.
#[cfg(feature = "aws")]
const SERVICE: &str = r#"
variable "tasks" {
  default = 1
}
resource "aws_lb_target_group" "web" {
  name        = "web"
  port        = 80
  protocol    = "HTTP"
  target_type = "ip"
  vpc_id      = "vpc-0123456789abcdef0"
}
resource "aws_lb_listener" "web" {
  load_balancer_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/web/0123456789abcdef"
  port              = 80
  protocol          = "HTTP"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.web.arn
  }
}
resource "aws_cloudwatch_log_group" "web" {
  name = "web"
}
resource "aws_ecs_task_definition" "web" {
  family = "web"
  container_definitions = jsonencode([{
    name = "web", image = "web:1", memory = 128, portMappings = [{ containerPort = 80 }]
    logConfiguration = { logDriver = "awslogs", options = { awslogs-group = "web", awslogs-region = "eu-west-1" } }
  }])
}
resource "aws_ecs_service" "web" {
  name            = "web"
  task_definition = aws_ecs_task_definition.web.arn
  desired_count   = var.tasks
  load_balancer {
    target_group_arn = aws_lb_target_group.web.arn
    container_name   = "web"
    container_port   = 80
  }
}
"#;

#[test]
#[cfg(feature = "aws")]
fn order_that_the_files_do_not_state_is_dashed() {
    let stack = stack().file("main.tf", SERVICE);
    let edges = |out: &str, mark: &str| -> Vec<String> {
        out.lines().filter(|line| line.contains(mark)).map(|line| line.trim().to_owned()).collect()
    };
    let out = stack.run(&["graph"]).succeeds().out;
    insta::assert_snapshot!(edges(&out, "->").join("\n"), @r##"
    "aws_ecs_service.web" -> "aws_ecs_task_definition.web";
    "aws_ecs_service.web" -> "aws_lb_target_group.web";
    "aws_ecs_service.web" -> "aws_lb_listener.web" [style = "dashed", label = "forwards to its target group"];
    "aws_ecs_task_definition.web" -> "aws_cloudwatch_log_group.web" [style = "dashed", label = "its log group"];
    "aws_lb_listener.web" -> "aws_lb_target_group.web";
    "##);
    let plan = stack.run(&["graph", "-type=plan"]).succeeds().out;
    insta::assert_snapshot!(edges(&plan, "dashed").join("\n"), @r##"
    "[root] aws_ecs_service.web (expand)" -> "[root] aws_lb_listener.web (expand)" [style = "dashed", label = "forwards to its target group"]
    "[root] aws_ecs_task_definition.web (expand)" -> "[root] aws_cloudwatch_log_group.web (expand)" [style = "dashed", label = "its log group"]
    "##);
    assert_eq!(edges(&stack.run(&["graph", "-type=plan-destroy"]).succeeds().out, "dashed"), Vec::<String>::new());
    let mermaid = stack.run(&["graph", "-format=mermaid"]).succeeds().out;
    assert_eq!(edges(&mermaid, "-. \"").len(), 2, "{mermaid}");
    assert!(mermaid.contains(" -. \"its log group\" .-> n"), "{mermaid}");
    let svg = stack.run(&["graph", "-format=svg"]).succeeds().out;
    assert_eq!(svg.matches("class=\"way inferred\"").count(), 2, "{svg}");
    assert!(svg.contains(">forwards to its target group</text>"));
    // Without a plan the rest is drawn all the same.
    stack.write("main.tf", SERVICE.replace("  default = 1\n", ""));
    let bare = stack.run(&["graph"]).succeeds();
    assert!(bare.err.contains("Order that the files do not state is not drawn"), "{}", bare.raw());
    assert_eq!(edges(&bare.out, "->").len(), 3);
}

/// A task definition that does not refer to its log group.
#[cfg(feature = "aws")]
const TASK: &str = r#"
resource "aws_cloudwatch_log_group" "web" {
  name = "web"
}
resource "aws_ecs_task_definition" "web" {
  family = "web"
  container_definitions = jsonencode([{
    name = "web", image = "web:1", memory = 128
    logConfiguration = { logDriver = "awslogs", options = { awslogs-group = "web", awslogs-region = "eu-west-1" } }
  }])
}
"#;

#[test]
#[cfg(feature = "aws")]
fn order_that_only_a_plan_or_the_state_knows_is_dashed_too() {
    let stack = stack().file("main.tf", TASK).aws();
    let dashed = |args: &[&str]| -> Vec<String> {
        let out = stack.run(args).succeeds().out;
        let reason = out.lines().filter(|line| line.contains("its log group"));
        reason.map(|line| line.trim().to_owned()).collect()
    };
    let made = "\"[root] aws_ecs_task_definition.web\" -> \"[root] aws_cloudwatch_log_group.web\" [style = \"dashed\", label = \"its log group\"]";
    let deleted = "\"[root] aws_cloudwatch_log_group.web (destroy)\" -> \"[root] aws_ecs_task_definition.web (destroy)\" [style = \"dashed\", label = \"its log group\"]";
    stack.run(&["plan", "-out=p"]).succeeds();
    assert_eq!(dashed(&["graph", "-plan=p"]), [made]);
    assert_eq!(dashed(&["graph", "-plan=p", "-format=mermaid"]), ["n1 -. \"its log group\" .-> n0"]);
    stack.apply().succeeds();
    assert_eq!(dashed(&["graph", "-type=plan-destroy"]), [deleted]);
    stack.run(&["plan", "-destroy", "-out=d"]).succeeds();
    assert_eq!(dashed(&["graph", "-plan=d"]), [deleted]);
    // What goes while other things stay.
    stack.write("main.tf", "provider \"aws\" {}\n");
    stack.run(&["plan", "-out=e"]).succeeds();
    assert_eq!(dashed(&["graph", "-plan=e", "-format=mermaid"]).len(), 1);
}

#[test]
fn cycles() {
    let stack =
        stack().file("main.tf", "locals {\n  a = local.b\n  b = local.a\n}\nresource \"terraform_data\" \"c\" {}\n");
    stack.run(&["graph"]).fails().says("Error: Cycle: local.a (expand), local.b (expand)");
    stack.run(&["graph", "-type=plan"]).fails().says("Cycle");
    let out = stack.run(&["graph", "-type=plan", "-draw-cycles"]).succeeds().out;
    assert_eq!(out.matches("color = \"red\"").count(), 2);
    stack.run(&["graph", "-draw-cycles"]).succeeds();
}

#[test]
fn types_that_are_not_there() {
    let stack = example();
    stack.run(&["graph", "-type=validate"]).fails().says("Graph type no longer available");
    stack.run(&["graph", "-type=x"]).fails().says("Unsupported graph type");
    stack.write("bad.tf", "x {");
    stack.run(&["graph"]).fails();
}
