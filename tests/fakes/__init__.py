"""Hand-made stand-ins: fakes that refuse what they were not told, and builders of values."""
