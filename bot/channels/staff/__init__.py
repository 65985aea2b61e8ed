"""The staff console: pages for the guided script, the inbox and the review."""
