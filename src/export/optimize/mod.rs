//! Passes that make a graph smaller without changing what it computes.

mod dead;
mod fold;
mod fuse;
mod identity;
mod links;
mod norm;
mod rearrange;
mod reshape;

use super::graph::Graph;

/// Which passes run. All do by default; leave one out with `Passes { fuse: false, ..Passes::default() }`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passes {
    /// Computes what depends on stored tensors alone, and stores the result: masked kernels, transposed weights.
    pub fold_constants: bool,
    /// Removes nodes that change nothing, joins neighbouring transposes, and shares equal nodes.
    pub remove_identities: bool,
    /// Joins a convolution with the bias or batch normalisation after it, and a matrix product with its bias.
    pub fuse: bool,
    /// Recognises instance and group normalisation.
    pub recognise_norms: bool,
    /// Recognises elements that move between channels and space, and slices that share out an axis.
    pub rearrange: bool,
    /// Joins reshapes with each other, with reductions and with lookups.
    pub join_reshapes: bool,
    /// Removes nodes and stored tensors that no output needs.
    pub remove_dead: bool,
}

impl Default for Passes {
    fn default() -> Self {
        Self {
            fold_constants: true,
            remove_identities: true,
            fuse: true,
            recognise_norms: true,
            rearrange: true,
            join_reshapes: true,
            remove_dead: true,
        }
    }
}

impl Passes {
    /// No pass: the graph as it was lowered.
    pub fn none() -> Self {
        Self {
            fold_constants: false,
            remove_identities: false,
            fuse: false,
            recognise_norms: false,
            rearrange: false,
            join_reshapes: false,
            remove_dead: false,
        }
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
    if passes.recognise_norms {
        norm::run(graph);
    }
    if passes.rearrange {
        rearrange::run(graph);
    }
    if passes.join_reshapes {
        reshape::run(graph);
    }
    dead(graph);
}
