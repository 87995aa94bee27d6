"""Write the golden payloads that are missing: `python -m tests.golden.write`."""

import sys

from tests.golden.payloads import FOLDER, write_missing

if __name__ == "__main__":
    sys.stdout.writelines(f"{name}\n" for name in write_missing(FOLDER))
