"""Networks and their layers.

Modules:
    generator           G, from z to an image
    encoder             its mirror image, from an image to z
    convolutions        its convolutions, in fast forms
    phases              their polyphase form
    winograd            their minimal filtering, for a CPU
    upscaling           small networks that correct an image: for super-resolution, and a U-Net
    normalisation       batch normalisation over several processes
"""
