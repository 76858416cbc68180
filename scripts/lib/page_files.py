"""Writes the page's files as a Swift source: `page_files.py FOLDER OUTPUT`."""

import pathlib
import sys

folder, output = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
lines = [
    "// Made by scripts/generate from page/: change it there.",
    "",
    "/// The files of the page by name.",
    "let pageFiles: [String: String] = [",
]
for path in sorted(folder.iterdir()):
    text = path.read_text(encoding="utf-8")
    if '"""###' in text or "\\###(" in text:
        sys.exit(f"{path} holds what ends a literal of Swift")
    lines += [f'    "{path.name}": ###"""', text.rstrip("\n"), '', '"""###,']
lines.append("]")
output.parent.mkdir(parents=True, exist_ok=True)
output.write_text("\n".join(lines) + "\n", encoding="utf-8")
