"""Procedures: ordered steps with gates, carried out one after the other by people and machine."""
