"""The JavaScript of Vega, Vega-Lite and Vega-Embed, from the package that carries them."""

from __future__ import annotations

from functools import lru_cache

from allennlp.common.checks import ConfigurationError

MISSING = "the page needs packages that are not installed: pip install '.[report]'"


@lru_cache(maxsize=1)
def vega_bundle() -> str:
    """
    The three libraries as one script of 0.9 MB, which sets `vegaEmbed` of the window. The package
    `vl-convert-python` carries them, so that neither the repository nor the page fetches any.

    Raises `ConfigurationError` that says what to install when it is missing.
    """
    try:
        import vl_convert
    except ImportError as error:
        raise ConfigurationError(MISSING) from error
    bundle: str = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    # in a function of its own none of its hundreds of short names meets one of the page's
    return f"(() => {{\n{bundle}\n}})();"
