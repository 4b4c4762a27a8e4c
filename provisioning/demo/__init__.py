"""The main job on this computer: device and server as two processes, and the check that believes neither.

It knows everything below it, and nobody stands on it.
"""
