"""Models: names, geometry, and hypotheses where nothing was published."""
