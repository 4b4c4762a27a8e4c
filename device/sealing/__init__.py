"""Public-key sealing of clips (age v1) and of small things (SFrame)."""
