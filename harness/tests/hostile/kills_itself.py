"""Kills its process in the middle of the import."""

import os
import signal

os.kill(os.getpid(), signal.SIGKILL)
