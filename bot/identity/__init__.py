"""Who is speaking."""
