"""What a model is trained on: data in batches, which knows where it stands, so that a run can go on later."""

from typing import Any, Protocol

import torch


class Data(Protocol):
    """What a model is trained on."""

    def loss(self, model: Any) -> torch.Tensor: ...
    def state_dict(self) -> dict: ...
    def load_state_dict(self, tensors: dict) -> None: ...


class RandomBatches:
    """Data in batches that a generator draws, `rng`: where that stands is all there is to keep."""

    rng: torch.Generator

    def state_dict(self) -> dict:
        return {"rng": self.rng.get_state()}

    def load_state_dict(self, state: dict) -> None:
        self.rng.set_state(state["rng"])
