"""Tones in WAV files: what a call must carry is known by its frequency and its strength."""

import math
import wave
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.sip.waiting import until

RATE = 8000
LOUDNESS = 8000
"""Amplitude of a written tone, of 32,767."""


def write_tone(path: Path, hertz: int, seconds: int = 30) -> None:
    """16-bit mono at 8 kHz, which every PBX plays."""
    samples = array("h", (round(LOUDNESS * math.sin(math.tau * hertz * n / RATE)) for n in range(RATE * seconds)))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())


@dataclass(frozen=True)
class Sound:
    """What was heard, without the silence at both ends."""

    samples: Sequence[int]
    rate: int

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate

    @property
    def strength(self) -> float:
        """The root of the mean square, of 32,767."""
        return math.sqrt(_energy(self.samples) / max(1, len(self.samples)))

    def share(self, hertz: int) -> float:
        """The part of the energy, 0 to 1, that this tone has (Goertzel's algorithm), the median of tenths of a second.

        A packet that came late shifts the phase, which must not count against the tone.
        """
        size = self.rate // 10
        windows = [self.samples[at : at + size] for at in range(0, len(self.samples) - size + 1, size)]
        shares = sorted(_share(window, self.rate, hertz) for window in windows)
        return shares[len(shares) // 2] if shares else 0.0


def read_sound(path: Path) -> Sound:
    """A 16-bit mono recording; its program closes it a moment after the call."""
    return until(lambda: _read(path), 5, f"{path} is a finished recording")[0]


def _read(path: Path) -> list[Sound]:
    try:
        with wave.open(str(path), "rb") as file:
            assert (file.getnchannels(), file.getsampwidth()) == (1, 2), f"{path} is not 16-bit mono"
            samples = array("h", file.readframes(file.getnframes()))
            rate = file.getframerate()
    except (OSError, EOFError, wave.Error):
        return []
    loud = [at for at, value in enumerate(samples) if abs(value) > LOUDNESS // 16]
    return [Sound(samples[loud[0] : loud[-1]], rate)] if loud else []


def _energy(samples: Sequence[int]) -> float:
    return float(sum(value * value for value in samples))


def _share(samples: Sequence[int], rate: int, hertz: int) -> float:
    turn = 2 * math.cos(math.tau * hertz / rate)
    last, before = 0.0, 0.0
    for value in samples:
        last, before = value + turn * last - before, last
    power = last * last + before * before - turn * last * before
    energy = _energy(samples)
    return 2 * power / (len(samples) * energy) if energy else 0.0
