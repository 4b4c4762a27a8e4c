"""What ``scripts/bench NAME`` runs: one file a bench, or a folder where it takes several."""
