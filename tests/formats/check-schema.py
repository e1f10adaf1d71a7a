#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The schema of the chain document agrees with the reader: what the reader takes (test-chain-document) validates, and what
it refuses does not, but for the files that say something no schema can tell."""
import json
import pathlib
import sys

try:
    import jsonschema
except ImportError:
    print("1..0 # SKIP python3-jsonschema is not installed")
    sys.exit(0)

tests, data = (pathlib.Path(argument) for argument in sys.argv[1:3])
schema = json.loads((data / "chain.schema.json").read_text(encoding="utf-8"))
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)

cases = [(path, True) for folder in ("fixtures/chains", "fixtures/problems", "fixtures/broken/beyond-schema")
         for path in sorted((tests / folder).glob("*.json"))]
cases += [(path, True) for path in sorted((data / "samples").rglob("*.chain.json"))]
cases += [(path, False) for path in sorted((tests / "fixtures/broken").glob("*.json"))]


def undescribed(node, path):
    """Members that say neither what they mean nor where that is said."""
    for name, member in node.get("properties", {}).items():
        if "description" not in member and "$ref" not in member and name not in ("title", "description", "x", "y"):
            yield f"{path}.{name}"
        yield from undescribed(member, f"{path}.{name}")


print(f"1..{len(cases) + 1}")
failed = 0
for number, (path, good) in enumerate(cases, 1):
    errors = list(validator.iter_errors(json.loads(path.read_text(encoding="utf-8"))))
    ok = good == (not errors)
    failed += not ok
    print(f"{'ok' if ok else 'not ok'} {number} {path.name}")
    if not ok:
        print(f"# expected {'no error' if good else 'an error'}, got: {[error.message[:200] for error in errors[:3]]}")
missing = list(undescribed(schema, "$"))
for name, definition in schema["$defs"].items():
    missing += undescribed(definition, name)
print(f"{'not ok' if missing else 'ok'} {len(cases) + 1} every member is described")
if missing:
    print(f"# {missing}")
sys.exit(1 if failed or missing else 0)
