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
OWN = "course.js"


def names(script, marks):
    """Whether one of the marks is in the file's name or the text of a script tag that some extension asked for."""
    text = f"{getattr(script, 'filename', script)} {getattr(script, 'attributes', {}).get('body', '')}"
    return any(mark in text for mark in marks)


def with_attributes(script, **attributes):
    """The same script tag with more attributes; tags are shared between pages."""
    given = {**script.attributes, **attributes}
    return type(script)(script.filename, priority=script.priority, **given)


def choose_scripts(app, pagename, templatename, context, doctree):
    """Leave the scripts that the page needs, none of which blocks.

    The site's own is deferred. It loads the others, named in `data-late`, when something has been painted; the
    search page needs them at once, and defers them.
    """
    unused = UNUSED if CODE in context.get("body", "") else UNUSED + FOR_CODE
    scripts = [
        script for script in context["script_files"] if not names(script, unused)
    ]
    if templatename != "search.html":
        others = [script for script in scripts if not names(script, (OWN,))]
        late = {"data-late": " ".join(Path(script.filename).name for script in others)}
        scripts = [
            with_attributes(script, **late)
            for script in scripts
            if script not in others
        ]
    context["script_files"] = [
        with_attributes(script, defer="defer") for script in scripts
    ]


def use_templates(app, config):
    """Let the course's templates stand before the themes'."""
    config.templates_path.insert(0, str(Path(__file__).with_name("templates")))


def setup(app):
    # Jupyter Book sets the options of an extension that the course does not load.
    app.add_config_value("comments_config", {}, "html")
    app.connect("config-inited", use_templates)
    app.connect("html-page-context", choose_scripts, priority=900)
