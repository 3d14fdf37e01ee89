"""Writing the registry: each service is one transaction, checks the permission and leaves an event in the trail."""
