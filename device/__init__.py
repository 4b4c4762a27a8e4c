"""The camera side of doorward: sees, decides, records, seals; the only process that ever holds a picture."""
