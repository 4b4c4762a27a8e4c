"""A ring for the household's own Home Assistant, over its own MQTT broker. Off unless a settings file is named.

settings says which broker, words what is said to it, broker says it in a process of its own (``python -m server.homeassistant``),
and child is the server's end of that: it knows three words, and has no key of the device's to lose.
"""
