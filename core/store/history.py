"""How much past is kept. Memory is bounded by these numbers, not by uptime."""

PROBE_WINDOW = 360
"""Probes kept per check: an hour at one every 10 s."""
HOST_WINDOW = 900
"""Host samples kept: 15 minutes at one a second, half an hour at one every two."""
SERIES_WINDOW = 120
"""Points kept per metric series: half an hour at one every 15 s."""
SERIES_PER_SERVICE = 2000
"""Series kept per service; what is beyond is counted, never silently lost."""
TIMELINE_WINDOW = 500
"""Timeline entries kept."""
