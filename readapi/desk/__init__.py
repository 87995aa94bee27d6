"""What may be seen of the service desk: groups and their tickets."""
