"""The families of actions, each on its own."""
