"""A provider's bill and a contract's terms: what list became."""
