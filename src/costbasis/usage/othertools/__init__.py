"""Another tool's report beside ours: its own rules replayed, every difference named."""
