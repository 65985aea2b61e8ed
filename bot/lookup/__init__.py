"""Finding the caller: the search over the registry's members."""
