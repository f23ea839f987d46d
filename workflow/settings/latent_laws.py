"""Settings of the laws of z: which laws, and how the neural ones are trained."""

from typing import Annotated, Literal

from pydantic import Field

from settings.section import Integer, Number, Part, Section, field

Name = Literal["gaussian", "mixture", "vae", "gan", "flow", "flow_matching"]
NAMES = list(Name.__args__)


class Neural(Section):
    """How a neural law is trained."""

    steps: Integer = field("Number of steps, rounded up to whole epochs", 4000, ge=1)
    batch: Integer = field("Rows of z in a step", 128, ge=2)
    learning_rate: Number = field("Peak of the learning rate of Adam", 0.001, gt=0)
    ema: Number = field("Weight of the past in the average of the weights", 0.0, ge=0, lt=1)


class VAE(Neural):
    """The variational autoencoder."""

    latent: Integer = field("Dimension H of its latent space", 64, ge=1)
    beta: Number = field(
        "Weight of the divergence, 0.001 for MNIST and 0.0025 for CelebA in the paper", 0.001, gt=0
    )


class GAN(Neural):
    """The adversarial network."""

    latent: Integer = field("Dimension H of its noise", 64, ge=1)


class Flow(Neural):
    """The normalising flow."""


class FlowMatching(Neural):
    """The flow that is matched to straight lines from noise to z."""


class Laws(Section):
    """Laws of z."""

    laws: Annotated[list[Name], Field(min_length=1)] = field(
        "Laws that are compared, of gaussian, mixture, vae, gan, flow and flow_matching", NAMES
    )
    vae: VAE = field("Variational autoencoder", VAE)
    gan: GAN = field("Adversarial network", GAN)
    flow: Flow = field("Normalising flow", Flow)
    flow_matching: FlowMatching = field("Flow matching", FlowMatching)


class Settings(Part):
    """Laws of z"""

    latent_laws: Laws = field("Laws of z", Laws)
