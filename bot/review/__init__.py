"""What supervisors look at: volumes, the tree with its visitors, what was not understood."""
