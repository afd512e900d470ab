"""Confine the current process: files by Landlock, system calls by seccomp, its own user."""
