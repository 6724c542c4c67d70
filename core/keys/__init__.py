"""API keys, secrets and tokens: read without showing them, changed without losing a byte."""
