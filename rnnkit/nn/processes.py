"""Several processes that train one model together: which one this is, and that all stop at once."""

import torch
import torch.distributed as dist


def rank() -> int:
    """Return this process's number among those that train together, 0 if it is alone."""
    return dist.get_rank() if dist.is_initialized() else 0


def agree(progress: float, stop: bool) -> tuple[float, bool]:
    """Let all processes follow the first one's clock and its Ctrl-C."""
    if not dist.is_initialized():
        return progress, stop
    word = torch.tensor([progress, float(stop)], dtype=torch.float64)
    dist.broadcast(word, src=0)
    return word[0].item(), bool(word[1])
