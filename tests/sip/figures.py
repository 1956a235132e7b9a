"""Figures that tests measure, kept for the end of the run, where people look for them."""

from collections.abc import Sequence


class Figures:
    """Collects lines; conftest prints them as a section of pytest's summary."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def measured(self, what: str, value: object) -> None:
        self.lines.append(f"measured: {what}: {value}")


def percentile(samples: Sequence[float], share: float) -> float:
    """The sample below which `share` (0 to 1) of them lie."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def rank_auc(left: Sequence[float], right: Sequence[float]) -> float:
    """The chance that a sample of `right` exceeds one of `left`, ties counted half: 0.5 when they look alike."""
    ranked = sorted([(value, 0) for value in left] + [(value, 1) for value in right])
    above, index = 0.0, 0
    while index < len(ranked):
        end = index
        while end < len(ranked) and ranked[end][0] == ranked[index][0]:
            end += 1
        mean_rank = (index + end + 1) / 2
        above += mean_rank * sum(1 for _, side in ranked[index:end] if side == 1)
        index = end
    count = len(right)
    return (above - count * (count + 1) / 2) / (len(left) * count)
