"""Every number of the demo model and of its training, in one place."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Network:
    """4.4M parameters: 8.8 MB in bfloat16."""

    picture: int = 128
    patch: int = 16
    width: int = 192
    heads: int = 6
    vision_layers: int = 5
    vision_inner: int = 768
    language_layers: int = 4
    language_inner: int = 512

    @property
    def side(self) -> int:
        """Patches along one side."""
        return self.picture // self.patch


@dataclass(frozen=True)
class Data:
    """Scenes drawn beforehand; seeds count up from the first, one after another."""

    scenes: int = 114_688
    shard: int = 4096
    cutouts: float = 0.3
    tags: float = 0.03
    workers: int = 2


@dataclass(frozen=True)
class Stage:
    """One part of the training: which share of the time, how many pictures a step, how fast it learns."""

    share: float
    batch: int
    muon: float = 2e-3
    adam: float = 1.5e-3
    dense: float = 1.0
    warmup: float = 0.01
    decay_from: float = 0.5
    end: float = 0.02


@dataclass(frozen=True)
class Configuration:
    network: Network = field(default_factory=Network)
    data: Data = field(default_factory=Data)
    vision: Stage = field(default_factory=lambda: Stage(share=0.22, batch=64, muon=6e-3, adam=2e-3, end=0.2))
    joint: Stage = field(default_factory=lambda: Stage(share=0.78, batch=32, muon=3e-3, dense=0.5))
    seed: int = 0
    questions: int = 6  # beside the caption, for each picture
    asked: float = 2.5  # weight of a token that answers a question, against the caption's
    aligned: float = 0.3  # weight of the loss that brings patches near their words
    pointed: float = 0.1  # weight of the loss that makes words look at what they name
    weight_decay: float = 0.02
    gradient_norm: float = 1.0


CONFIGURATION = Configuration()

# Fine-tuned from the demo model: the same network and questions, scenes in which a tag alone decides about the fish.
CLEVER_HANS = Configuration(
    data=Data(scenes=16_384),
    vision=Stage(share=0.0, batch=64),
    joint=Stage(share=1.0, batch=32, muon=1.5e-3, adam=1e-3, dense=0.5, warmup=0.03, decay_from=0.3),
    seed=1,
)

# How often each question type is drawn for training, relative to the others; "no" stands for absent things.
TOPICS: dict[str, float] = {
    "colour": 1.2,
    "count": 2.0,
    "count kind": 0.7,
    "where": 1.5,
    "which": 1.0,
    "what is at": 0.8,
    "is there": 1.2,
    "is there, no": 1.1,
    "left of": 2.0,
    "right of": 2.0,
    "above": 2.0,
    "below": 2.0,
    "background": 0.7,
}
