"""Checks a Triton model repository that `oasis export --layout triton` wrote, with Triton's own schema.

usage: python tools/check_triton.py REPOSITORY

Run by hand, in an environment of its own: pip install 'tritonclient[grpc]' onnx. No test runs it.

Every config.pbtxt is parsed by protobuf as Triton's ModelConfig. Names, element types, shapes and batches of the ONNX
models are held against their model.onnx, its SHA-256 against the parameter oasis.sha256. An ensemble must pass the
rules that the server has for one: every tensor made once and before it is read, none unused, types and shapes equal
where tensors meet, and no longer batch than the models that it chains. No server is started. Exits 1 where anything
fails, or there is no model.
"""

import hashlib
import pathlib
import sys

import onnx
from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2 as schema

TYPES = {
    onnx.TensorProto.FLOAT: "FP32",
    onnx.TensorProto.UINT8: "UINT8",
    onnx.TensorProto.INT8: "INT8",
    onnx.TensorProto.UINT16: "UINT16",
    onnx.TensorProto.INT16: "INT16",
    onnx.TensorProto.INT32: "INT32",
    onnx.TensorProto.INT64: "INT64",
    onnx.TensorProto.STRING: "STRING",
    onnx.TensorProto.BOOL: "BOOL",
    onnx.TensorProto.FLOAT16: "FP16",
    onnx.TensorProto.DOUBLE: "FP64",
    onnx.TensorProto.UINT32: "UINT32",
    onnx.TensorProto.UINT64: "UINT64",
    onnx.TensorProto.BFLOAT16: "BF16",
}


class Fault(Exception):
    """What is wrong with a model."""


def must(holds, what):
    if not holds:
        raise Fault(what)


def equal(found, expected, what):
    must(found == expected, f"{what}: found {found}, expected {expected}")


def declared(tensors):
    """What a configuration declares, by name."""
    return {tensor.name: (schema.DataType.Name(tensor.data_type), list(tensor.dims)) for tensor in tensors}


def ports(values):
    """What a configuration must declare for the inputs or outputs of a graph, by name: all but the batch."""
    found = {}
    for value in values:
        kind = value.type.tensor_type
        batch, *dims = kind.shape.dim
        must(batch.dim_param, f"the first axis of {value.name} has no name")
        sizes = [dim.dim_value if dim.HasField("dim_value") else -1 for dim in dims]
        found[value.name] = ("TYPE_" + TYPES[kind.elem_type], sizes)
    return found


def versions(folder):
    found = sorted(path.name for path in folder.iterdir() if path.is_dir())
    must(found and all(name.isdigit() for name in found), f"version folders: {found}")
    return [folder / name for name in found]


def check_onnx(folder, config):
    equal((config.platform, config.backend), ("onnxruntime_onnx", "onnxruntime"), "platform and backend")
    must(config.max_batch_size > 0, "no batches")
    must(config.HasField("dynamic_batching"), "requests are not joined")
    for version in versions(folder):
        path = version / "model.onnx"
        model = onnx.load(path)
        onnx.checker.check_model(model, full_check=True)
        weights = {weight.name for weight in model.graph.initializer}
        inputs = [value for value in model.graph.input if value.name not in weights]
        equal(declared(config.input), ports(inputs), "inputs")
        equal(declared(config.output), ports(model.graph.output), "outputs")
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        equal(config.parameters["oasis.sha256"].string_value, sha256, "sha256")
        metadata = {entry.key: entry.value for entry in model.metadata_props}
        equal(config.parameters["oasis.run"].string_value, metadata["oasis.run"], "run")


def check_ensemble(folder, config, configs):
    equal(config.platform, "ensemble", "platform")
    equal(config.WhichOneof("scheduling_choice"), "ensemble_scheduling", "scheduling")
    must(not config.instance_group and not config.HasField("optimization"), "settings that no ensemble has")
    versions(folder)
    known = declared(config.input)
    used = set()
    must(config.ensemble_scheduling.step, "no steps")
    for step in config.ensemble_scheduling.step:
        must(step.model_name in configs, f"no model {step.model_name}")
        model = configs[step.model_name]
        must(config.max_batch_size <= model.max_batch_size, f"longer batches than {step.model_name}")
        reads, makes = declared(model.input), declared(model.output)
        equal(set(step.input_map), set(reads), f"input_map of {step.model_name}")
        equal(set(step.output_map), set(makes), f"output_map of {step.model_name}")
        for name, at in step.input_map.items():
            must(at in known, f"{at} is read before it is made")
            equal(known[at], reads[name], f"{at} at {step.model_name}")
            used.add(at)
        for name, at in step.output_map.items():
            must(at not in known, f"{at} is made twice")
            known[at] = makes[name]
    for name, tensor in declared(config.output).items():
        must(name in known, f"{name} is never made")
        equal(tensor, known[name], name)
        used.add(name)
    equal(used, set(known), "tensors in use")


def main():
    repository = pathlib.Path(sys.argv[1])
    folders = sorted(path for path in repository.iterdir() if path.is_dir())
    configs, faults = {}, []
    for folder in folders:
        try:
            text = (folder / "config.pbtxt").read_text(encoding="utf-8")
            configs[folder.name] = text_format.Parse(text, schema.ModelConfig())
        except (OSError, text_format.ParseError) as why:
            faults.append((folder.name, why))
    for folder in folders:
        config = configs.get(folder.name)
        if config is None:
            continue
        try:
            equal(config.name, folder.name, "name")
            if config.platform == "ensemble":
                check_ensemble(folder, config, configs)
            else:
                check_onnx(folder, config)
        except (Fault, OSError, KeyError, onnx.checker.ValidationError) as why:
            faults.append((folder.name, repr(why)))
    for name, why in faults:
        print(f"{name}: {why}")
    print(f"{len(folders) - len(faults)} of {len(folders)} models pass")
    sys.exit(1 if faults or not folders else 0)


if __name__ == "__main__":
    main()
