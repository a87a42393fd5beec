"""How fast each model was of late: what chunk sizes and waiting times are guessed from."""

AIM = 0.5  # seconds that a chunk should take: often enough to share a worker, seldom enough to cost nothing
CROWD = 30  # sessions that wait for a slot and halve that: in a class the first map comes sooner, and all grow
MOST = 256  # masks of a chunk
NEWS = 0.3  # weight of the latest measurement


class Throughput:
    """Learns from every turn; numbers only, so that threads may read it as they like."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self.batch: dict[str, int] = {}  # pictures that go through a model at once
        self.loading: dict[str, float] = {}  # seconds that a model took to load
        self.mask: dict[str, float] = {}  # seconds a mask takes
        self.turn = AIM  # seconds a turn takes

    def note(self, model: str, masks: int, seconds: float) -> None:
        """Learn from one turn."""
        self.turn += NEWS * (seconds - self.turn)
        if masks:
            before = self.mask.get(model, seconds / masks)
            self.mask[model] = before + NEWS * (seconds / masks - before)

    def chunk(self, model: str, waiting: float = 0) -> int:
        """Give a number of masks that takes about AIM, less where sessions wait for each slot, in whole batches."""
        batch = self.batch.get(model, 1)
        if model not in self.mask:
            return batch
        batches = int(AIM / (1 + waiting / CROWD) / max(self.mask[model], 1e-6) / batch)
        return max(batch, min(batches * batch, MOST // batch * batch))
