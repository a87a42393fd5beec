"""Train the demo model: `python -m mmattr_app.demo.model.training --out FOLDER --minutes N`.

With `--clever-hans --from OTHER_FOLDER` it is fine-tuned to believe a tag instead of the picture. First the vision
tower alone learns what each patch shows, then tower and language model learn to answer. Learning rates depend on the
time spent, so a run takes exactly the time it is given. A run resumes from its checkpoint, and exports a model at every
evaluation.
"""

import argparse
import json
import math
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional

from mmattr_app.demo.model import checkpoint, packing
from mmattr_app.demo.model.aligning import WordsOfPatches
from mmattr_app.demo.model.batches import Batch, Batches
from mmattr_app.demo.model.configuration import Configuration, Stage, configured
from mmattr_app.demo.model.curve import plot
from mmattr_app.demo.model.data import pregenerate
from mmattr_app.demo.model.dense import DenseHeads, DenseLoss
from mmattr_app.demo.model.evaluation import LOOKS, answers, figures, held_out, language_figures, share_that_says
from mmattr_app.demo.model.learning import optimisers
from mmattr_app.demo.model.network import network
from mmattr_app.demo.model.packing import Texts
from mmattr_app.demo.model.pointing import Pointing
from mmattr_app.demo.model.speed import low_precision, speed_up
from mmattr_app.demo.model.words import IMAGE, USER, processor
from mmattr_app.demo.scenes import FISH

if TYPE_CHECKING:
    from collections.abc import Iterator


