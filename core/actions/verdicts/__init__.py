"""What tools print, read: exit codes lie, so that their words decide. Pure."""
