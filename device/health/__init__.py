"""How the computer under the door is, as the device itself can see it: its power, its heat, its clock."""
