"""Questions about a clip: glances in every frame, then what they saw is joined in order."""

from typing import Any

from torch import nn

from rnnkit.nn.checkpoint import set_weights, weights_of
from rnnkit.nn.config import SIZE, one_of
from rnnkit.nn.vqa.answerer import Answerer
from rnnkit.nn.vqa.attention import Attention, gaze


class Concatenation(nn.Module):
    """Takes the place of an RNN over N frames: its one "state" is all frames' vectors, one after the other."""

    def forward(self, x):
        """x (B, N, V) -> (B, 1, N * V), and no state."""
        return x.flatten(1)[:, None], None


class ClipGaze(nn.Module):
    """An eye that sends the same question into every frame, and joins what it saw in order.

    No frame knows of another: only the join can tell before from after.

    Arguments:
        frame: a Gaze, the eye of one frame; frames: N.
        over_time: "gru": a GRU's last state is the clip's vector; "side by side": all frames' vectors one after
            the other are. A move is the last place minus the first, which one product finds there, and which a GRU
            has to learn to keep.
        hidden_size: units of the GRU.
    """

    def __init__(self, frame, frames, over_time, hidden_size):
        super().__init__()
        self.axes = {"N": frames} | frame.axes
        self.frame = frame
        if over_time == "side by side":
            self.rnn: nn.Module = Concatenation()
            self.size = frames * frame.size
        else:
            self.rnn = nn.GRU(frame.size, hidden_size, batch_first=True)
            self.size = hidden_size

    def forward(self, regions, question):
        """regions (B, N, R, C), question (B, Q, H) -> (B, Q, size), and glances (B, Q, N, G, R)."""
        B, N, R, _ = regions.shape
        Q = question.shape[1]
        # The same questions are asked of every frame.
        asked = question.repeat_interleave(N, dim=0)  # (B * N, Q, H)
        vector, weights = self.frame(regions.flatten(0, 1), asked)  # (B * N, Q, ...)
        frames = vector.view(B, N, Q, -1).transpose(1, 2)  # (B, Q, N, G * S)
        h, _ = self.rnn(frames.flatten(0, 1))
        return h[:, -1].view(B, Q, -1), weights.view(B, N, Q, -1, R).transpose(1, 2)


class ClipAttention(Answerer):
    """A question about a clip of N frames, each seen as `Attention` sees a picture.

    Arguments: frames: N; over_time: "gru" or "side by side", see `ClipGaze`; the rest as `Attention`.
    """

    rules = Attention.rules | {
        "frames": SIZE,
        "over_time": one_of("gru", "side by side"),
    }

    def __init__(
        self,
        words: list[str],
        answers: list[str],
        frames: int = 5,
        over_time: str = "gru",
        glances: int = 2,
        attention_size: int = 64,
        **options: Any,
    ) -> None:
        own: dict = {"glances": glances, "attention_size": attention_size}
        own |= {"frames": frames, "over_time": over_time}
        super().__init__(words, answers, **own, **options)

    def make_eye(self):
        config = self.config
        time = (config[name] for name in ("frames", "over_time", "hidden_size"))
        return ClipGaze(gaze(config), *time)

    def inherit(self, attention: Attention) -> None:
        """Start from an Attention that knows pictures: how to read, and to look; only time is new."""
        own, learnt = weights_of(self), weights_of(attention)
        fits = {name: t for name, t in learnt.items() if t.shape == own[name].shape}
        set_weights(self, own | fits)
