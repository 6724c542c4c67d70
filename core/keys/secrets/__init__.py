"""Secrets as an inventory: where they are and what is wrong with them, never what they are."""
