"""The things on the door: button, light, chime."""
