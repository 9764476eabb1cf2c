"""Builds generations from articles: indexing, checks, golden questions, copying."""
