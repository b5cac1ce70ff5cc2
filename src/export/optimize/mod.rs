//! Passes that make a graph smaller without changing what it computes.

mod dead;
mod fold;
mod fuse;
mod identity;

use super::graph::Graph;

/// Which passes run. All do by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Passes {
    /// Computes what depends on stored tensors alone, and stores the result: masked kernels, transposed weights.
    pub fold_constants: bool,
    /// Removes nodes that change nothing, joins neighbouring transposes, and shares equal nodes.
    pub remove_identities: bool,
    /// Joins a convolution with the bias or batch normalisation after it, and a matrix product with its bias.
    pub fuse: bool,
    /// Removes nodes and stored tensors that no output needs.
    pub remove_dead: bool,
}

impl Default for Passes {
    fn default() -> Self {
        Self { fold_constants: true, remove_identities: true, fuse: true, remove_dead: true }
    }
}

impl Passes {
    /// No pass: the graph as it was lowered.
    pub fn none() -> Self {
        Self { fold_constants: false, remove_identities: false, fuse: false, remove_dead: false }
    }
}

pub(crate) fn run(graph: &mut Graph, passes: Passes, opset: i64) {
    let dead = |graph: &mut Graph| {
        if passes.remove_dead {
            dead::run(graph);
        }
    };
    dead(graph);
    if passes.remove_identities {
        identity::run(graph);
    }
    if passes.fold_constants {
        fold::run(graph, opset);
        dead(graph);
    }
    if passes.fuse {
        fuse::run(graph);
        dead(graph);
    }
    if passes.remove_identities {
        identity::run(graph);
    }
    dead(graph);
}
