"""Sources of images: one module each, all giving (n, c, N, N) uint8."""
