"""From luma planes to motion scores: pure functions and small state machines."""