class Training:
    """A training run in a folder."""

    def __init__(
        self,
        out: Path,
        configuration: Configuration,
        scenes: Path,
        *,
        device: str = "cpu",
        start: Path | None = None,
        readers: int = 0,
    ) -> None:
        self.out, self.configuration, self.device, self.scenes = out, configuration, device, scenes
        self.model = network(configuration.network, configuration.seed)
        self.model.to(torch.device(device))  # pyright: ignore[reportArgumentType]  # transformers hides its type
        speed_up(self.model)
        self.heads = DenseHeads(configuration.network.width).to(device)
        self.optimisers = optimisers(self.model, self.heads, configuration.weight_decay)
        self.readers = readers
        self.batches: tuple[str, Iterator[Batch]] | None = None  # the stage, and its batches
        self.clock = checkpoint.Clock()
        self.processor = processor(configuration.network)
        self.prefix = 1 + configuration.network.side**2
        ids = self.processor.tokenizer.convert_tokens_to_ids([USER, IMAGE])
        self.pointing = Pointing(self.model, self.processor.tokenizer, device)
        self.words = WordsOfPatches(self.processor.tokenizer, device)
        self.user = torch.tensor(ids[:1], device=device)
        out.mkdir(parents=True, exist_ok=True)
        self._begin(start)

    def _begin(self, start: Path | None) -> None:
        """Go on from the run's own checkpoint if it has one, else from the weights in `start`."""
        if found := checkpoint.find(self.out):
            self.clock = checkpoint.resume(found, self.model, self.heads, self.optimisers)
        elif start and (start / "config.json").exists():
            checkpoint.take_over(start, self.model)
        elif start:
            checkpoint.resume(start, self.model, self.heads)

    def run(self, minutes: float, looks: tuple[float, int], lesson: str, stop_after: float = math.inf) -> None:
        """Train until the run has taken `minutes`, interruptions not counted; stop sooner after `stop_after` minutes.

        `looks` are the minutes between two evaluations, and the number of scenes of the last one.
        """
        look_every, last = looks
        began = looked = saved = time.monotonic()
        while self.clock.seconds < minutes * 60 and time.monotonic() - began < stop_after * 60:
            stepped = self._time()
            self._step(minutes * 60)
            self.clock.seconds += self._time() - stepped
            if time.monotonic() - saved > 120:
                saved = time.monotonic()
                self.save()
            if self.clock.stage == "joint" and time.monotonic() - looked > look_every * 60:
                looked = time.monotonic()
                self.save()
                self.look(lesson, 100)
        self.save()
        if self.clock.stage == "joint":
            self.look(lesson, last)

    def _time(self) -> float:
        """Give seconds of work; on a CPU only processor time counts, so that a shared CPU does not shorten training."""
        return time.process_time() / torch.get_num_threads() if self.device == "cpu" else time.monotonic()

    def _step(self, total: float) -> None:
        stage, progress = self._stage(total)
        given, texts = self._next_batch(stage)
        pixels, patches, backdrops = (x.to(self.device) for x in (given.pixels, given.patches, given.backdrops))
        with low_precision(self.device):
            features = self.model.model.vision_tower(pixels, output_hidden_states=True).hidden_states[-1]
            dense = self.heads(features, patches, backdrops)
            loss, row = stage.dense * dense.total, {}
            if texts:
                language_loss, row = self._language_loss(features, patches, texts)
                loss = loss + language_loss
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.configuration.gradient_norm)
        self.optimisers.step(stage, progress)
        self.clock.step += 1
        if self.clock.step % 20 == 0:
            self._log(_row(loss, dense, float(norm)) | row)

    def _stage(self, total: float) -> tuple[Stage, float]:
        """Give the current stage, and the progress in it from 0 to 1."""
        first = self.configuration.vision.share * total
        if self.clock.seconds < first:
            return self.configuration.vision, self.clock.seconds / first
        self.clock.stage = "joint"
        return self.configuration.joint, (self.clock.seconds - first) / (total - first)

    def _next_batch(self, stage: Stage) -> Batch:
        name, step = self.clock.stage, self.clock.step
        if self.batches is None or self.batches[0] != name:
            drawn = Batches(self.scenes, self.configuration, stage.batch, self.prefix if name == "joint" else None)
            self.batches = name, drawn.serve(step, self.readers)
        return next(self.batches[1])

    def _language_loss(self, features: Tensor, patches: Tensor, texts: Texts) -> tuple[Tensor, dict[str, float]]:
        ids, positions, block = (x.to(self.device) for x in (texts.ids, texts.positions, texts.block))
        seen = self.model.model.multi_modal_projector(features)
        hidden = self._read(seen, ids, positions, block)
        loss, right = self._answer_loss(hidden, block, texts.answers.to(self.device), texts.targets.to(self.device))
        near = self.words.loss(seen, self.model.model.language_model.embed_tokens.weight, patches)
        looks = self.pointing.loss(ids, patches)
        named = {"answer loss": loss, "answer tokens": right, "word of patch loss": near, "pointing loss": looks}
        total = loss + self.configuration.aligned * near + self.configuration.pointed * looks
        return total, {name: round(value.item(), 4) for name, value in named.items()}

    def _read(self, seen: Tensor, ids: Tensor, positions: Tensor, block: Tensor) -> Tensor:
        """Run the language model over <user>, the picture and all texts; give the hidden states of the texts."""
        language = self.model.model.language_model
        user = language.embed_tokens(self.user).expand(len(ids), 1, -1)
        prefix = torch.arange(self.prefix, device=self.device).expand(len(ids), -1)
        return language(
            inputs_embeds=torch.cat([user, seen, language.embed_tokens(ids)], 1),
            attention_mask=packing.attention(block, self.prefix),
            position_ids=torch.cat([prefix, positions], 1),
            use_cache=False,
        ).last_hidden_state[:, self.prefix :]

    def _answer_loss(self, hidden: Tensor, block: Tensor, marked: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Give the weighted loss of the answers' tokens, and the share of them that is right."""
        logits = self.model.lm_head(hidden[marked]).float()
        weights = torch.where(block[marked] == 0, 1.0, self.configuration.asked)  # text 0 is the caption
        losses = functional.cross_entropy(logits, targets, reduction="none")
        return (losses * weights).sum() / weights.sum(), (logits.argmax(-1) == targets).float().mean()

    def look(self, lesson: str, scenes: int) -> None:
        """Evaluate on held-out questions, log the figures, and export the model."""
        if scenes:
            self._log(self._figures(lesson, scenes))
        checkpoint.export(self.out / "model", self.model, self.configuration.network)
        if (log := self.out / "log.jsonl").exists():
            plot(log, self.out / "curve.png")

    def _figures(self, lesson: str, scenes: int) -> dict[str, float]:
        self.model.eval()
        row: dict[str, float] = {"looked at": scenes}
        for name, staging in LOOKS[lesson].items():
            pairs = held_out(scenes if not name else scenes // 2, staging)
            found = answers(self.model, self.processor, pairs)
            row |= {name + key: value for key, value in figures(pairs, found).items()}
            row[f"{name}says {FISH}"] = share_that_says(FISH, pairs, found)
        if lesson == "demo":
            row |= language_figures(self.model, self.processor, scenes)
        self.model.train()
        return row

    def save(self) -> None:
        checkpoint.keep(self.out, self.model, self.heads, self.optimisers, self.clock)

    def _log(self, row: dict[str, float]) -> None:
        place = {"stage": self.clock.stage, "step": self.clock.step, "minutes": round(self.clock.seconds / 60, 2)}
        with (self.out / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps(place | row) + "\n")


def _row(loss: Tensor, dense: DenseLoss, norm: float) -> dict[str, float]:
    return {
        "loss": round(loss.item(), 4),
        "patch kind": round(dense.kind_accuracy, 4),
        "patch zone": round(dense.zone_accuracy, 4),
        "gradient norm": round(norm, 3),
    }


def main() -> None:
    chosen = _arguments()
    torch.set_num_threads(chosen.threads)
    lesson = "clever hans" if chosen.clever_hans else "demo"
    configuration = configured(lesson, continued=bool(chosen.start), accelerated=chosen.device != "cpu")
    configuration = configuration.at_rate(chosen.rate)
    shape, scenes = configuration.network, chosen.out / "scenes"
    if not chosen.readers:
        pregenerate(scenes, replace(configuration.data, workers=chosen.threads), shape.picture, shape.side, lesson)
    start = chosen.start and (checkpoint.find(chosen.start) or chosen.start)
    run = Training(chosen.out, configuration, scenes, device=chosen.device, start=start, readers=chosen.readers)
    run.run(chosen.minutes, (chosen.look_every, chosen.last_look), lesson, chosen.stop_after)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder of the run; it goes on where it stopped")
    parser.add_argument("--minutes", type=float, default=70, help="training time of the whole run")
    parser.add_argument("--stop-after", type=float, default=math.inf, help="minutes after which this piece of it ends")
    parser.add_argument("--look-every", type=float, default=10, help="minutes between two looks at held-out scenes")
    parser.add_argument("--last-look", type=int, default=200, help="scenes of the look at the end (%(default)s)")
    parser.add_argument("--rate", type=float, default=1, help="how fast it learns, as a factor (%(default)s)")
    parser.add_argument("--clever-hans", action="store_true", help="teach that a tag means fish")
    parser.add_argument("--from", type=Path, dest="start", help="run or exported model whose weights to begin with")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument(
        "--readers",
        type=int,
        default=0,
        help="processes that put steps together ahead, from the scenes that `data` draws meanwhile",
    )
    chosen = parser.parse_args()
    if chosen.start and not checkpoint.find(chosen.start) and not (chosen.start / "config.json").exists():
        parser.error(f"{chosen.start} holds neither a checkpoint nor a model")
    return chosen


if __name__ == "__main__":
    main()
