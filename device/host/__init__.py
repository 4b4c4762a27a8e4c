"""The system that the device runs on: what is asked of it, and what it is told."""
