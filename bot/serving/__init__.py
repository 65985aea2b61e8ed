"""`navi serve`: checks before the start, the model, the processes and their supervisor."""
