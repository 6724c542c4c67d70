"""Pictures of the screens, compared."""
