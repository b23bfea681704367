"""What `-m introdl.hardware.data_parallel` runs; see `record`."""

import os
import sys

from introdl.hardware.data_parallel.record import main

if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # A thread of gloo may still hold a tensor, though its group is destroyed. If it lets go while
    # Python closes down, the process aborts (pytorch issue 190489): so Python does not close down.
    os._exit(status)
