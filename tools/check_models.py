"""Checks every ONNX file of a folder with onnx.checker: full check, strict shape inference, the standard domain only.

usage: python tools/check_models.py FOLDER

Exits 1 where a file fails, or there is none.
"""

import pathlib
import sys

import onnx


def fault(path):
    model = onnx.load(path)
    domains = {node.domain for node in model.graph.node} - {""}
    if domains:
        return f"operators outside of the standard domain: {domains}"
    try:
        onnx.checker.check_model(model, full_check=True)
        inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        return str(error).strip()
    declared = {value.name: value.type.tensor_type.elem_type for value in model.graph.output}
    for value in inferred.graph.output:
        if value.type.tensor_type.elem_type != declared[value.name]:
            return f"output {value.name} is declared with another element type than is inferred"
    return None


def main():
    paths = sorted(pathlib.Path(sys.argv[1]).glob("*.onnx"))
    faults = [(path, fault(path)) for path in paths]
    for path, why in faults:
        if why:
            print(f"{path.name}: {why}")
    bad = sum(why is not None for _, why in faults)
    print(f"{len(paths) - bad} of {len(paths)} models pass onnx.checker")
    sys.exit(1 if bad or not paths else 0)


if __name__ == "__main__":
    main()
