# Images with digests, of a registry with a port, known after apply, and side-cars with the tag their makers recommend.
resource "aws_ecs_task_definition" "web" {
  container_definitions = jsonencode([
    merge(local.container, { image = "${terraform_data.repository.id}@sha256:${sha256("web")}" }),
    { name = "log", image = "public.ecr.aws/aws-observability/aws-for-fluent-bit:stable" },
    { name = "mesh", image = "registry.example.com:5000/mesh/proxy:1.4" },
    { name = "built", image = terraform_data.image.id },
  ])
}

# --- beside it ---

resource "terraform_data" "repository" {}

resource "terraform_data" "image" {}
