"""The index in files: SQLite for rows and full text, FAISS for vectors."""
