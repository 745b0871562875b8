"""Who waits for whom: shutdown() for the loop, server_close() for requests that are still being handled."""
