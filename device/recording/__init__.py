"""From scores and access units to a clip: policy, pre-roll, fragments."""
