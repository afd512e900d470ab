"""Exports models as graphs for OpenVINO in a worker process, once for each model and version."""
