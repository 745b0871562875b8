"""``python -m socketserver_conformance``: judge candidates from any folder, by the README's options."""

import sys

if not sys.flags.safe_path:
    del sys.path[0]  # the folder of the caller, which may hold a queue.py or a harness: before anything is imported

from socketserver_conformance.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], called_as="python -m socketserver_conformance"))
