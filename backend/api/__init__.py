"""HTTP and WebSocket API of the control plane."""
