"""Our own tar reader and writer: regular files and folders, planned before anything is written."""
