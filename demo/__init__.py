"""Five small real systems with faults on demand, on loopback ports and in a temporary folder."""
