"""Networks and their layers.

Modules:
    generator           G, from z to an image
    encoder             its mirror image, from an image to z
    convolutions        its convolutions, in fast forms
    phases              their polyphase form
    winograd            their minimal filtering, for a CPU
    normalisation       batch normalisation over several processes
"""
