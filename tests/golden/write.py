"""Write the golden payloads that are missing: `./just golden`."""

import sys

from tests.given import ExampleMissing
from tests.golden.payloads import FOLDER, write_missing

if __name__ == "__main__":
    try:
        sys.stdout.writelines(f"{name}\n" for name in write_missing(FOLDER))
    except ExampleMissing as missing:
        sys.exit(str(missing))
