"""A door's directory, read and verified, opened, judged, proven and granted; no door has to run for it.

It knows what keys at hand ought to open, and holds the directory to the ledger.
"""
