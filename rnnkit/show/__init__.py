"""What the chapters show: real source, figures in one style, explorables that run without a kernel.

Only `show_source` is imported here; `style`, `explorable` and `quiz` need matplotlib or anywidget and are
imported by name where they are used.
"""

from rnnkit.show.source import show_source

__all__ = ["show_source"]
