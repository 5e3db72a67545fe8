"""Experiments that take longer than a chapter may: one module a chapter, all on `harness`; their reports are stored."""
