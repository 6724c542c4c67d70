"""Figures over the records that a query found: counts, rates, tops, percentiles, histograms."""
