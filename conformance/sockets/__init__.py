"""What a server does with sockets: their names and files, their options, their descriptors, who is at the other end."""
