"""What a request handler is promised: its steps, its files, its connection or datagram."""
