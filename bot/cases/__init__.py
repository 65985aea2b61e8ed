"""Telephone cases: one call of a member, who called, how that was verified, what was agreed."""
