"""A file system that is soon full."""
import contextlib
import pathlib
import subprocess

NO_MOUNT = "not permitted to mount a small file system"


@contextlib.contextmanager
def small_disk(folder: pathlib.Path, size: int):
    """Mounts one of `size` bytes on the folder, and gives the folder; None where mounting is not permitted."""
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", folder],
                             stderr=subprocess.DEVNULL, check=False).returncode == 0
    try:
        yield folder if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", folder], check=True)
