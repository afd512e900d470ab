"""Programs that measure the limits: models called directly, without a server, on the same core."""
