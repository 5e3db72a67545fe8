"""Links that open a chapter elsewhere. They appear only when the repository's address is known."""

import os
from urllib.parse import quote

COLAB_BRANCH = "colab"


def repository_of(app):
    """The repository's address, from COURSE_REPOSITORY or `repository.url`; empty when there is none."""
    address = (
        os.environ.get("COURSE_REPOSITORY")
        or app.config.html_theme_options.get("repository_url")
        or ""
    )
    return address.removesuffix(".git").rstrip("/")


def launch_links(repository, branch, docname, suffix):
    """The links for one page, in the order in which they are shown: (label, title, address)."""
    if not repository:
        return []
    slug = "/".join(repository.split("/")[-2:])
    path = quote(docname + suffix)
    source = ("Source", "See this page's source", f"{repository}/blob/{branch}/{path}")
    if suffix != ".ipynb":
        return [source]
    colab = (
        f"https://colab.research.google.com/github/{slug}/blob/{COLAB_BRANCH}/{path}"
    )
    binder = f"https://mybinder.org/v2/gh/{slug}/{branch}?urlpath=lab/tree/{path}"
    return [
        ("Colab", "Run this chapter on Google Colab", colab),
        ("Binder", "Run this chapter on Binder", binder),
        source,
    ]


def add_links(app, pagename, templatename, context, doctree):
    """Give the page header its links; the theme's own button lists stay empty."""
    suffix = context.get("page_source_suffix") or ""
    branch = app.config.html_theme_options.get("repository_branch") or "main"
    has_source = doctree is not None and suffix
    context["launch_links"] = (
        launch_links(repository_of(app), branch, pagename, suffix) if has_source else []
    )


def setup(app):
    app.connect("html-page-context", add_links)
