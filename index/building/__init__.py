"""Articles become a generation: indexing, checks, golden questions, moving."""
