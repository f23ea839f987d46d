"""Settings of the laws of z: which laws, and how the neural ones are trained."""

from typing import Annotated, Literal

from pydantic import Field

from settings.section import Integer, Number, Part, Section, field

Name = Literal["gaussian", "mixture", "vae", "gan", "flow", "flow_matching"]
NAMES = list(Name.__args__)


class VAE(Section):
    """The variational autoencoder."""

    latent: Integer = field("Dimension H of its latent space", 64, ge=1)
    beta: Number = field(
        "Weight of the divergence, 0.001 for MNIST and 0.0025 for CelebA in the paper", 0.001, gt=0
    )
    noise: Annotated[bool, Field(strict=True)] = field(
        "Whether samples have the noise of the decoder, which the paper's have not", False
    )
    epochs: Integer = field("Number of passes over the training z", 60, ge=1)
    batch: Integer = field("Rows of z in a step", 256, ge=2)
    learning_rate: Number = field("Peak of the learning rate of Adam", 0.001, gt=0)


class GAN(Section):
    """The adversarial network."""

    latent: Integer = field("Dimension H of its noise", 64, ge=1)
    epochs: Integer = field("Number of passes over the training z", 60, ge=1)
    batch: Integer = field("Rows of z in a step", 128, ge=2)
    learning_rate: Number = field("Peak of the learning rate of Adam", 0.0002, gt=0)
    ema: Number = field("Weight of the past in the average of the weights", 0.99, ge=0, lt=1)


class Flow(Section):
    """The normalising flow."""

    epochs: Integer = field("Number of passes over the training z", 30, ge=1)
    batch: Integer = field("Rows of z in a step", 256, ge=2)
    learning_rate: Number = field("Peak of the learning rate of Adam", 0.001, gt=0)
    ema: Number = field("Weight of the past in the average of the weights", 0.98, ge=0, lt=1)


class FlowMatching(Section):
    """The flow that is matched to straight lines from noise to z."""

    epochs: Integer = field("Number of passes over the training z", 60, ge=1)
    batch: Integer = field("Rows of z in a step", 256, ge=2)
    learning_rate: Number = field("Peak of the learning rate of Adam", 0.001, gt=0)
    ema: Number = field("Weight of the past in the average of the weights", 0.99, ge=0, lt=1)


class Laws(Section):
    """Laws of z."""

    laws: Annotated[list[Name], Field(min_length=1)] = field("Laws that are compared", NAMES)
    fits: Integer = field(
        "Fits of each law that are compared, with as many seeds; each takes the time of the first",
        1,
        ge=1,
    )
    inception: str = field("Path of the weights of the Inception network, for the FID")
    vae: VAE = field("Variational autoencoder", VAE)
    gan: GAN = field("Adversarial network", GAN)
    flow: Flow = field("Normalising flow", Flow)
    flow_matching: FlowMatching = field("Flow matching", FlowMatching)


class Settings(Part):
    """Laws of z"""

    latent_laws: Laws = field("Laws of z", Laws)
