//! Passes that make a graph smaller without changing what it computes.

mod dead;
mod fold;
mod fuse;
mod identity;
mod links;
mod narrow;
mod norm;
mod passes;
mod rearrange;
mod reshape;
#[cfg(test)]
mod tests;
mod types;

use super::builder::GraphBuilder;

pub(crate) use fold::Folder;
pub use passes::{Pass, Passes};

/// Runs the passes on a graph; constants are folded by `folder`, if there is one.
pub(crate) fn run(graph: &mut GraphBuilder, passes: Passes, opset: i64, folder: Option<&Folder>) {
    let dead = |graph: &mut GraphBuilder| {
        if passes.has(Pass::RemoveDead) {
            dead::run(graph);
        }
    };
    dead(graph);
    if passes.has(Pass::RemoveIdentities) {
        narrow::run(graph);
        identity::run(graph);
    }
    if passes.has(Pass::FoldConstants) {
        match folder {
            Some(folder) => folder.run(graph, opset),
            None => tracing::debug!("constants are not folded: this build has no engine, and none was given"),
        }
        dead(graph);
    }
    if passes.has(Pass::Fuse) {
        fuse::run(graph);
        dead(graph);
    }
    if passes.has(Pass::RemoveIdentities) {
        identity::run(graph);
    }
    dead(graph);
    if passes.has(Pass::RecogniseNorms) {
        norm::run(graph);
    }
    if passes.has(Pass::Rearrange) {
        rearrange::run(graph);
    }
    if passes.has(Pass::JoinReshapes) {
        reshape::run(graph);
    }
    dead(graph);
}
