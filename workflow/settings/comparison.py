"""Settings of the comparison: the budget of all methods, the VAE, the test images of GLO."""

from settings.section import Integer, Number, Part, Section, field


class Comparison(Section):
    """Comparison with other embeddings."""

    epochs: Integer = field(
        "Number of passes over the training images for every method, also for G on the scattering "
        "embedding; `training.epochs` if it is left out",
        ge=1,
    )
    beta: Number = field(
        "Weight of the divergence in the VAE: the scale of a Laplace law of the pixels in [-1, 1], "
        "near their mean absolute error",
        0.05,
        gt=0,
    )
    test_images: Integer = field("Largest number of test images that GLO embeds", 256, ge=1)
    test_steps: Integer = field("Steps of the optimisation of their z in GLO", 200, ge=1)


class Settings(Part):
    """Comparison"""

    comparison: Comparison = field("Comparison with other embeddings", Comparison)
