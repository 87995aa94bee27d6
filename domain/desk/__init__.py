"""What can happen to the service desk: groups and their tickets."""
