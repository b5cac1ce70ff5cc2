"""The operations of Burn's intermediate representation that burn-onnx's exporter lowers, read from its source.

    python tools/peers/count_burn_onnx.py ~/.cargo/registry/src/*/burn-onnx-0.22.0 [--list burn_onnx_lowered.txt]

A lowering is a pattern such as NumericOperationIr::Add(..) in src/export/lower, outside the tests. The operations to
count against are those that src/export/operation.rs names, so that both sides stand on one list.
"""

import argparse
import pathlib
import re
import sys

FAMILIES = ["Base", "Numeric", "Int", "Bool", "Float", "Activation", "Module"]


def forward(operation_rs):
    """Family to the names of its forward operations, from the macro call in operation.rs."""
    blocks = re.findall(r'"(\w+)" \w+ \w+OperationIr \{\s*forward \{([^}]*)\}', operation_rs.read_text())
    return {family: names.split() for family, names in blocks}


def lowered(source):
    """Family to the set of operations that burn-onnx has a pattern for, and where each is."""
    found = {family: {} for family in FAMILIES}
    for path in sorted((source / "src/export/lower").glob("*.rs")):
        text = path.read_text().split("#[cfg(test)]")[0]
        for match in re.finditer(r"\b(\w+)OperationIr::([A-Z]\w*)\s*\(", text):
            family, name = match.groups()
            if family in found:
                line = text.count("\n", 0, match.start()) + 1
                found[family].setdefault(name, f"{path.name}:{line}")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=pathlib.Path, help="the unpacked crate burn-onnx")
    parser.add_argument("--list", type=pathlib.Path, help="also write the operations to this file")
    arguments = parser.parse_args()
    root = pathlib.Path(__file__).resolve().parents[2]
    every = forward(root / "src/export/operation.rs")
    found = lowered(arguments.source)
    unknown = [f"{family}::{name}" for family in FAMILIES for name in found[family] if name not in every[family]]
    if unknown:
        sys.exit(f"not in src/export/operation.rs: {', '.join(unknown)}")
    total = sum(len(names) for names in found.values())
    for family in FAMILIES:
        print(f"{family}: {len(found[family])} of {len(every[family])}")
        for name, place in found[family].items():
            print(f"    {name} ({place})")
    print(f"all: {total} of {sum(map(len, every.values()))}")
    if arguments.list:
        lines = [f"{family} {name}" for family in FAMILIES for name in sorted(found[family])]
        arguments.list.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
