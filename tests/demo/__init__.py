"""The demo: its five systems, its faults, and that it leaves nothing."""
