"""Sets of images: read from files, verified, and handed out as bytes; they know nothing of GANs."""
