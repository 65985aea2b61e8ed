"""What Rasa is extended with: Japanese understanding, channel, stores. Runs in `.venv-rasa`."""
