"""Training the reader that comes with the program. Nothing here runs when questions are answered."""
