"""The disk under the recorder: what gives way and when, what a power cut left, and room for a last word.

It knows disk, ledger and running time. Nobody who asks has a say here.
"""
