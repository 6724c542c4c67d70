"""What the benches find out from bytes, tried on small ones."""
