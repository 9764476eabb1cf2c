"""Text becomes sentences, passages and terms."""
