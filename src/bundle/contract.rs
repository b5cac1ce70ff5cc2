//! The contract of each role: names, types and shapes.

use std::fmt::Display;
use std::ops::RangeInclusive;

use super::graph::Role;
use super::keys;
use super::onnx::{Dim, ElementType, Model, Port};
use crate::{Error, ErrorKind, Result};

/// Rows and columns of the frame that every slice lies on.
pub const IMAGE: [usize; 2] = [256, 256];
/// Opset versions that are accepted. Bundles are written with 18.
pub const OPSETS: RangeInclusive<i64> = 9..=21;
/// IR versions that are accepted. Bundles are written with 8.
pub const IR_VERSIONS: RangeInclusive<i64> = 4..=10;

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

#[derive(Clone, Copy)]
enum Want {
    Batch,
    Is(i64),
    Any(&'static str),
}

type PortRule = (&'static str, ElementType, &'static [Want]);

fn interface(role: &Role) -> Option<(&'static [PortRule], &'static [PortRule])> {
    use Want::{Any, Batch, Is};
    const IMAGE: &[Want] = &[Batch, Is(1), Is(256), Is(256)];
    const LATENTS: PortRule = ("latents", ElementType::F32, &[Batch, Any("D"), Any("h"), Any("w")]);
    const CODES: PortRule = ("codes", ElementType::I64, &[Batch, Any("h"), Any("w")]);
    const ABOVE: &[Want] = &[Batch, Any("layers"), Any("reach"), Any("channels"), Any("w")];
    const LEFT: &[Want] = &[Batch, Any("layers"), Any("reach"), Any("channels")];
    Some(match role {
        Role::Encoder => (&[("image", ElementType::F32, IMAGE)], &[LATENTS]),
        Role::Quantizer => (&[LATENTS], &[CODES]),
        Role::Decoder => (&[CODES], &[("reconstruction", ElementType::F32, IMAGE)]),
        Role::Prior => (
            &[CODES, ("condition", ElementType::I64, &[Batch, Is(2)])],
            &[("logits", ElementType::F32, &[Batch, Any("K"), Any("h"), Any("w")])],
        ),
        role if *role == Role::prior_row() => (
            &[
                ("codes", ElementType::I64, &[Batch, Any("w")]),
                ("row", ElementType::I64, &[Batch]),
                ("condition", ElementType::I64, &[Batch, Is(2)]),
                ("above", ElementType::F32, ABOVE),
            ],
            &[("contexts", ElementType::F32, &[Batch, Any("w"), Any("n")]), ("next", ElementType::F32, ABOVE)],
        ),
        role if *role == Role::prior_code() => (
            &[
                ("code", ElementType::I64, &[Batch]),
                ("mirrored", ElementType::I64, &[Batch, Any("m")]),
                ("context", ElementType::F32, &[Batch, Any("n")]),
                ("left", ElementType::F32, LEFT),
            ],
            &[("logits", ElementType::F32, &[Batch, Any("K")]), ("next", ElementType::F32, LEFT)],
        ),
        Role::Other(_) => return None,
    })
}

pub(super) fn broken(name: &str, found: impl Display, expected: impl Display) -> Error {
    Error::new(ErrorKind::Model, "model breaks its contract", name, format!("found {found}, expected {expected}"))
        .hint("export it again with `oasis export`")
}

/// Checks one file by itself.
pub(super) fn check_file(role: &Role, name: &str, model: &Model) -> Result<()> {
    if !IR_VERSIONS.contains(&model.ir_version) {
        let expected = format!("{} to {}", IR_VERSIONS.start(), IR_VERSIONS.end());
        return Err(broken(name, format!("IR version {}", model.ir_version), expected));
    }
    if let Some(domain) = model.opsets.keys().find(|domain| !domain.is_empty()) {
        return Err(broken(name, format!("operators of `{domain}`"), "the standard domain only"));
    }
    match model.opset() {
        Some(opset) if OPSETS.contains(&opset) => {}
        found => {
            let found = found.map_or("no opset".to_owned(), |opset| format!("opset {opset}"));
            let expected = format!("{} to {}", OPSETS.start(), OPSETS.end());
            return Err(broken(name, found, expected));
        }
    }
    if model.functions > 0 || model.sparse_initializers > 0 {
        return Err(broken(name, "functions or sparse weights", "plain operators and weights"));
    }
    for node in &model.nodes {
        if !node.domain.is_empty() && node.domain != "ai.onnx" {
            let found = format!("operator `{}` of `{}`", node.op, node.domain);
            return Err(broken(name, found, "the standard domain only"));
        }
        if node.has_subgraph && !matches!(role, Role::Other(_)) {
            let found = format!("node `{}` ({}) with a graph inside", node.name, node.op);
            return Err(broken(name, found, "no control flow"));
        }
    }
    check_weights(name, model)?;
    if let Some((inputs, outputs)) = interface(role) {
        check_ports(name, "input", &model.inputs, inputs)?;
        check_ports(name, "output", &model.outputs, outputs)?;
        if let Some(found) = model.metadata.get(keys::ROLE)
            && found != role.as_str()
        {
            let found = format!("a file of role `{found}`");
            return Err(broken(name, found, format!("role `{role}`")));
        }
    }
    Ok(())
}

fn check_weights(name: &str, model: &Model) -> Result<()> {
    for weight in &model.initializers {
        if weight.external {
            let found = format!("weight `{}` kept in another file", weight.name);
            return Err(broken(name, found, "all weights inline"));
        }
        let Some(elements) = weight.elements() else {
            let found = format!("weight `{}` of shape {:?}", weight.name, weight.shape);
            return Err(broken(name, found, "a shape of sizes"));
        };
        if let (Some(data), Some(size)) = (&weight.data, weight.dtype.size())
            && elements.checked_mul(size as u64) != Some(data.len() as u64)
        {
            let found = format!("weight `{}` with {} bytes", weight.name, data.len());
            let expected = format!("{elements} elements of {}", weight.dtype);
            return Err(broken(name, found, expected));
        }
    }
    Ok(())
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
                && port.shape.len() == dims.len()
                && port.shape.iter().zip(*dims).all(|(dim, want)| match (want, dim) {
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
    format!("{name} {dtype} [{}]", dims.join(","))
}
