"""What a server must survive: lack of descriptors, signals, other processes, clients that mean ill."""
