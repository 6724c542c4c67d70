"""The desk: chosen logs laid side by side for one reader, in a thread of its own."""
