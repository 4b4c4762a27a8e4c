"""What readers ask of a running door, from the packet to the signed answer: link, desk, looks, tickets, who watches.

It knows the ledger, the disk and the settings; it never knows a camera, nor what is being recorded.
"""
