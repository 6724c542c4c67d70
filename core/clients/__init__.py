"""Ports and their adapters: the only importers of httpx, redis, docker, psutil and subprocess."""
