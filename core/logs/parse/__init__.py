"""From bytes to records: where one begins, which format it has, and what it says."""
