"""Claims: somebody's figure, judged on every basis."""
