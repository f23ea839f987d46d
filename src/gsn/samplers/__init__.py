"""Laws of the latent z, one module each: how images are drawn from G once it is trained."""
