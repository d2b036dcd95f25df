# Three roles and one policy:
#
#   execution   ECS itself: pull the image, write logs, read secrets
#   task        the application inside the container
#   codedeploy  CodeDeploy: task sets, listeners, hooks
#   deployer    a policy for whoever pushes images and starts deployments
#
# Execution and task role are easily swapped, since both trust the same service.
# ECS then can't pull, or the application may do more than it should.

# --- trust -------------------------------------------------------------------

data "aws_iam_policy_document" "trust_ecs_tasks" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
  }
}

# The application's role can only be taken on by tasks of this account.
data "aws_iam_policy_document" "trust_own_ecs_tasks" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["arn:${local.partition}:ecs:${local.region}:${local.account_id}:*"]
    }
  }
}

data "aws_iam_policy_document" "trust_codedeploy" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["codedeploy.amazonaws.com"]
    }
  }
}

# --- execution role ----------------------------------------------------------

resource "aws_iam_role" "execution" {
  name               = "${var.name}-execution"
  description        = "ECS starts the tasks of ${var.name} with it"
  assume_role_policy = data.aws_iam_policy_document.trust_ecs_tasks.json

  tags = local.tags
}

# Pull from ECR, create log streams, write logs. Note the path in this ARN.
resource "aws_iam_role_policy_attachment" "execution" {
  role       = aws_iam_role.execution.name
  policy_arn = "arn:${local.partition}:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}

locals {
  # IAM knows secrets by their plain ARN. What may follow in `valueFrom`
  # (":json-key:stage:version") is cut off: parts 1 to 7 are the ARN.
  secret_arns = [
    for arn in values(var.secrets) :
    join(":", slice(split(":", arn), 0, min(7, length(split(":", arn)))))
  ]
}

data "aws_iam_policy_document" "secrets" {
  count = length(var.secrets) > 0 ? 1 : 0

  # Parameters and secrets alike: each action applies to the ARNs of its service.
  statement {
    sid       = "ReadSecrets"
    actions   = ["ssm:GetParameters", "secretsmanager:GetSecretValue"]
    resources = distinct(local.secret_arns)
  }

  dynamic "statement" {
    for_each = length(var.secret_kms_key_arns) > 0 ? [1] : []

    content {
      sid       = "DecryptSecrets"
      actions   = ["kms:Decrypt"]
      resources = var.secret_kms_key_arns
    }
  }
}

resource "aws_iam_role_policy" "execution_secrets" {
  count = length(var.secrets) > 0 ? 1 : 0

  name   = "secrets"
  role   = aws_iam_role.execution.name
  policy = data.aws_iam_policy_document.secrets[0].json
}

# --- task role ---------------------------------------------------------------

resource "aws_iam_role" "task" {
  name               = "${var.name}-task"
  description        = "The application of ${var.name} runs with it"
  assume_role_policy = data.aws_iam_policy_document.trust_own_ecs_tasks.json

  tags = local.tags
}

resource "aws_iam_role_policy_attachment" "task" {
  for_each = var.task_policy_arns

  role       = aws_iam_role.task.name
  policy_arn = each.value
}

# ECS Exec opens its channel from inside the task, so it is the task's role (not
# the execution role) that has to be allowed to.
data "aws_iam_policy_document" "execute_command" {
  statement {
    sid = "EcsExec"
    actions = [
      "ssmmessages:CreateControlChannel",
      "ssmmessages:CreateDataChannel",
      "ssmmessages:OpenControlChannel",
      "ssmmessages:OpenDataChannel",
    ]
    resources = ["*"]
  }
}

resource "aws_iam_role_policy" "task_execute_command" {
  count = var.enable_execute_command ? 1 : 0

  name   = "ecs-exec"
  role   = aws_iam_role.task.name
  policy = data.aws_iam_policy_document.execute_command.json
}

# --- CodeDeploy role ---------------------------------------------------------

resource "aws_iam_role" "codedeploy" {
  name               = "${var.name}-codedeploy"
  description        = "CodeDeploy rolls out ${var.name} with it"
  assume_role_policy = data.aws_iam_policy_document.trust_codedeploy.json

  tags = local.tags
}

# The one for ECS. (AWSCodeDeployRole is for instances; the ...ForECSLimited
# variant only passes roles called ecsTaskExecutionRole.) No path in this ARN.
resource "aws_iam_role_policy_attachment" "codedeploy" {
  role       = aws_iam_role.codedeploy.name
  policy_arn = "arn:${local.partition}:iam::aws:policy/AWSCodeDeployRoleForECS"
}

# --- deployer ----------------------------------------------------------------

# What a build job, or a developer, needs to bring out a new revision, and no
# more. Not attached to anything here: attach it to your CI's role.
data "aws_iam_policy_document" "deployer" {
  statement {
    sid       = "LogInToRegistry"
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }

  statement {
    sid = "PushImages"
    actions = [
      "ecr:BatchCheckLayerAvailability",
      "ecr:BatchGetImage",
      "ecr:CompleteLayerUpload",
      "ecr:DescribeImages",
      "ecr:GetDownloadUrlForLayer",
      "ecr:InitiateLayerUpload",
      "ecr:PutImage",
      "ecr:UploadLayerPart",
    ]
    resources = [aws_ecr_repository.this.arn]
  }

  statement {
    sid = "RegisterRevisions"
    actions = [
      "ecs:DescribeTaskDefinition",
      "ecs:RegisterTaskDefinition",
    ]
    resources = ["*"] # these two know no narrower resource
  }

  statement {
    sid       = "TagRevisions"
    actions   = ["ecs:TagResource"]
    resources = ["arn:${local.partition}:ecs:${local.region}:${local.account_id}:task-definition/${var.name}:*"]
  }

  statement {
    sid       = "WatchService"
    actions   = ["ecs:DescribeServices"]
    resources = ["arn:${local.partition}:ecs:${local.region}:${local.account_id}:service/${var.name}/${var.name}"]
  }

  statement {
    sid = "WatchTraffic"
    actions = [
      "elasticloadbalancing:DescribeListeners",
      "elasticloadbalancing:DescribeRules",
      "elasticloadbalancing:DescribeTargetGroups",
      "elasticloadbalancing:DescribeTargetHealth",
    ]
    resources = ["*"] # nor do these
  }

  # The new revision names both roles, so whoever registers it must pass them.
  statement {
    sid       = "PassTaskRoles"
    actions   = ["iam:PassRole"]
    resources = [aws_iam_role.execution.arn, aws_iam_role.task.arn]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["ecs-tasks.amazonaws.com"]
    }
  }

  statement {
    sid = "Deploy"
    actions = [
      "codedeploy:BatchGetDeployments",
      "codedeploy:BatchGetDeploymentTargets",
      "codedeploy:ContinueDeployment",
      "codedeploy:CreateDeployment",
      "codedeploy:GetApplication",
      "codedeploy:GetApplicationRevision",
      "codedeploy:GetDeployment",
      "codedeploy:GetDeploymentConfig",
      "codedeploy:GetDeploymentGroup",
      "codedeploy:ListDeployments",
      "codedeploy:RegisterApplicationRevision",
      "codedeploy:StopDeployment",
    ]
    resources = [
      for resource in [
        "application:${var.name}",
        "deploymentgroup:${var.name}/${var.name}",
        "deploymentconfig:*",
      ] : "arn:${local.partition}:codedeploy:${local.region}:${local.account_id}:${resource}"
    ]
  }
}

resource "aws_iam_policy" "deployer" {
  name        = "${var.name}-deployer"
  description = "Push images of ${var.name} and deploy them"
  policy      = data.aws_iam_policy_document.deployer.json

  tags = local.tags
}
