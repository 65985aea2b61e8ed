"""The guided script: a telephone call led through the same dialogue as every other channel."""
