def service_networks(account, region):
    return iter(())
