"""A text as training batches, contiguous chunks with the state carried on; and the loss of a whole text."""

import math

import torch
from torch import nn
from torch.nn.functional import cross_entropy


class ChunkStream:
    """A long text as training batches: B places at once, T characters further each time.

    The text is cut into B equal stretches that are read side by side. Each call takes the next
    T characters of every stretch, and the model's state is carried from call to call with the
    gradient cut: truncated back-propagation through time. At the end it starts again from zeros.

    Arguments:
        tokens: integers, (N,).
        batch_size: B; chunk_length: T, characters.
        rank, world_size: under several processes, which share of the stretches this one reads.

    Raises:
        ValueError: the text is shorter than one chunk for every stretch.
    """

    def __init__(self, tokens, batch_size, chunk_length, rank=0, world_size=1):
        if len(tokens) < batch_size * (chunk_length + 1):
            raise ValueError(
                f"tokens: expected at least batch_size * (chunk_length + 1) = "
                f"{batch_size * (chunk_length + 1)}, got {len(tokens)}"
            )
        if batch_size % world_size:
            raise ValueError(
                f"batch_size: expected a multiple of the {world_size} processes, got {batch_size}"
            )
        length = len(tokens) // batch_size
        stretches = tokens[: batch_size * length].view(batch_size, length)
        self.stretches = stretches[rank::world_size]  # (B / world_size, N // B)
        self.chunk_length = chunk_length
        self.characters_per_step = batch_size * chunk_length
        self.position, self.state = 0, None

    def loss(self, model):
        """Read the next chunk with the model; returns the mean loss in nats per character."""
        start, T = self.position, self.chunk_length
        inputs = self.stretches[:, start : start + T]  # (B, T)
        targets = self.stretches[:, start + 1 : start + T + 1]
        logits, state = model(inputs, self.state)
        self.position, self.state = start + T, detach(state)
        if self.position + T >= self.stretches.shape[1]:
            self.position, self.state = 0, None
        return cross_entropy(logits.flatten(0, 1), targets.flatten())

    def state_dict(self) -> dict:
        """Return the place in the text and the carried state, as a dict of tensors."""
        place = {"position": torch.tensor(self.position)}
        if self.state is None:
            return place
        parts = self.state if isinstance(self.state, tuple) else (self.state,)
        return place | {f"state.{i}": part for i, part in enumerate(parts)}

    def load_state_dict(self, tensors: dict) -> None:
        """Go on from where `state_dict` was called."""
        device = self.stretches.device
        parts = [tensors[k].to(device) for k in sorted(tensors) if k != "position"]
        self.position = int(tensors["position"])
        self.state = (tuple(parts) if len(parts) > 1 else parts[0]) if parts else None


def detach(state):
    """Cut the gradient at a carried state: a tensor, or the pair (h, c) of an LSTM."""
    if isinstance(state, tuple):
        return tuple(part.detach() for part in state)
    return state.detach()


@torch.no_grad()
def nats_per_character(
    model: nn.Module, tokens: torch.Tensor, streams: int = 1, chunk_length: int = 4096
) -> float:
    """Mean loss of a text that the model reads once, from left to right.

    Arguments:
        model: a CharLM.
        tokens: integers, (N,).
        streams: 1 reads the text as one stream, every character with all that came before it.
            More cut it into so many pieces read side by side, each from a zero state: quicker,
            a little too pessimistic.
        chunk_length: characters between two reports of the memory; the result does not depend on it.

    Returns:
        nats per character, float: the mean over the N - streams characters that have a predecessor.

    Raises:
        ValueError: fewer than two characters per stream.
    """
    if len(tokens) < 2 * streams:
        raise ValueError(
            f"tokens: expected at least {2 * streams} characters, got {len(tokens)}"
        )
    was_training = model.training
    model.eval()
    length = len(tokens) // streams
    pieces = tokens[: streams * length].view(streams, length)
    total, state = 0.0, None
    for inputs, targets in zip(
        pieces[:, :-1].split(chunk_length, dim=1),
        pieces[:, 1:].split(chunk_length, dim=1),
        strict=True,
    ):
        logits, state = model(inputs, state)
        loss = cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="sum")
        total += loss.item()
    model.train(was_training)
    return total / (streams * (length - 1))


def bits(nats: float) -> float:
    """Convert nats to bits: 1 nat = 1 / ln 2 bits."""
    return nats / math.log(2)
