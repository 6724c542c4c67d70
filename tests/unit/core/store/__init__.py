"""Tests of the store: reducer, selectors, figures."""
