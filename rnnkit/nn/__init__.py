"""PyTorch models of the course, one training loop, decoding and checkpoints."""
