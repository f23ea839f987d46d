"""Settings of the associative memory: how many images it stores, and how many are recalled."""

from settings.section import Integer, Part, Section, field


class Memory(Section):
    """The associative memory."""

    stored: Integer = field("Number of training images in the memory, at most", 16384, ge=2)
    queries: Integer = field("Number of them that are corrupted and recalled, at most", 512, ge=1)


class Settings(Part):
    """Associative memory"""

    memory: Memory = field("Associative memory", Memory)
