"""The command line: one file per verb. Imports the console only for the bare command."""
