"""What the systems find when they start: files, keys, history, a git checkout."""
