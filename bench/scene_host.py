"""The scripted machine: half an hour of samples, its processes, ports and folders."""

import math
from datetime import datetime, timedelta

from core.model.events import (
    Event,
    FoldersObserved,
    HostObserved,
    PortsObserved,
    ProcessesObserved,
)
from core.model.host import (
    Disk,
    FolderSize,
    HostSample,
    ListeningPort,
    NetworkRate,
    ProcessRow,
)
from core.model.text import clean

GIB = 2**30
MIB = 2**20
_STEP_S = 2
_SAMPLES = 900

PROCESSES = (
    ("uvicorn", "uvicorn main:app --host 127.0.0.1 --port 8000", "engine", 3.1, 141, 9),
    ("gunicorn", "gunicorn proxy.app:app -w 4 -b 127.0.0.1:5000", "gateway", 18.4, 212, 6),
    ("postgres", "postgres: costs dashboard 127.0.0.1(51422) SELECT", "postgres", 7.7, 388, 1),
    ("redis-server", "redis-server 127.0.0.1:6379", "redis", 1.2, 48, 5),
    ("celery", "celery -A engine.tasks worker --concurrency 4", "engine", 42.6, 301, 8),
    ("python3", "python3 -m ai_diy.web --port 8001", "ai-diy", 2.4, 184, 12),
    ("node", "node server.js --port 3000", "dashboard", 0.8, 164, 11),
    (
        "prometheus",
        "prometheus --config.file=/etc/prometheus/prometheus.yml",
        "nobody",
        0.5,
        97,
        10,
    ),
    (
        "dockerd",
        "dockerd -H fd:// --containerd=/run/containerd/containerd.sock",
        "root",
        0.9,
        88,
        21,
    ),
    ("sshd", "sshd: ops [priv]", "root", 0.0, 9, 1),
    ("systemd", "systemd --switched-root --system", "root", 0.0, 12, 1),
    ("journald", "systemd-journald", "root", 0.1, 34, 1),
)
PORTS = (
    ("tcp", "0.0.0.0", 22, 1231, "sshd"),
    ("tcp", "127.0.0.1", 3000, 1054, "node"),
    ("tcp", "127.0.0.1", 5000, 759, "gunicorn"),
    ("tcp", "127.0.0.1", 5432, None, ""),
    ("tcp", "127.0.0.1", 6379, 877, "redis-server"),
    ("tcp", "127.0.0.1", 8000, 700, "uvicorn"),
    ("tcp", "127.0.0.1", 8001, 995, "python3"),
    ("tcp", "0.0.0.0", 9090, 1113, "prometheus"),
    ("udp", "127.0.0.53", 53, None, ""),
)


def host_events(now: datetime, is_trouble: bool) -> list[Event]:
    """Return the machine's past and its tables."""
    boot = now - timedelta(days=41, hours=7)
    events: list[Event] = [
        HostObserved(_sample(now - timedelta(seconds=_STEP_S * n), n, boot, is_trouble))
        for n in range(_SAMPLES - 1, -1, -1)
    ]
    events.append(ProcessesObserved(now, _processes(now)))
    ports = tuple(
        ListeningPort(protocol, clean(address), port, pid, clean(name))
        for protocol, address, port, pid, name in PORTS
    )
    events.append(PortsObserved(now, ports))
    folders = (
        FolderSize(
            clean("/var/log/ai-diy"), 184 * MIB, 31, now - timedelta(seconds=2), clean("")
        ),
        FolderSize(
            clean("/opt/resilient-api-gateway/logs"), 12 * GIB, 4_210,
            now - timedelta(seconds=1), clean(""), is_complete=False,
        ),
        FolderSize(clean("/opt/business-engine/logs"), None, 0, None, clean("permission denied")),
    )  # fmt: skip
    events.append(FoldersObserved(now, folders))
    return events


def _processes(now: datetime) -> tuple[ProcessRow, ...]:
    return tuple(
        ProcessRow(
            700 + 59 * number,
            now - timedelta(days=2, hours=4, seconds=number * 31),
            clean(name),
            clean(command),
            clean(user),
            cpu,
            memory * MIB,
            threads,
            "running" if cpu > 10 else "sleeping",
        )
        for number, (name, command, user, cpu, memory, threads) in enumerate(PROCESSES)
    )


def _sample(at: datetime, back: int, boot: datetime, is_trouble: bool) -> HostSample:
    """Return one look at the machine; `back` counts samples from now."""
    t = _SAMPLES - back
    cpu = 22 + 9 * math.sin(t / 31) + 6 * math.sin(t / 7.3) + 3 * math.sin(t / 2.1)
    if is_trouble and back < 160:
        cpu += (160 - back) * 0.32
    cores = tuple(max(0.0, min(100.0, cpu + 14 * math.sin(t / 5 + core))) for core in range(4))
    total = 16 * GIB
    available = total - int((0.52 + 0.00009 * t) * total)
    root_total = 78 * GIB
    root_used = int(root_total * ((0.89 + 0.00005 * t) if is_trouble else 0.58))
    burst = 40_000 * abs(math.sin(t / 13)) + 9_000 * abs(math.sin(t / 3))
    return HostSample(
        at=at,
        cpu_percent=sum(cores) / len(cores),
        cpu_percent_per_core=cores,
        load_1m=cpu / 24,
        load_5m=cpu / 27,
        load_15m=0.94,
        memory_total_bytes=total,
        memory_available_bytes=available,
        swap_used_bytes=int(0.11 * 2 * GIB),
        swap_total_bytes=2 * GIB,
        disks=(
            Disk(clean("/"), clean("/dev/vda1"), root_used, root_total - root_used, root_total),
            Disk(clean("/var/lib/docker"), clean("/dev/vdb"), 41 * GIB, 57 * GIB, 100 * GIB),
        ),
        networks=(
            NetworkRate(clean("eth0"), 120_000 + 4 * burst, 60_000 + 6 * burst),
            NetworkRate(clean("docker0"), 22_000 + burst, 31_000 + burst),
            NetworkRate(clean("lo"), 410_000.0, 410_000.0),
        ),
        disk_read_bytes_per_s=2_000 * abs(math.sin(t / 41)),
        disk_written_bytes_per_s=180_000 + 2_500_000 * max(0.0, math.sin(t / 23)) ** 8,
        boot_at=boot,
    )
