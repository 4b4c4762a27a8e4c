"""What ``doorward`` can do: one file a command, each a thin edge over the rooms beside it."""
