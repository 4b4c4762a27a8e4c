"""Everything that touches the disk: whole or not there, of one owner, with no time that tells too much.

It knows how statements and lines are made, and nothing of who asks for them or what is seen.
"""
