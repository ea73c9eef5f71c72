"""The ledger: which requests a set of folders holds, each counted once, and which line counted."""
