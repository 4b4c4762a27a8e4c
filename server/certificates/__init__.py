"""The house's certificates in, one TLS context out, with the leaf that fits the day."""
