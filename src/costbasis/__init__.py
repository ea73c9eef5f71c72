"""What these tokens really cost, on which basis, and who makes the money."""

__version__ = "0.1.0"
