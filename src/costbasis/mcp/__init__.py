"""Tools for an agent over the Model Context Protocol: the same answers as the commands, small enough for a context."""
