"""The bytes of a file or page become an article, or a reason why not."""
