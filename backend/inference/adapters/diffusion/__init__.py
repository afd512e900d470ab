"""Images from diffusion models: pipelines of diffusers."""
