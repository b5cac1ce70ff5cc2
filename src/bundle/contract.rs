//! The contract of each role: names, types and shapes.

use bytes::Bytes;

use super::broken::{broken, refused};
use super::keys;
use super::limits;
use super::role::Role;
use crate::Result;
use crate::digest::sha256;
use crate::onnx::{DataType, Dim, Model, ModelFile, Port, State};

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
    /// Of this name, and at most so long.
    Most(&'static str, usize),
}

/// The name, element type and dimensions that an input or output must have.
type PortRule = (&'static str, DataType, &'static [Want]);

/// The inputs and outputs of a role; `None` where its interface is its own.
fn interface(role: &Role) -> Option<(&'static [PortRule], &'static [PortRule])> {
    use Want::{Any, Batch, Is, Most};
    const D: Want = Most("D", limits::LATENT);
    const K: Want = Most("K", limits::CODEBOOK);
    const H: Want = Most("h", limits::GRID);
    const W: Want = Most("w", limits::GRID);
    const IMAGE: &[Want] = &[Batch, Is(1), Is(256), Is(256)];
    const LATENTS: PortRule = ("latents", DataType::F32, &[Batch, D, H, W]);
    const CODES: PortRule = ("codes", DataType::I64, &[Batch, H, W]);
    const ABOVE: &[Want] = &[Batch, Any("layers"), Any("reach"), Any("channels"), W];
    const LEFT: &[Want] = &[Batch, Any("layers"), Any("reach"), Any("channels")];
    Some(match role {
        Role::Encoder => (&[("image", DataType::F32, IMAGE)], &[LATENTS]),
        Role::Quantizer => (&[LATENTS], &[CODES]),
        Role::Decoder => (&[CODES], &[("reconstruction", DataType::F32, IMAGE)]),
        Role::Prior => {
            (&[CODES, ("condition", DataType::I64, &[Batch, Is(2)])], &[("logits", DataType::F32, &[Batch, K, H, W])])
        }
        Role::PriorStepRow => (
            &[
                ("codes", DataType::I64, &[Batch, W]),
                ("row", DataType::I64, &[Batch]),
                ("condition", DataType::I64, &[Batch, Is(2)]),
                ("above", DataType::F32, ABOVE),
            ],
            &[("contexts", DataType::F32, &[Batch, W, Any("n")]), ("next", DataType::F32, ABOVE)],
        ),
        Role::PriorStepCode => (
            &[
                ("code", DataType::I64, &[Batch]),
                ("mirrored", DataType::I64, &[Batch, Any("m")]),
                ("context", DataType::F32, &[Batch, Any("n")]),
                ("left", DataType::F32, LEFT),
            ],
            &[("logits", DataType::F32, &[Batch, K]), ("next", DataType::F32, LEFT)],
        ),
        Role::Other(_) => return None,
    })
}

/// Reads the content of a file of that role; `name` (a path, mostly) is what errors call it.
///
/// # Errors
/// Those of [`ModelFile::read`], and [`crate::ErrorKind::Model`] where the model breaks the role's contract, holds what `oasis
/// export` never writes (other operators, graphs within nodes), or more than a bundle's models may make and cost.
pub fn read_model(role: &Role, name: impl Into<String>, bytes: impl Into<Bytes>) -> Result<ModelFile> {
    let bytes = bytes.into();
    let sha256 = sha256(&bytes);
    let file = read_hashed(role, name, bytes, sha256)?;
    limits::check_cost(file.model()).map_err(|why| refused(file.name(), why))?;
    Ok(file)
}

/// [`read_model`] of content whose SHA-256 is known, without [`limits::check_cost`].
pub(super) fn read_hashed(role: &Role, name: impl Into<String>, bytes: Bytes, sha256: String) -> Result<ModelFile> {
    let file = ModelFile::read(name, bytes)?.with_workload(role.workload()).with_sha256(sha256);
    check_role(role, file.name(), file.model())?;
    limits::check_counts(file.model()).map_err(|why| refused(file.name(), why))?;
    let states = states(role, &file)?;
    Ok(if role.states().is_empty() { file } else { file.with_states(states) })
}

/// The states of a role. A file need not tell of them, but may not tell of others.
fn states(role: &Role, file: &ModelFile) -> Result<Vec<State>> {
    let told = file.states()?;
    if matches!(role, Role::Other(_)) {
        return Ok(told);
    }
    let dims = |input: &str| file.model().graph.input(input).map(Port::dims).unwrap_or_default().to_vec();
    let pairs = role.states().iter();
    let expected: Vec<_> = pairs.map(|(input, output)| State::new(*input, *output, dims(input))).collect();
    if !told.is_empty() && told != expected {
        let list = |states: &[State]| match states {
            [] => "none".to_owned(),
            _ => {
                states.iter().map(|state| format!("{} to {}", state.output, state.input)).collect::<Vec<_>>().join(", ")
            }
        };
        let found = format!("metadata of the states {}", list(&told));
        return Err(broken(file.name(), found, format!("{}, of zeros and of one shape", list(&expected))));
    }
    Ok(expected)
}

fn check_role(role: &Role, name: &str, model: &Model) -> Result<()> {
    let Some((inputs, outputs)) = interface(role) else { return Ok(()) };
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
                    (Want::Most(_, most), Dim::Fixed(found)) => (1..=*most).contains(found),
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
            Want::Most(letter, most) => format!("{letter} <= {most}"),
        })
        .collect();
    format!("{name} {dtype} [{}]", dims.join(", "))
}
