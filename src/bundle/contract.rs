//! The contract of each role: names, types and shapes.

use std::fmt::Display;

use bytes::Bytes;

use super::keys;
use super::role::Role;
use crate::digest::sha256;
use crate::onnx::{DataType, Dim, Model, ModelFile, Port};
use crate::{Error, ErrorKind, Result};

/// Rows and columns of the frame that every slice lies on.
pub const IMAGE: [usize; 2] = [256, 256];

/// The sizes that the files of a bundle share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// Rows and columns of the grid of codes.
    pub grid: [usize; 2],
    /// The number of codewords K.
    pub codebook_size: usize,
    /// The length of a codeword D.
    pub latent_dim: usize,
}

/// What a dimension of an input or output must be.
#[derive(Clone, Copy)]
enum Want {
    /// A symbol, whose length the caller chooses.
    Batch,
    /// Of this fixed length.
    Is(usize),
    /// Of any fixed length, which errors call by this name.
    Any(&'static str),
}

/// The name, element type and dimensions that an input or output must have.
type PortRule = (&'static str, DataType, &'static [Want]);

/// The inputs and outputs of a role; `None` where its interface is its own.
fn interface(role: &Role) -> Option<(&'static [PortRule], &'static [PortRule])> {
    use Want::{Any, Batch, Is};
    const IMAGE: &[Want] = &[Batch, Is(1), Is(256), Is(256)];
    const LATENTS: PortRule = ("latents", DataType::F32, &[Batch, Any("D"), Any("h"), Any("w")]);
    const CODES: PortRule = ("codes", DataType::I64, &[Batch, Any("h"), Any("w")]);
    const ABOVE: &[Want] = &[Batch, Any("layers"), Any("reach"), Any("channels"), Any("w")];
    const LEFT: &[Want] = &[Batch, Any("layers"), Any("reach"), Any("channels")];
    Some(match role {
        Role::Encoder => (&[("image", DataType::F32, IMAGE)], &[LATENTS]),
        Role::Quantizer => (&[LATENTS], &[CODES]),
        Role::Decoder => (&[CODES], &[("reconstruction", DataType::F32, IMAGE)]),
        Role::Prior => (
            &[CODES, ("condition", DataType::I64, &[Batch, Is(2)])],
            &[("logits", DataType::F32, &[Batch, Any("K"), Any("h"), Any("w")])],
        ),
        Role::PriorStepRow => (
            &[
                ("codes", DataType::I64, &[Batch, Any("w")]),
                ("row", DataType::I64, &[Batch]),
                ("condition", DataType::I64, &[Batch, Is(2)]),
                ("above", DataType::F32, ABOVE),
            ],
            &[("contexts", DataType::F32, &[Batch, Any("w"), Any("n")]), ("next", DataType::F32, ABOVE)],
        ),
        Role::PriorStepCode => (
            &[
                ("code", DataType::I64, &[Batch]),
                ("mirrored", DataType::I64, &[Batch, Any("m")]),
                ("context", DataType::F32, &[Batch, Any("n")]),
                ("left", DataType::F32, LEFT),
            ],
            &[("logits", DataType::F32, &[Batch, Any("K")]), ("next", DataType::F32, LEFT)],
        ),
        Role::Other(_) => return None,
    })
}

/// The error for a model that is not what its role, or the rest of its bundle, demands.
pub(super) fn broken(name: &str, found: impl Display, expected: impl Display) -> Error {
    Error::new(ErrorKind::Model, "model breaks its contract", name, format!("found {found}, expected {expected}"))
        .hint("export it again with `oasis export`")
}

/// Reads the content of a file of that role; `name` (a path, mostly) is what errors call it.
///
/// # Errors
/// Those of [`ModelFile::read`], and [`ErrorKind::Model`] where the model breaks the role's contract.
pub fn read_model(role: &Role, name: impl Into<String>, bytes: impl Into<Bytes>) -> Result<ModelFile> {
    let bytes = bytes.into();
    let sha256 = sha256(&bytes);
    read_hashed(role, name, bytes, sha256)
}

/// [`read_model`] of content whose SHA-256 is known.
pub(super) fn read_hashed(role: &Role, name: impl Into<String>, bytes: Bytes, sha256: String) -> Result<ModelFile> {
    let file = ModelFile::read(name, bytes)?.with_workload(role.workload()).with_sha256(sha256);
    check_role(role, file.name(), file.model())?;
    Ok(file)
}

fn check_role(role: &Role, name: &str, model: &Model) -> Result<()> {
    let Some((inputs, outputs)) = interface(role) else { return Ok(()) };
    if let Some(node) = model.graph.nodes.iter().find(|node| node.graphs().next().is_some()) {
        let found = format!("node `{}` ({}) with a graph inside", node.name, node.op);
        return Err(broken(name, found, "no control flow"));
    }
    check_ports(name, "input", &model.graph.inputs, inputs)?;
    check_ports(name, "output", &model.graph.outputs, outputs)?;
    match model.property(keys::ROLE) {
        Some(found) if found != role.as_str() => {
            Err(broken(name, format!("a file of role `{found}`"), format!("role `{role}`")))
        }
        _ => Ok(()),
    }
}

fn check_ports(name: &str, side: &str, found: &[Port], rules: &[PortRule]) -> Result<()> {
    let expected = || {
        let all: Vec<_> = rules.iter().map(describe).collect();
        format!("{side}s {}", all.join(", "))
    };
    let listed = || {
        let all: Vec<_> = found.iter().map(Port::to_string).collect();
        format!("{side}s {}", if all.is_empty() { "none".to_owned() } else { all.join(", ") })
    };
    let fits = found.len() == rules.len()
        && found.iter().zip(rules).all(|(port, (wanted, dtype, dims))| {
            port.name == *wanted
                && port.dtype == *dtype
                && port.dims().len() == dims.len()
                && port.dims().iter().zip(*dims).all(|(dim, want)| match (want, dim) {
                    (Want::Batch, Dim::Symbol(symbol)) => !symbol.is_empty(),
                    (Want::Is(size), Dim::Fixed(found)) => size == found,
                    (Want::Any(_), Dim::Fixed(found)) => (1..=1 << 20).contains(found),
                    _ => false,
                })
        });
    if fits { Ok(()) } else { Err(broken(name, listed(), expected())) }
}

fn describe((name, dtype, dims): &PortRule) -> String {
    let dims: Vec<_> = dims
        .iter()
        .map(|dim| match dim {
            Want::Batch => "batch".to_owned(),
            Want::Is(size) => size.to_string(),
            Want::Any(letter) => (*letter).to_owned(),
        })
        .collect();
    format!("{name} {dtype} [{}]", dims.join(", "))
}
