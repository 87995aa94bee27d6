"""How views are kept up to date: by workers that follow the log, and anew from its beginning."""
