"""The index in PostgreSQL, with pgvector for vectors."""
