"""API keys: what their stores hold, how they are read, and what is wrong with them."""
