# Small, quick and easily removed.

environment = "dev"
domain_name = "hello-dev.test"

# One zone's NAT gateway for all.
availability_zone_count = 2
single_nat_gateway      = true

# The smallest task Fargate has, once.
cpu           = 256
memory        = 512
desired_count = 1

# No canary: a deployment takes as long as the new tasks take to start.
deployment_config_name   = "CodeDeployDefault.ECSAllAtOnce"
termination_wait_minutes = 1

app_settings = {
  LOG_LEVEL = "debug"
}

log_retention_days     = 7
enable_execute_command = true
container_insights     = false

# A destroy takes everything along.
deletion_protection = false
force_destroy       = true
