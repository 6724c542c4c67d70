"""The write side: plan, executor, journal, audit, registry; families/ has the actions."""
