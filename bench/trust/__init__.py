"""Trust: what the household's record costs to check, to keep and to use."""
