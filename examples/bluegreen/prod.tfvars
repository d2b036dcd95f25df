# Survives the loss of a zone, and is hard to remove by accident.

environment = "prod"

# A network of its own, which can be peered with dev's.
vpc_cidr                = "10.30.0.0/16"
availability_zone_count = 3
single_nat_gateway      = false # one in each zone

# One task per zone.
cpu           = 512
memory        = 1024
desired_count = 3

# A tenth of the traffic for five minutes, then the rest. The old tasks stay for a
# quarter of an hour; the next deployment has to wait for that.
deployment_config_name   = "CodeDeployDefault.ECSCanary10Percent5Minutes"
termination_wait_minutes = 15

app_settings = {
  LOG_LEVEL = "info"
}

# Put a domain of yours, and a certificate for www in it, before you go live.
domain_name = "hello.test"
# certificate_arn = "arn:aws:acm:eu-west-3:123456789012:certificate/..."

log_retention_days     = 90
enable_execute_command = false
container_insights     = true

# To remove it: set the first to false, the second to true, apply, destroy.
deletion_protection = true
force_destroy       = false
