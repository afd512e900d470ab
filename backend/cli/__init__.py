"""The command line `slipway`: a client of the control plane's HTTP API."""
