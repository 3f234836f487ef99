"""Documents to vectors: loading, cleaning, chunking, embedding, lexical search and the index on disk."""
