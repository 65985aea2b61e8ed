"""What the app keeps of conversations."""
