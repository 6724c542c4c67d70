"""Reducer, snapshot, history and selectors. All pure."""
