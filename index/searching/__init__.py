"""A question becomes hits: retrieval, weighing, confidence."""
