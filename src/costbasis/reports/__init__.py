"""Reports: one output a file. A report shows; it does not compute."""
