"""What is remembered of the service desk: groups and their tickets."""
