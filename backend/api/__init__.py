"""HTTP and WebSocket edges of the control plane."""
