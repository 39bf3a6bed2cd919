"""Text to vectors: all-MiniLM-L6-v2 in numpy, hashing without it, and any OpenAI-compatible provider."""
