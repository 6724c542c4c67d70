"""The frame of dialogs that ask one thing: in the middle, no wider than a line that is read."""


def dialog_css(screen: str) -> str:
    """Return the style of a dialog whose body is one Vertical, by its class's name."""
    return f"""
    {screen} {{ align: center middle; background: transparent; }}
    {screen} > Vertical {{
        width: 80; max-width: 100%; height: auto; max-height: 100%; padding: 0 1; margin: 0 0 1 0;
        border: round $border; background: $surface;
    }}
    """
