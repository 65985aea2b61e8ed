"""The app: channels, conversation pipe, identity, commands (see docs/adr/0001)."""
