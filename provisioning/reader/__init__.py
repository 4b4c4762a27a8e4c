"""This computer as a reader of a running door, and the card as one; what it saw last is held against what comes next.

It knows the server's address and believes nothing that the door's key did not sign.
"""
