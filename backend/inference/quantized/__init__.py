"""Load quantized checkpoints: with transformers' quantizers, or unpacked while loading."""
