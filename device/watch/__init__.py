"""What the household wants watched, and whether motion counts now: zones, masks, quiet hours, privacy, a snooze.

It knows the ledger and the disk, and of the camera its format alone; camera and recording are told what to do by it.
"""
