"""Motion: our detector and its peers over labelled clips, and scenes whose truth is known."""
