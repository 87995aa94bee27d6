"""A believable managed service provider to try the platform with."""
