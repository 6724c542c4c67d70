"""Ports and adapters that change things. Only steps of actions hold them (core/actions)."""
