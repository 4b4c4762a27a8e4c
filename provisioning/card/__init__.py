"""The house card and what is made with it: a door's birth, the card on paper, the house's own authority.

It knows keys and paper, and no door that runs.
"""
