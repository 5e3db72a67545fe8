"""Optimisers over a dict of parameters, changed in place, and clipping by norm."""

import numpy as np


class SGD:
    """Stochastic gradient descent with optional momentum.

    Arguments:
        params: dict from name to array; ``step`` changes these arrays in place.
        lr: learning rate.
        momentum: 0 for none; the velocity is v = momentum * v + grad.
    """

    def __init__(self, params, lr, momentum=0.0):
        self.params, self.lr, self.momentum = params, lr, momentum
        self.velocity = {name: np.zeros_like(p) for name, p in params.items()}

    def step(self, grads):
        """One update from ``grads``, a dict with the parameters' names and shapes."""
        check_grads(self.params, grads)
        for name, p in self.params.items():
            v = self.velocity[name]
            v *= self.momentum
            v += grads[name]
            p -= self.lr * v


class Adam:
    """Adam: steps scaled by running means of the gradient and of its square.

    Arguments:
        params: dict from name to array; ``step`` changes these arrays in place.
        lr: learning rate.
        betas: how slowly the two running means forget.
        eps: keeps the division finite.

    Source: Kingma and Ba (2015), algorithm 1.
    """

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        self.params, self.lr, self.betas, self.eps = params, lr, betas, eps
        self.m = {name: np.zeros_like(p) for name, p in params.items()}
        self.v = {name: np.zeros_like(p) for name, p in params.items()}
        self.t = 0

    def step(self, grads):
        """One update from ``grads``, a dict with the parameters' names and shapes."""
        check_grads(self.params, grads)
        self.t += 1
        beta1, beta2 = self.betas
        for name, p in self.params.items():
            g, m, v = grads[name], self.m[name], self.v[name]
            m += (1 - beta1) * (g - m)
            v += (1 - beta2) * (g**2 - v)
            # Both means start at zero; dividing by 1 - beta**t removes that bias.
            m_hat = m / (1 - beta1**self.t)
            v_hat = v / (1 - beta2**self.t)
            p -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


def clip_grad_norm(grads, max_norm):
    """Scale all gradients together, in place, to a common norm of at most ``max_norm``.

    Arguments:
        grads: dict from name to array.
        max_norm: the largest allowed Euclidean norm of all entries taken together.

    Returns:
        the norm before clipping, a float.

    Raises:
        ValueError: max_norm is not positive, or the norm is not finite; nothing is
            changed then.

    Source: Pascanu, Mikolov and Bengio (2013), algorithm 1.
    """
    if not max_norm > 0:
        raise ValueError(f"max_norm: expected a positive number, got {max_norm}")
    squares = (np.sum(np.square(g, dtype=np.float64)) for g in grads.values())
    norm = float(np.sqrt(sum(squares)))
    if not np.isfinite(norm):
        raise ValueError(f"grads: expected finite numbers, got a norm of {norm}")
    if norm > max_norm:
        for g in grads.values():
            g *= max_norm / norm
    return norm


def check_grads(params, grads):
    """Check that every parameter has a gradient of its shape, and nothing else has."""
    if set(grads) != set(params):
        raise ValueError(
            f"grads: expected the names {sorted(params)}, got {sorted(grads)}"
        )
    for name, p in params.items():
        if grads[name].shape != p.shape:
            raise ValueError(
                f"grads[{name!r}]: expected {p.shape}, got {grads[name].shape}"
            )
