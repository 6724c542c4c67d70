"""What reaches the terminal when the world is hostile."""
