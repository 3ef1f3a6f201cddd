"""How the site is built: `make docs`."""

from __future__ import annotations

import os
import sys
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from seqest.plotting._looks import COLOURS

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_extensions"))

project, author = "seqest", "The seqest developers"
release = metadata.version("seqest")
project_copyright = author
extensions = [
    "matplotlib.sphinxext.plot_directive",
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
    "plot_blocks",
]
exclude_patterns = ["_build", "_templates", "gallery/GALLERY_HEADER.rst"]
templates_path = ["_templates"]

# -- Pages ------------------------------------------------------------------------
myst_enable_extensions = ["amsmath", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

# -- Reference --------------------------------------------------------------------
autosummary_generate = True
toc_object_entries_show_parents = "hide"
autodoc_typehints = "none"  # the docstrings tell types in words
numpydoc_show_class_members = False
numpydoc_xref_param_type = False

# -- Pictures ---------------------------------------------------------------------
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
plot_formats = [("png", 160)]
plot_html_show_formats = False
plot_html_show_source_link = False
plot_include_source = True
plot_rcparams = {
    "axes.axisbelow": True,
    "axes.prop_cycle": f"cycler('color', {list(COLOURS)})",
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.constrained_layout.use": True,
    "figure.figsize": (7.2, 3.2),
    "font.size": 10,
    "legend.frameon": False,
    "lines.linewidth": 1.3,
}
plot_apply_rcparams = True

# Examples whose data the project does not ship show a picture that is kept.
NEEDS_DATA = "drug_sales", "item_sales", "silverbox"

sphinx_gallery_conf = {
    "abort_on_example_error": True,
    "backreferences_dir": "api/examples",
    "doc_module": ("seqest",),
    "download_all_examples": False,
    "examples_dirs": "../examples",
    "filename_pattern": rf"/plot_(?!{'|'.join(NEEDS_DATA)})",
    "gallery_dirs": "gallery",
    "min_reported_time": 1e9,
    "plot_gallery": "True",
    "reference_url": {"seqest": None},
    "reset_argv": "gallery_arguments.own_folder",
    "show_memory": False,
    "show_signature": False,
    "write_computation_times": False,
}

# -- Looks ------------------------------------------------------------------------
html_theme = "pydata_sphinx_theme"
html_title = f"seqest {release}"
html_static_path = ["_static"]
html_css_files = ["seqest.css"]
html_extra_path = ["llms.txt"]
html_context = {"default_mode": "auto"}
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "footer_end": ["theme-version"],
    "footer_start": ["copyright"],
    "header_links_before_dropdown": 6,
    "logo": {"text": "seqest"},
    "navbar_align": "left",
    "navigation_with_keys": False,
    "pygments_dark_style": "a11y-high-contrast-dark",
    "pygments_light_style": "a11y-high-contrast-light",
    "show_toc_level": 2,
}
html_sidebars = {"changes": [], "cite": [], "contributing": [], "index": []}

# One file that draws formulas without fonts or anything from elsewhere.
_mathjax = find_spec("sphinx-mathjax-offline")
assert _mathjax is not None
assert _mathjax.origin is not None
html_static_path.append(
    str(Path(_mathjax.origin).parent / "static" / "mathjax" / "tex-svg.js")
)
mathjax_path = "tex-svg.js"
