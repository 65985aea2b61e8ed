"""What some program or other strips before it looks for the slash of a command."""

BEFORE_A_SLASH = ["", " ", "\u3000", "\u00a0", "\u001c", "\u200b", "\ufeff", "\u2060", "\t"]
