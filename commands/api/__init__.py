"""The command API: one HTTP route for each line of the command table, and one for lists."""
