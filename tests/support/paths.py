"""Where things are, wherever a test lies."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data"
ARTICLES = ROOT / "corpus" / "articles"
BUNDLED = ARTICLES / "uk-iraq-border-pact.txt"
"""The bundled article."""
MODELS = ROOT / ".pytest_cache" / "models"
"""Where the default model is unpacked, once for all tests."""
