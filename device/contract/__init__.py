"""All that the other packages may know of the device: names, messages, the link."""
