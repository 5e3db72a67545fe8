"""Several processes that train one model: `torchrun --standalone --nproc-per-node 2 -m rnnkit train ...`.

Each reads its share of the batch, the gradients are averaged, and all change their equal weights in
the same way. The first process alone prints, evaluates and saves.
"""

import contextlib
import os
from collections.abc import Iterator

import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel

from rnnkit.cli.use import choose_device
from rnnkit.nn.processes import rank
from rnnkit.nn.text.char_lm import CharLM
from rnnkit.nn.text.chunks import ChunkStream


@contextlib.contextmanager
def processes(device_name: str, threads: int | None = None) -> Iterator[torch.device]:
    """Join the processes that torchrun started, if it did; yields this process's device."""
    device = choose_device(device_name, threads)
    if int(os.environ.get("WORLD_SIZE", 1)) == 1:
        yield device
        return
    backend = "gloo"
    if device.type == "cuda":
        device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(device)
        backend = "cpu:gloo,cuda:nccl"
    dist.init_process_group(backend)
    try:
        yield device
    except RuntimeError as error:
        if rank() > 0 and "onnection" in str(error):
            # The first process has ended: what it said, and its exit code, are what counts.
            raise SystemExit(0) from error
        raise
    finally:
        dist.destroy_process_group()


def world_size() -> int:
    """Return how many processes train together."""
    return dist.get_world_size() if dist.is_initialized() else 1


@contextlib.contextmanager
def first_alone() -> Iterator[None]:
    """Let the first process through this block before the others: what it finds wrong, it says once.

    If it fails, the others fail at the entrance instead of waiting for it.
    """
    if rank() > 0:
        pass_on()
    yield
    if rank() == 0:
        pass_on()


def pass_on() -> None:
    """Wait until the first process comes here too."""
    if dist.is_initialized():
        dist.broadcast(torch.zeros(1), src=0)


class SharedStream:
    """This process's share of a ChunkStream, for `Training`: its loss averages the gradients of all.

    Arguments:
        stream: the ChunkStream of this rank.
        model: the CharLM that is trained.
    """

    def __init__(self, stream: ChunkStream, model: CharLM) -> None:
        self.stream = stream
        self.parallel = DistributedDataParallel(model)

    def loss(self, model: CharLM) -> torch.Tensor:
        """Read the next chunk; returns the mean loss of all processes, in nats per character."""
        loss = self.stream.loss(self.parallel)
        mean = loss.detach().clone()
        dist.all_reduce(mean)
        # The value is everyone's, the gradient that of this share: the wrapper averages gradients.
        return loss + (mean / world_size() - loss.detach())

    def state_dict(self) -> dict:
        """Return the place in the text. The carried states of the other shares are not at hand."""
        return {"position": torch.tensor(self.stream.position)}

    def load_state_dict(self, tensors: dict) -> None:
        """Go on from that place, with zero states."""
        self.stream.load_state_dict({"position": tensors["position"]})
