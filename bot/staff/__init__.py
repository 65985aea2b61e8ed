"""What staff may do, apart from the pages that they do it on."""
