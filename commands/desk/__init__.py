"""What may be asked about the service desk: groups and their tickets."""
