"""`make gpu-check`: models on a CUDA device, compared with float32 on the CPU."""
