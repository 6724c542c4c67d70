"""One module per family of actions; each ends in `ACTIONS`."""
