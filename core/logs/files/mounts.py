"""Which file systems tell of what other machines write: none that is reached over a network."""

import os

_REMOTE = ("nfs", "cifs", "smb", "9p", "ceph", "gluster", "lustre", "afs", "fuse", "vbox", "virtio")
_LOCAL_FUSE = ("fuseblk", "fuse.fuse-overlayfs", "fuse.ntfs")


def parse_mounts(mountinfo: str) -> dict[str, str]:
    """Parse /proc/self/mountinfo: `major:minor` to the type of the file system. Pure."""
    kinds: dict[str, str] = {}
    for line in mountinfo.splitlines():
        fields, _, rest = line.partition(" - ")
        parts = fields.split()
        if len(parts) > 2 and rest:
            kinds[parts[2]] = rest.split()[0]
    return kinds


def is_remote(kind: str) -> bool:
    """Return whether others can write to a file system without our kernel's knowledge. Pure."""
    return kind.startswith(_REMOTE) and not kind.startswith(_LOCAL_FUSE)


def read_remote_devices() -> frozenset[int]:
    """Return the devices of mounted network file systems; none where that cannot be told."""
    try:
        with open("/proc/self/mountinfo", encoding="utf-8", errors="replace") as file:  # noqa: PTH123
            kinds = parse_mounts(file.read())
    except OSError:
        return frozenset()
    remote = [device.split(":") for device, kind in kinds.items() if is_remote(kind)]
    return frozenset(os.makedev(int(major), int(minor)) for major, minor in remote)
