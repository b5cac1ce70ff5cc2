//! The field numbers of `onnx.proto`: those of the fields that are kept, and as `SKIPPED` those of the fields that cannot
//! change a result.

pub(super) mod model {
    pub const IR_VERSION: u32 = 1;
    pub const PRODUCER_NAME: u32 = 2;
    pub const PRODUCER_VERSION: u32 = 3;
    pub const DOC_STRING: u32 = 6;
    pub const GRAPH: u32 = 7;
    pub const OPSET_IMPORT: u32 = 8;
    pub const METADATA_PROPS: u32 = 14;
    pub const FUNCTIONS: u32 = 25;
    /// `domain`, `model_version`, `training_info`.
    pub const SKIPPED: [u32; 3] = [4, 5, 20];
}

/// `StringStringEntryProto` and `OperatorSetIdProto`: a key and a value.
pub(super) mod entry {
    pub const KEY: u32 = 1;
    pub const VALUE: u32 = 2;
}

pub(super) mod graph {
    pub const NODE: u32 = 1;
    pub const NAME: u32 = 2;
    pub const INITIALIZER: u32 = 5;
    pub const INPUT: u32 = 11;
    pub const OUTPUT: u32 = 12;
    pub const SPARSE_INITIALIZER: u32 = 15;
    /// `doc_string`, `value_info`, `quantization_annotation`, `metadata_props`.
    pub const SKIPPED: [u32; 4] = [10, 13, 14, 16];
}

pub(super) mod node {
    pub const INPUT: u32 = 1;
    pub const OUTPUT: u32 = 2;
    pub const NAME: u32 = 3;
    pub const OP_TYPE: u32 = 4;
    pub const ATTRIBUTE: u32 = 5;
    pub const DOMAIN: u32 = 7;
    /// `doc_string`, `metadata_props`.
    pub const SKIPPED: [u32; 2] = [6, 9];
}

pub(super) mod attribute {
    pub const NAME: u32 = 1;
    pub const F: u32 = 2;
    pub const I: u32 = 3;
    pub const S: u32 = 4;
    pub const T: u32 = 5;
    pub const G: u32 = 6;
    pub const FLOATS: u32 = 7;
    pub const INTS: u32 = 8;
    pub const STRINGS: u32 = 9;
    pub const TENSORS: u32 = 10;
    pub const GRAPHS: u32 = 11;
    pub const TP: u32 = 14;
    pub const TYPE_PROTOS: u32 = 15;
    pub const TYPE: u32 = 20;
    pub const REF_ATTR_NAME: u32 = 21;
    pub const SPARSE_TENSOR: u32 = 22;
    pub const SPARSE_TENSORS: u32 = 23;
    /// `doc_string`.
    pub const SKIPPED: [u32; 1] = [13];
}

/// The numbers of `AttributeProto.AttributeType`.
pub(super) mod attribute_type {
    pub const FLOAT: i64 = 1;
    pub const INT: i64 = 2;
    pub const STRING: i64 = 3;
    pub const TENSOR: i64 = 4;
    pub const GRAPH: i64 = 5;
    pub const FLOATS: i64 = 6;
    pub const INTS: i64 = 7;
    pub const STRINGS: i64 = 8;
    pub const TENSORS: i64 = 9;
    pub const GRAPHS: i64 = 10;
}

pub(super) mod tensor {
    pub const DIMS: u32 = 1;
    pub const DATA_TYPE: u32 = 2;
    pub const FLOAT_DATA: u32 = 4;
    pub const INT32_DATA: u32 = 5;
    pub const INT64_DATA: u32 = 7;
    pub const NAME: u32 = 8;
    pub const RAW_DATA: u32 = 9;
    pub const DOUBLE_DATA: u32 = 10;
    pub const UINT64_DATA: u32 = 11;
    pub const EXTERNAL_DATA: u32 = 13;
    pub const DATA_LOCATION: u32 = 14;
    /// `doc_string`, `metadata_props`.
    pub const SKIPPED: [u32; 2] = [12, 16];
    /// `DataLocation.EXTERNAL`.
    pub const EXTERNAL: i64 = 1;
}

/// `ValueInfoProto`.
pub(super) mod value {
    pub const NAME: u32 = 1;
    pub const TYPE: u32 = 2;
    /// `doc_string`, `metadata_props`.
    pub const SKIPPED: [u32; 2] = [3, 4];
}

/// `TypeProto`.
pub(super) mod kind {
    pub const TENSOR: u32 = 1;
    /// `denotation`.
    pub const SKIPPED: [u32; 1] = [6];
}

/// `TypeProto.Tensor`.
pub(super) mod tensor_type {
    pub const ELEM_TYPE: u32 = 1;
    pub const SHAPE: u32 = 2;
}

/// `TensorShapeProto`.
pub(super) mod shape {
    pub const DIM: u32 = 1;
}

/// `TensorShapeProto.Dimension`.
pub(super) mod dim {
    pub const VALUE: u32 = 1;
    pub const PARAM: u32 = 2;
    /// `denotation`.
    pub const SKIPPED: [u32; 1] = [3];
}
