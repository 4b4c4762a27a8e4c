"""How late live is, and what it costs, beside a plain MJPEG stream of the same camera."""
