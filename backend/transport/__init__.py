"""HTTP transport of both processes: socket options, writes, codings and forwarded headers."""
