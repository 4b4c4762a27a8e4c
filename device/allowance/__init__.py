"""How much readers may have the door write: what a command costs, whose share pays for it, and what is left.

It knows the ledger and the disk; it knows of nobody who asks more than a key.
"""
