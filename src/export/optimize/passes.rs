//! Which passes run.

/// A graph pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Pass {
    /// Computes what depends on stored tensors alone, and stores the result: masked kernels, transposed weights. Needs
    /// an engine: tract, where it is part of the build, or the one that
    /// [`Exporter::fold_with`](crate::export::Exporter::fold_with) names.
    FoldConstants,
    /// Removes nodes that change nothing and casts of integers that are only moved or used as indices, joins neighbouring transposes, and shares equal nodes.
    RemoveIdentities,
    /// Joins a convolution with the bias or batch normalisation after it, and a matrix product with its bias.
    Fuse,
    /// Recognises instance and group normalisation.
    RecogniseNorms,
    /// Recognises elements that move between channels and space, and slices that cut all of an axis into parts.
    Rearrange,
    /// Joins reshapes with each other, with reductions and with lookups.
    JoinReshapes,
    /// Removes nodes and stored tensors that no output needs.
    RemoveDead,
}

impl Pass {
    /// Every pass.
    pub const ALL: [Self; 7] = [
        Self::FoldConstants,
        Self::RemoveIdentities,
        Self::Fuse,
        Self::RecogniseNorms,
        Self::Rearrange,
        Self::JoinReshapes,
        Self::RemoveDead,
    ];
}

/// Which passes run: all, unless one is left out.
///
/// ```
/// use oasis::export::{Pass, Passes};
/// let passes = Passes::default().without(Pass::Fuse);
/// assert!(passes.has(Pass::RemoveDead) && !passes.has(Pass::Fuse));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passes(u8);

impl Default for Passes {
    fn default() -> Self {
        Pass::ALL.into_iter().fold(Self::none(), Self::with)
    }
}

impl Passes {
    /// No pass: the graph as it was lowered.
    #[must_use]
    pub fn none() -> Self {
        Self(0)
    }

    /// These and one more.
    #[must_use]
    pub fn with(self, pass: Pass) -> Self {
        Self(self.0 | 1 << pass as u8)
    }

    /// These but one.
    #[must_use]
    pub fn without(self, pass: Pass) -> Self {
        Self(self.0 & !(1 << pass as u8))
    }

    /// Whether a pass is among them.
    pub fn has(self, pass: Pass) -> bool {
        self.0 & 1 << pass as u8 != 0
    }
}
