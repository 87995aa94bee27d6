"""Turn a fresh process into a server: note its pid, give up root, follow the parent, exec.

Run as a script with the interpreter alone (`python -I -S launch.py …`), so that no code runs
between fork and exec in a parent that has threads. The pid stays the same throughout.
"""

import ctypes
import os
import sys
from pathlib import Path

CALLER = "caller"
NAMESPACE = "namespace"
ORDINARY_ID = 1000
CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1


def mark(pid: int) -> str | None:
    """Tell this process apart from any other that ever had the same pid; None when it is gone."""
    if sys.platform == "linux":
        return _mark_from_proc(pid)
    import subprocess  # noqa: PLC0415  (costs more than the rest of the launch; Linux never needs it)

    answer = subprocess.run(
        ["/bin/ps", "-o", "stat=,lstart=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
    )
    state, _, started = answer.stdout.strip().partition(" ")
    return None if state.startswith("Z") else started.strip() or None


def _mark_from_proc(pid: int) -> str | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    # proc(5): the name in brackets may hold spaces; state is field 3, the start time field 22.
    fields = stat.rpartition(")")[2].split()
    if fields[0] in "ZX":
        return None
    boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return f"{boot} {fields[19]}"


def _enter_namespace() -> None:
    """Become an ordinary user in a namespace of our own; outside, files still belong to root."""
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.geteuid(), os.getegid()  # Asked now: inside they are unknown until mapped.
    if libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "user namespaces are not available")
    own = Path("/proc/self")
    (own / "setgroups").write_text("deny", encoding="ascii")
    (own / "uid_map").write_text(f"{ORDINARY_ID} {user} 1", encoding="ascii")
    (own / "gid_map").write_text(f"{ORDINARY_ID} {group} 1", encoding="ascii")


def _give_up_root(account: str) -> None:
    if account == CALLER:
        return
    if account == NAMESPACE:
        _enter_namespace()
        return
    os.setgroups([])
    os.setgid(int(account))
    os.setuid(int(account))


def _follow(parent: int, death_signal: int) -> None:
    """Ask the kernel for a signal when the parent dies; last, a change of user clears it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit("The process that asked for this server is gone.")


def main(pid_file: str, death_signal: str, account: str, parent: str, *command: str) -> None:
    """Become the command; never returns."""
    if pid_file:
        # Written before the server exists: there is no moment in which it runs unknown.
        pid = os.getpid()
        Path(pid_file).write_text(f"{pid} {mark(pid)}", encoding="ascii")
    _give_up_root(account)
    _follow(int(parent), int(death_signal))
    os.execv(command[0], command)  # noqa: S606 - no shell is the point


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except OSError as refused:
        sys.exit(f"The program {sys.argv[5]} could not be executed: {refused}.")
