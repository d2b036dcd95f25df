# The image repository.

resource "aws_ecr_repository" "this" {
  name = var.name

  # A tag means one image for ever. With a tag that moves (`latest`), a rollback
  # starts the same bad image again. So: tag with the commit, deploy the tag.
  image_tag_mutability = "IMMUTABLE"

  # Lets a destroy take the images along.
  force_delete = var.force_destroy

  image_scanning_configuration {
    scan_on_push = true
  }

  tags = local.tags
}

resource "aws_ecr_lifecycle_policy" "this" {
  repository = aws_ecr_repository.this.name

  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        description  = "Images without a tag are leftovers of broken pushes"
        selection = {
          tagStatus   = "untagged"
          countType   = "sinceImagePushed"
          countUnit   = "days"
          countNumber = 14
        }
        action = { type = "expire" }
      },
      {
        # Must have the highest number, since it matches everything. Keep enough
        # of them: an expired image cannot be rolled back to.
        rulePriority = 2
        description  = "Keep the newest ${var.images_kept}"
        selection = {
          tagStatus   = "any"
          countType   = "imageCountMoreThan"
          countNumber = var.images_kept
        }
        action = { type = "expire" }
      },
    ]
  })
}
