"""The adapters that change things."""
