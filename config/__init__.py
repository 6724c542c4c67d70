"""Settings: models, loader, JSON Schema and the shipped profiles."""
