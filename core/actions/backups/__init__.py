"""What a backup is: its manifest, its name, whether it is good, and when it may go. Pure."""
