"""The explorer: a local page with sliders over the same calls as the commands make. It computes nothing of its own."""
