"""One Camera protocol, and one file for each thing that can stand behind it."""
