"""What is served: the page, the house's own authority, the door's messages, and sealed bytes for a ticket.

Each carries what it cannot read.
"""
