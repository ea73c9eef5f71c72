"""The open market: offers compared, a price predicted, the margin of those who sell."""
