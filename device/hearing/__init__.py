"""What the door hears, if its household gave it a microphone: moments of sound on the pictures' clock."""
