"""Panes and the widgets they are made of. They know model values, never clients or settings."""
