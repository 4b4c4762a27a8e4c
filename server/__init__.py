"""The web side of doorward: the page and a relay; holds no key that opens and no sealed file."""
