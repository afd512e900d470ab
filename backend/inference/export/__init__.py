"""Exports a model as an OpenVINO graph, in a worker process."""
