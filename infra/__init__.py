"""Everything around the business: settings, wiring, servers, the command line."""
