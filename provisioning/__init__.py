"""What an owner runs on their own computer: the ``doorward`` command."""
