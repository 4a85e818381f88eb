"""What `make run` says when it cannot make its environment."""

import shutil
import subprocess
from pathlib import Path

from tests.patience import patient

ROOT = Path(__file__).parents[1]


def test_an_environment_that_is_only_linked_is_left_alone_and_said_to_be_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "deploy").mkdir()
    for name in ("deploy/install.sh", "requirements.lock"):
        shutil.copy(ROOT / name, tmp_path / name)
    other = tmp_path / "other"
    other.mkdir()
    (other / "installed-from").write_text("another lock")
    (tmp_path / ".venv").symlink_to(other)
    done = subprocess.run(
        ["sh", "deploy/install.sh"],
        check=False,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=patient(60),
    )
    assert done.returncode == 1
    assert done.stderr.startswith(".venv is a link to another environment") and "rm .venv" in done.stderr
    assert [each.name for each in other.iterdir()] == ["installed-from"]
