"""What a mix of tokens costs: at list over time, at every host, on the market, to serve; and what changed when."""
