"""Laws of the latent z, one module each: how to draw images from a trained G."""
