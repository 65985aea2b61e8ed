"""Papers for people who don't program: the sheet of all wordings, the drawing of the tree."""
