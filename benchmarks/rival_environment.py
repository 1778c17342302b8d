"""A virtual environment for the tools that ours is compared with, whose dependencies are not ours."""

from __future__ import annotations

import os
import subprocess
import venv
from collections.abc import Sequence
from pathlib import Path

#: Installs into an environment, as arguments of its interpreter.
PIP_INSTALL = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")


def rival_interpreter(folder: Path, commands: Sequence[Sequence[str]]) -> tuple[Path, str]:
    """Return the interpreter of an environment, made where it is not there, after `commands`, and what failed."""
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
    for command in commands:
        done = subprocess.run([str(python), *command], capture_output=True, text=True, env=rival_variables(folder))
        if done.returncode:
            return python, " / ".join(done.stderr.strip().splitlines()[-3:])
    return python, ""


def rival_variables(folder: Path) -> dict[str, str]:
    """Return environment variables with which ours cannot be imported and tools keep their own files in `folder`."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | {"HOME": str(folder)}
