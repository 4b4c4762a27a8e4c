"""The drawn doorstep of the scene camera: who comes when, and how that looks."""
