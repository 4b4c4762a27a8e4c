"""What a door's own computer tells of it: facts are read by one file each, and judged by files that read nothing.

Nothing is switched, played or written, and nothing that runs is asked to stop.
"""
