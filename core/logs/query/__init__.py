"""The query language of logs: text to a frozen tree, the tree to a test of records."""
