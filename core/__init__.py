"""Everything that works without a terminal. Nothing below this line imports Textual."""
