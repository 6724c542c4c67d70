"""The scanner: which lines of a segment may match, found in chunks at the speed of the disk."""
