"""What is true: the rules of the procedure and the actions that the dialogue calls."""
