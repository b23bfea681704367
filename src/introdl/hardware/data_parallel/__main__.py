"""What `-m introdl.hardware.data_parallel` runs; see `record`."""

import sys

from introdl.hardware.data_parallel.record import main

if __name__ == "__main__":
    sys.exit(main())
