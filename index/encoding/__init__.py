"""Text becomes vectors: the bundled model, models behind a server."""
