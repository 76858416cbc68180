"""Writes text files as a Swift source that has them by name: `text_files.py VARIABLE OUTPUT FILE...`."""

import pathlib
import sys

variable, output, files = sys.argv[1], pathlib.Path(sys.argv[2]), [pathlib.Path(name) for name in sys.argv[3:]]
lines = [
    f"// Made by scripts/generate from {files[0].parent}/: change it there.",
    "",
    f"let {variable}: [String: String] = [",
]
for path in sorted(files):
    text = path.read_text(encoding="utf-8")
    if '"""###' in text or "\\###(" in text:
        sys.exit(f"{path} holds what ends a literal of Swift")
    lines += [f'    "{path.name}": ###"""', text.rstrip("\n"), '', '"""###,']
lines.append("]")
output.parent.mkdir(parents=True, exist_ok=True)
output.write_text("\n".join(lines) + "\n", encoding="utf-8")
