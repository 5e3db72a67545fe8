"""What the tools for long runs share: putting what they measured into a stored report."""

import json
import platform

import torch


def write_report(path, command, **parts):
    """Put parts into a report and say what made it and where; parts of other names stay.

    It is read just before it is written: parts may be measured side by side.
    """
    report = json.loads(path.read_text("utf-8")) if path.exists() else {}
    versions = f"torch {torch.__version__}, Python {platform.python_version()}"
    report |= {"command": command, "machine": f"one core, {versions}"}
    path.write_text(json.dumps(report | parts, indent=1) + "\n", encoding="utf-8")
