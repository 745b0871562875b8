"""Says why it ends the process in the middle of the import."""

import os
import sys

sys.stderr.write("checking the licence\nno licence found\n")
sys.stderr.flush()
os._exit(0)
