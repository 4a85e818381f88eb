"""Copies the few files that the pages need out of `node_modules` into `static/vendor/`.

    npm ci --ignore-scripts --prefix vendor && python vendor/vendor.py
    python vendor/vendor.py --check        # no npm: are the files still the ones that were vendored?

The version stands in every name, so that a new one is a new address and no browser keeps the old.
"""

import hashlib
import json
import re
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOURCE = HERE / "node_modules"
TARGET = HERE.parent / "static" / "vendor"
SUMS = TARGET / "SHA256.json"

INTER = "@fontsource-variable/inter"
LUCIDE = "lucide-static"
FONTS = {
    "inter-latin-opsz-normal.woff2": "inter-{version}-latin-opsz.woff2",
    "inter-latin-ext-opsz-normal.woff2": "inter-{version}-latin-ext-opsz.woff2",
}
ICONS = """
    arrow-left bell-ring check circle-dashed circle-question-mark circle-stop ear ear-off ellipsis
    headphones inbox keyboard layout-grid lock log-out megaphone message-circle mic pause phone phone-call
    phone-off play rotate-ccw search shield-check speech timer user-round user-round-plus volume-2 x
""".split()  # noqa: SIM905 - a list of many names would be as many lines


def version(package: str) -> str:
    return str(json.loads((SOURCE / package / "package.json").read_text())["version"])


def sprite() -> str:
    """One SVG file with a symbol per icon: `<use href="…#ear">`."""
    symbols = [_symbol(name) for name in ICONS]
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def _symbol(name: str) -> str:
    text = (SOURCE / LUCIDE / "icons" / f"{name}.svg").read_text()
    inside = re.search(r"<svg[^>]*>(.*)</svg>", text, re.DOTALL)
    if inside is None:
        raise SystemExit(f"The icon {name} holds no <svg>.")
    shapes = " ".join(inside[1].split())
    return (
        f'<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" '
        f'stroke-linecap="round" stroke-linejoin="round">{shapes}</symbol>'
    )


def copy() -> None:
    shutil.rmtree(TARGET, ignore_errors=True)
    (TARGET / "LICENSES").mkdir(parents=True)
    for name, target in FONTS.items():
        shutil.copyfile(SOURCE / INTER / "files" / name, TARGET / target.format(version=version(INTER)))
    (TARGET / f"lucide-{version(LUCIDE)}.svg").write_text(sprite())
    shutil.copyfile(SOURCE / INTER / "LICENSE", TARGET / "LICENSES" / "inter.txt")
    shutil.copyfile(SOURCE / LUCIDE / "LICENSE", TARGET / "LICENSES" / "lucide.txt")
    SUMS.write_text(json.dumps(sums(), indent=2) + "\n")


def sums() -> dict[str, str]:
    files = sorted(path for path in TARGET.rglob("*") if path.is_file() and path != SUMS)
    return {str(path.relative_to(TARGET)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def check() -> None:
    expected, found = json.loads(SUMS.read_text()), sums()
    wrong = sorted(name for name in expected | found if expected.get(name) != found.get(name))
    if wrong:
        raise SystemExit(f"static/vendor differs from SHA256.json: {', '.join(wrong)}. Run vendor/vendor.py.")


if __name__ == "__main__":
    check() if sys.argv[1:] == ["--check"] else copy()
