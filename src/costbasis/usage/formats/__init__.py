"""What readers of many formats share: lines, documents and databases of logs, and each agent's usage objects."""
