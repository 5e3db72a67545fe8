"""Only what a page uses is loaded, only from the site itself, and no script holds up what is to be read."""

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
    "DOCUMENTATION_OPTIONS.pagename",
)
FOR_CODE = ("clipboard", "copybutton")
CODE = 'class="highlight"'


def names(script, marks):
    """Whether one of the marks is in the file's name or the text of a script tag that some extension asked for."""
    text = f"{getattr(script, 'filename', script)} {getattr(script, 'attributes', {}).get('body', '')}"
    return any(mark in text for mark in marks)


def defer(script):
    """Let a file run, in its turn, when the page has been read; text in the page cannot be deferred."""
    if getattr(script, "filename", None):
        script.attributes["defer"] = "defer"


def choose_scripts(app, pagename, templatename, context, doctree):
    """Leave the scripts that the page needs, none of which blocks."""
    unused = UNUSED if CODE in context.get("body", "") else UNUSED + FOR_CODE
    context["script_files"] = [
        script for script in context["script_files"] if not names(script, unused)
    ]
    for script in context["script_files"]:
        defer(script)


def use_templates(app, config):
    """Let the course's templates stand before the themes'."""
    config.templates_path.insert(0, str(Path(__file__).with_name("templates")))


def setup(app):
    # Jupyter Book sets the options of an extension that the course does not load.
    app.add_config_value("comments_config", {}, "html")
    app.connect("config-inited", use_templates)
    app.connect("html-page-context", choose_scripts, priority=900)
