"""Peak memory of a program that another script starts.

The kernel counts what the starting process holds as memory of the started one, and Python holds 14 MB, which is more than
many a run of glaz takes. So GNU time stands between, where it is installed; it holds 2 MB.
"""

import resource
import shutil
import tempfile


class Peak:
    """The peak memory of one run: `starter` stands before the command, and `of` tells it at the end."""

    def __init__(self) -> None:
        self.file = tempfile.NamedTemporaryFile("r")
        time = shutil.which("time")
        self.starter = [time, "--quiet", "--output", self.file.name, "--format", "%M"] if time else []

    def of(self, usage: resource.struct_rusage) -> int:
        """KiB; what the kernel says of the run where GNU time has written nothing."""
        last = self.file.read().split()[-1:]
        return int(last[0]) if last and last[0].isdigit() else usage.ru_maxrss
