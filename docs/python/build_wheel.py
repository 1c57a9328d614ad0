"""The build backend: builds the library with Swift and writes a wheel around it.

It needs nothing but Swift 6.3: `pip install ./docs/python`.
"""

import base64
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
NAME = "swift_losses"
# Only the functions of losses.h are exported, so that the Swift runtime inside stays apart from any other.
EXPORTS = "{ global: losses_*; local: *; };\n"


def version():
    text = (ROOT / "Sources/LossCore/LibraryVersion.swift").read_text()
    return re.search(r'libraryVersion = "([^"]+)"', text).group(1)


def build_library():
    """The path of the library, built with the Swift runtime inside."""
    if shutil.which("swift") is None:
        raise SystemExit("swift is not on the path: the wheel is built from Swift sources, with Swift 6.3")
    scratch = ROOT / ".build"  # what a release build has compiled is only linked again
    scratch.mkdir(exist_ok=True)
    command = ["swift", "build", "-c", "release", "--product", "LossLibrary",
               "--package-path", str(ROOT), "--scratch-path", str(scratch)]
    suffix = ".dylib" if sys.platform == "darwin" else ".so"
    if sys.platform != "darwin":
        exports = scratch / "exports.map"
        exports.write_text(EXPORTS)
        command += ["-Xlinker", f"--version-script={exports}",
                    "-Xlinker", "--gc-sections", "-Xlinker", "-s"]
    command += os.environ.get("LOSSES_SWIFT_FLAGS", "").split()
    environment = dict(os.environ, LOSSES_STATIC_RUNTIME="1")
    subprocess.run(command, check=True, stdout=sys.stderr, env=environment)
    return scratch / "release" / f"libLossLibrary{suffix}"


def tag():
    system = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    if system.startswith("linux"):
        # The C library of the machine that builds: an older one cannot load the wheel.
        name, number = platform.libc_ver()
        if name == "glibc":
            system = f"manylinux_{number.replace('.', '_')}_{platform.machine()}"
    return f"py3-none-{system}"


def metadata():
    return (f"Metadata-Version: 2.1\nName: {NAME.replace('_', '-')}\nVersion: {version()}\n"
            "Summary: Loss functions, value and exact gradient in one pass\n"
            "Requires-Python: >=3.9\nRequires-Dist: numpy\nLicense: MIT\n")


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    library = build_library()
    name = f"{NAME}-{version()}-{tag()}.whl"
    info = f"{NAME}-{version()}.dist-info"
    files = {f"losses/{path.name}": path.read_bytes() for path in sorted((HERE / "losses").glob("*.py"))}
    files["losses/py.typed"] = b""
    files[f"losses/{library.name}"] = library.read_bytes()
    files["losses/__init__.pyi"] = stub(library).encode()
    corpus = ROOT / "Fixtures/corpus"
    for path in sorted(corpus.rglob("*.json")):
        files[f"losses/corpus/{path.relative_to(corpus).as_posix()}"] = path.read_bytes()
    files[f"{info}/METADATA"] = metadata().encode()
    files[f"{info}/LICENSE"] = (ROOT / "LICENSE").read_bytes()
    files[f"{info}/WHEEL"] = (f"Wheel-Version: 1.0\nGenerator: build_wheel\nRoot-Is-Purelib: false\n"
                              f"Tag: {tag()}\n").encode()

    rows = [f"{path},sha256={digest(data)},{len(data)}" for path, data in files.items()]
    files[f"{info}/RECORD"] = "\n".join(rows + [f"{info}/RECORD,,", ""]).encode()
    with zipfile.ZipFile(Path(wheel_directory) / name, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as wheel:
        for path, data in files.items():
            entry = zipfile.ZipInfo(path)  # without the time, so that the same sources give the same wheel
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o755 if path.endswith((".so", ".dylib")) else 0o644) << 16
            wheel.writestr(entry, data)
    return name


def stub(library):
    """The type hints, printed from the registry of the library."""
    environment = dict(os.environ, PYTHONPATH=str(HERE), LOSSES_LIBRARY=str(library))
    return subprocess.run([sys.executable, "-m", "losses.stubs"], check=True, env=environment,
                          stdout=subprocess.PIPE, text=True).stdout


def digest(data):
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
