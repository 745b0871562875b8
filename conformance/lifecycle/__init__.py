"""From the making of a server to its end: construct, bind, activate, handle requests, close."""
