"""The price book: append-only, dated statements of prices, compiled into the tables that pricing reads."""
