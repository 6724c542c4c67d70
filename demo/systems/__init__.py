"""The five systems, one module per process: `python -m demo.systems.NAME --home FOLDER`."""
