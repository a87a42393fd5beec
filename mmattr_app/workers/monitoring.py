"""Prometheus metrics: the length of the queue, the duration of chunks, and failures."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()
WAITING = Gauge("mmattr_waiting_turns", "Model calls that wait for a slot.", registry=REGISTRY)
CHUNK = Histogram("mmattr_chunk_seconds", "Seconds that a model call took.", registry=REGISTRY)
LOST = Counter("mmattr_lost_calls", "Model calls that were lost with their worker.", registry=REGISTRY)
JOBS = Counter("mmattr_jobs", "Jobs that ended, by how.", ["outcome"], registry=REGISTRY)
