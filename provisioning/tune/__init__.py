"""What the motion decision sees in a recording, drawn: the device's own eyes, policy and settings, on a film.

It knows no door and no key.
"""
