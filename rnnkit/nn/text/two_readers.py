"""Two readers of one text, one from each end, and an output that hears both: what stands at a place, given the rest."""

from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn.functional import one_hot

from rnnkit.convert import from_torch
from rnnkit.nn import checkpoint
from rnnkit.nn.layers import reverse
from rnnkit.nn.text.files import load_with_vocabulary, save_with_vocabulary
from rnnkit.nn.text.vocabulary import Vocabulary

SHIPPED = checkpoint.SHIPPED / "two_readers.safetensors"


class TwoReaders(nn.Module):
    """A GRU that reads left to right, one that reads right to left, and three outputs at every place.

    Arguments:
        vocab_size: V. The readers know one symbol more, number V: a character that is covered.
        hidden_size: H of each reader; joint_size: of the layer that joins them.
    """

    def __init__(self, vocab_size, hidden_size=128, joint_size=64):
        super().__init__()
        V, H = vocab_size, hidden_size
        self.config = {"vocab_size": V, "hidden_size": H, "joint_size": joint_size}
        self.forward_rnn = nn.GRU(V + 1, H, batch_first=True)
        self.backward_rnn = nn.GRU(V + 1, H, batch_first=True)
        self.forward_output = nn.Linear(H, V)
        self.backward_output = nn.Linear(H, V)
        self.joint = nn.Linear(2 * H, joint_size)
        self.joint_output = nn.Linear(joint_size, V)

    def forward(self, tokens, lengths):
        """Logits of what stands at every place, by what is left of it, right of it, and both.

        tokens: integers up to V, (B, T); lengths: real characters of each text, (B,).
        Returns (B, T, V) three times. No logit at a place has seen the character there.
        """
        x = one_hot(tokens, self.config["vocab_size"] + 1).float()
        # Each text turned round within its own length: padding stays behind the last step.
        real = torch.arange(tokens.shape[1]) < lengths[:, None]  # (B, T)
        before = shifted(self.forward_rnn(x)[0])  # (B, T, H)
        after = reverse(shifted(self.backward_rnn(reverse(x, real))[0]), real)
        joint = torch.tanh(self.joint(torch.cat([before, after], dim=2)))
        return (
            self.forward_output(before),
            self.backward_output(after),
            self.joint_output(joint),
        )


def shifted(h):
    """States before each step instead of after it: zeros first, the last one left out."""
    return torch.cat([torch.zeros_like(h[:, :1]), h[:, :-1]], dim=1)


def save_readers(
    path: str | Path,
    model: TwoReaders,
    vocabulary: Vocabulary,
    metadata: dict | None = None,
) -> None:
    """Write the readers with their vocabulary to one safetensors file, at once or not at all.

    metadata: dict that JSON can hold: how they were trained, results.
    Raises CheckpointError where the file cannot be written.
    """
    save_with_vocabulary(path, model, vocabulary, metadata)


def load_readers(path: str | Path = SHIPPED) -> tuple[TwoReaders, Vocabulary, dict]:
    """Read what `save_readers` wrote; without a path, the model that comes with the package.

    Returns the TwoReaders on the CPU in evaluation mode, their Vocabulary, and the metadata.
    Raises CheckpointError: the file is missing, damaged, or holds something else.
    """
    return load_with_vocabulary(path, TwoReaders, "two readers")


@torch.no_grad()
def arrays(model: TwoReaders) -> dict[str, np.ndarray]:
    """All weights as a dict of numpy arrays, float32, in the layout of `rnnkit.sequence`: row vectors, x @ W + b.

    forward.W_xh (V + 1, 3H), forward.W_hh (H, 3H), forward.b_x and forward.b_h (3H,), the gates packed r, z, n;
    forward.W_hy (H, V) and forward.b_y (V,); the same for backward.
    joint.W_h (2H, J), joint.b_h (J,), joint.W_y (J, V), joint.b_y (V,):
    logits = tanh([h_forward, h_backward] @ W_h + b_h) @ W_y + b_y.
    """
    found = {}
    for name in ("forward", "backward"):
        rnn, output = (getattr(model, f"{name}_{part}") for part in ("rnn", "output"))
        cell = from_torch("gru", {k: p.numpy() for k, p in rnn.state_dict().items()})
        cell |= {"W_hy": output.weight.T.numpy(), "b_y": output.bias.numpy()}
        found |= {f"{name}.{k}": v for k, v in cell.items()}
    for layer, letter in ((model.joint, "h"), (model.joint_output, "y")):
        found[f"joint.W_{letter}"] = layer.weight.T.numpy()
        found[f"joint.b_{letter}"] = layer.bias.numpy()
    return {name: np.ascontiguousarray(array).copy() for name, array in found.items()}
