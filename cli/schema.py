"""`quarterdeck schema`: the JSON Schema of the configuration, so that an editor completes it."""

import click

from cli.output import print_json
from config.schema import json_schema


@click.command(short_help="Print the JSON Schema of the configuration, for editors.")
def command() -> None:
    """Print the JSON Schema; put its file's name into your editor's settings for YAML."""
    print_json(json_schema())
