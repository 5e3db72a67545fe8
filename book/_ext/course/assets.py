"""Only what a page uses is loaded, and only from the site itself."""

from pathlib import Path

UNUSED = (
    "sphinx-book-theme.js",
    "sphinx-thebe",
    "togglebutton",
    "toggleHint",
    "THEBE_JS_URL",
    "require.js",
    "embed-amd",
    "design-tabs",
)


def is_unused(script):
    """Whether a script tag that some extension asked for belongs to something the course does not use."""
    text = f"{getattr(script, 'filename', script)} {getattr(script, 'attributes', {}).get('body', '')}"
    return any(mark in text for mark in UNUSED)


def drop_unused(app, pagename, templatename, context, doctree):
    context["script_files"] = [
        script for script in context["script_files"] if not is_unused(script)
    ]


def use_templates(app, config):
    """Let the course's templates stand before the themes'."""
    config.templates_path.insert(0, str(Path(__file__).with_name("templates")))


def setup(app):
    # Jupyter Book sets the options of an extension that the course does not load.
    app.add_config_value("comments_config", {}, "html")
    app.connect("config-inited", use_templates)
    app.connect("html-page-context", drop_unused, priority=900)
