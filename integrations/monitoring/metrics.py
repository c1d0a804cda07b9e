"""Numbers for Prometheus, in its text format.

https://prometheus.io/docs/instrumenting/exposition_formats/ (version 0.0.4)
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

Sample = tuple[dict[str, str], float]


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric and its values now; ``suffix`` of a sample is in its label ``""``."""

    name: str
    kind: str
    help: str
    samples: list[Sample] = field(default_factory=list)


Source = Callable[[], Iterable[Metric]]
_sources: list[Source] = []


def register(source: Source) -> Source:
    """Ask ``source`` whenever metrics are read; apps register theirs when ready."""
    if source not in _sources:
        _sources.append(source)
    return source


def exposition() -> str:
    """Return every metric as text."""
    return "".join(
        line for source in _sources for metric in source() for line in _lines(metric)
    )


def _lines(metric: Metric) -> Iterator[str]:
    yield f"# HELP {metric.name} {metric.help}\n"
    yield f"# TYPE {metric.name} {metric.kind}\n"
    for labels, value in metric.samples:
        suffix = labels.get("", "")
        named = ",".join(
            f'{name}="{_escaped(text)}"' for name, text in labels.items() if name
        )
        shown = f"{{{named}}}" if named else ""
        yield f"{metric.name}{suffix}{shown} {value:.15g}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
