//! How much of everything a file may hold that is read at all. Files beyond them are refused, whoever asks.
//!
//! The largest models in common use stay far below. What a bundle may hold is less.

/// Nodes, those of graphs within graphs included. Unrolled recurrent networks reach tens of thousands.
pub(super) const NODES: usize = 1 << 17;
/// Stored tensors, those of attributes and of graphs within graphs included.
pub(super) const TENSORS: usize = 1 << 17;
/// Inputs of a graph, and outputs of one. Caches of attention take a few hundred.
pub(super) const PORTS: usize = 1 << 12;
/// Inputs of a node, and outputs of one.
pub(super) const ENDS: usize = 1 << 14;
/// Attributes of a node.
pub(super) const ATTRIBUTES: usize = 64;
/// Numbers or texts in a list that is an attribute's value.
pub(super) const LIST: usize = 1 << 20;
/// Dimensions of a tensor. NumPy has as many at most.
pub(super) const RANK: usize = 32;
/// Bytes of a name: of a value, a node, an operator, a symbol, a domain, a metadata key.
pub(super) const NAME: usize = 1 << 12;
/// Bytes of other text: a description, a metadata value, an attribute.
pub(super) const TEXT: usize = 1 << 20;
/// Metadata properties.
pub(super) const METADATA: usize = 1 << 10;
/// Imported operator sets.
pub(super) const OPSETS: usize = 64;
/// How deep graphs may lie within graphs.
pub(super) const DEPTH: usize = 16;
/// Bytes of memory for all that does not lie in the file as it is held: names, nodes, numbers that are packed there.
pub(super) const HELD: usize = 256 << 20;
