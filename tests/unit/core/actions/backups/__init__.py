"""Backups without a disk: manifests, names, validity, terms."""
