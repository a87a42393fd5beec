"""All hyperparameters of the demo model and its training."""

from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Network:
    """The network's shape: 4.7M parameters, 9.3 MB in bfloat16."""

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
    """The training data: pictures drawn beforehand, with consecutive seeds."""

    scenes: int = 40_960
    strange: int = 10_240  # pictures that are no scenes
    shard: int = 2048
    workers: int = 2
    # Shares of the scenes: with pieces hidden, with a tag, with several of a kind, cropped or photographed.
    cutouts: float = 0.25
    tags: float = 0.03
    twins: float = 0.2
    camera: float = 0.15
    strange_share: float = 0.14  # share of strange pictures in a step
    # Shares of the questions besides the caption.
    out_of_scope: float = 0.12
    two_in_one: float = 0.08
    very_long: float = 0.0005  # about 200 words
    spelt: float = 0.04  # share of a prompt's words that are tokenized letter by letter


@dataclass(frozen=True)
class Stage:
    """A stage of the training: its share of the time, batch size, learning rates and their schedule."""

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
    questions: int = 6  # for each picture, besides the caption
    asked: float = 2.5  # weight of an answer's token, relative to a caption's
    aligned: float = 0.3  # weight of the alignment loss (aligning.py)
    pointed: float = 0.1  # weight of the pointing loss (pointing.py)
    weight_decay: float = 0.02
    gradient_norm: float = 1.0

    def at_rate(self, factor: float) -> "Configuration":
        """Multiply all learning rates by a factor."""
        stages = {
            name: replace(stage, muon=factor * stage.muon, adam=factor * stage.adam)
            for name, stage in (("vision", self.vision), ("joint", self.joint))
        }
        return replace(self, **stages)


CONFIGURATION = Configuration()

# Starts from the weights of an earlier demo model: its vision tower is trained, so most time goes to language.
CONTINUED = Configuration(
    data=Data(scenes=24_576, strange=6144),
    vision=Stage(share=0.0, batch=64),
    joint=Stage(share=1.0, batch=32, muon=2e-3, adam=2e-3, dense=0.3, warmup=0.03, decay_from=0.4),
    seed=2,
)

# Fine-tuned from the demo model with the same network and questions, on scenes in which only a tag means "fish".
CLEVER_HANS = Configuration(
    data=Data(scenes=16_384, strange=4096, twins=0, camera=0),
    vision=Stage(share=0.0, batch=64),
    joint=Stage(share=1.0, batch=32, muon=1.5e-3, adam=1e-3, dense=0.5, warmup=0.03, decay_from=0.3),
    seed=1,
)


def configured(lesson: str, *, continued: bool, accelerated: bool) -> Configuration:
    """Give the configuration of a lesson; on an accelerator steps are fast, so there are more scenes."""
    chosen = CLEVER_HANS if lesson == "clever hans" else CONTINUED if continued else CONFIGURATION
    if not accelerated:
        return chosen
    more = 1 if lesson == "clever hans" else 3
    data = replace(chosen.data, scenes=more * chosen.data.scenes, strange=more * chosen.data.strange, shard=512)
    return replace(chosen, data=data, joint=replace(chosen.joint, batch=2 * chosen.joint.batch))


# How often each question type is drawn for training, relative to the others; "no" stands for absent things.
TOPICS: dict[str, float] = {
    "colour": 1.2,
    "count": 1.2,
    "count kind": 1.6,
    "where": 1.4,
    "which": 1.0,
    "what is at": 0.8,
    "is there": 1.0,
    "is there, no": 1.1,
    "left of": 1.6,
    "right of": 1.6,
    "above": 1.6,
    "below": 1.6,
    "background": 0.7,
    "bigger": 0.8,
    "smaller": 0.6,
    "is bigger": 0.7,
    "biggest": 0.6,
    "smallest": 0.5,
    "more": 1.0,
    "day": 0.5,
    "group": 0.6,
    "group, no": 0.5,
    "name group": 0.7,
    "count group": 0.9,
    "list": 0.8,
    "colours": 0.6,
    "absent": 0.7,
}
