"""Who may speak at all: decided of the address at ``accept``, then of what a request says of itself.

It knows addresses and counts, and no route.
"""
