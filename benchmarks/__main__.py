"""Run the named benchmarks, or all of them: one line of figures each, or with --json one object each at the end."""

from __future__ import annotations

import argparse
import importlib
import json
import sys

NAMES = (
    *("startup", "training", "stop", "exact", "predict", "latency", "live", "curves", "memory", "forecast"),
    *("ceiling", "table", "images", "canvas", "layout", "import", "augment", "ladder", "remaining", "cluster"),
)


def main() -> int:
    """Returns 0 when every benchmark ran, whatever it measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    unknown = [n for n in given.names if n not in NAMES]
    if unknown:
        parser.error(f"no benchmark {', '.join(unknown)}; there are: {', '.join(NAMES)}")
    results = []
    for name in given.names or NAMES:
        print(f"== {name}", file=sys.stderr, flush=True)
        result = importlib.import_module(f"benchmarks.{name}").measure()
        results.append(result.as_dict())
        if not given.json:
            print(f"{result.name}: {result.figure:.3g} {result.unit}")
            for key, value in result.details.items():
                print(f"    {key}: {value}")
    if given.json:
        for result in results:
            print(json.dumps(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
