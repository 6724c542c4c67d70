"""Flows through the running application, and its ends on a real pseudo-terminal."""
