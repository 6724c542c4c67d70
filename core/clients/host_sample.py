"""Reads CPU, memory, disks, network and their rates through psutil. Blocking."""

import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import psutil

from core.clients.clock import Clock
from core.model.host import Disk, HostSample, NetworkRate
from core.model.text import clean

_STALE_BASELINE_S = 60.0
_NOT_REAL = frozenset({"squashfs", "iso9660", "udf", "erofs"})
"""Read-only images: always full, never worth a warning."""
_MAX_DISKS = 64
_MAX_INTERFACES = 64


@dataclass(frozen=True, slots=True)
class _Counters:
    """Running totals at one moment."""

    at_s: float
    networks: dict[str, tuple[int, int]]
    disk_read: int
    disk_written: int


def read_disks() -> tuple[Disk, ...]:
    """Return the real file systems by mount point, each device once (bind mounts left out)."""
    disks: dict[str, Disk] = {}
    mounts = {part.mountpoint: part for part in psutil.disk_partitions(all=False)}
    if "/" not in mounts:  # inside a container the root is an overlay, which psutil hides
        mounts |= {p.mountpoint: p for p in psutil.disk_partitions(all=True) if p.mountpoint == "/"}
    for part in sorted(mounts.values(), key=lambda part: len(part.mountpoint)):
        if part.fstype in _NOT_REAL or part.device in disks or len(disks) >= _MAX_DISKS:
            continue
        with suppress(OSError):  # unmounted meanwhile, or not ours to see
            usage = psutil.disk_usage(part.mountpoint)
            if usage.total:
                disks[part.device] = Disk(
                    mount=clean(part.mountpoint),
                    device=clean(part.device),
                    used_bytes=usage.used,
                    free_bytes=usage.free,
                    total_bytes=usage.total,
                )
    return tuple(sorted(disks.values(), key=lambda disk: disk.mount))


def _rates(before: _Counters, now: _Counters) -> tuple[NetworkRate, ...]:
    """Return traffic per interface; one whose counters went back (re-created) is left out."""
    span_s = max(now.at_s - before.at_s, 1e-3)
    rates: list[NetworkRate] = []
    for name, (received, sent) in sorted(now.networks.items()):
        was = before.networks.get(name)
        if was is None or received < was[0] or sent < was[1]:
            continue
        rates.append(
            NetworkRate(clean(name), (received - was[0]) / span_s, (sent - was[1]) / span_s)
        )
    return tuple(rates[:_MAX_INTERFACES])


class SampleReader:
    """Remembers the last counters, so that every figure it gives is of the time between."""

    def __init__(self, clock: Clock) -> None:
        """Read nothing yet."""
        self._clock = clock
        self._before: _Counters | None = None
        self._boot_at = datetime.fromtimestamp(psutil.boot_time(), UTC)

    def take_baseline(self) -> bool:
        """Return True when counters young enough are at hand; else take them and return False."""
        before = self._before
        if before is not None and self._clock.monotonic() - before.at_s < _STALE_BASELINE_S:
            return True
        psutil.cpu_percent(percpu=True)
        self._before = self._read_counters()
        return False

    def read(self, disks: tuple[Disk, ...]) -> HostSample:
        """Return a sample over the time since the last one."""
        now = self._read_counters()
        before, self._before = self._before or now, now
        span_s = max(now.at_s - before.at_s, 1e-3)
        cores = tuple(psutil.cpu_percent(percpu=True))
        memory, swap, load = psutil.virtual_memory(), psutil.swap_memory(), os.getloadavg()
        return HostSample(
            at=self._clock.now(),
            cpu_percent=sum(cores) / len(cores) if cores else 0.0,
            cpu_percent_per_core=cores,
            load_1m=load[0],
            load_5m=load[1],
            load_15m=load[2],
            memory_total_bytes=memory.total,
            memory_available_bytes=memory.available,
            swap_used_bytes=swap.used,
            swap_total_bytes=swap.total,
            disks=disks,
            networks=_rates(before, now),
            disk_read_bytes_per_s=max(0, now.disk_read - before.disk_read) / span_s,
            disk_written_bytes_per_s=max(0, now.disk_written - before.disk_written) / span_s,
            boot_at=self._boot_at,
        )

    def _read_counters(self) -> _Counters:
        networks = {
            name: (counters.bytes_recv, counters.bytes_sent)
            for name, counters in psutil.net_io_counters(pernic=True).items()
            if not name.startswith("veth")  # the host's end of each container's cable
        }
        disk = psutil.disk_io_counters()
        return _Counters(
            self._clock.monotonic(),
            networks,
            disk.read_bytes if disk else 0,
            disk.write_bytes if disk else 0,
        )
