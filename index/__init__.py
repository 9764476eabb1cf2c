"""Find: passages, sentences, vectors, full text, fusion, confidence."""
