"""What runs on the Pi during an installation: carried there, so it imports the standard library and itself alone."""
