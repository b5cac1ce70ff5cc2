//! What each file of a bundle does.

use std::fmt;

use crate::onnx::Workload;

/// What a file of a bundle does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// `image` to `latents`.
    Encoder,
    /// `latents` to `codes`.
    Quantizer,
    /// `codes` to `reconstruction`.
    Decoder,
    /// `codes` and `condition` to `logits`.
    Prior,
    /// One row of the prior's vertical stack: `codes` of the row above, the `row`'s number, `condition` and the state
    /// `above` to the `contexts` of the row's columns and the `next` state.
    PriorStepRow,
    /// One code of the prior's horizontal stack: the `code` to the left, the `mirrored` codes, the column's `context` and
    /// the state `left` to `logits` and the `next` state.
    PriorStepCode,
    /// Any other model. Its interface is its own.
    Other(String),
}

impl Role {
    /// The roles of whole models, in the order that data passes them.
    pub const FIXED: [Self; 4] = [Self::Encoder, Self::Quantizer, Self::Decoder, Self::Prior];

    /// The two steps of the prior.
    pub const STEPS: [Self; 2] = [Self::PriorStepRow, Self::PriorStepCode];

    /// Which inputs are states, each with the output that is its next value. Their shapes stay, and they begin as zeros.
    pub fn states(&self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::PriorStepRow => &[("above", "next")],
            Self::PriorStepCode => &[("left", "next")],
            Self::Encoder | Self::Quantizer | Self::Decoder | Self::Prior | Self::Other(_) => &[],
        }
    }

    /// The role's name.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Encoder => "encoder",
            Self::Quantizer => "quantizer",
            Self::Decoder => "decoder",
            Self::Prior => "prior",
            Self::PriorStepRow => "prior_step_row",
            Self::PriorStepCode => "prior_step_code",
            Self::Other(name) => name,
        }
    }

    /// The role of that name; an unknown name is a [`Role::Other`].
    pub fn from_name(name: &str) -> Self {
        let known = Self::FIXED.into_iter().chain(Self::STEPS).find(|role| role.as_str() == name);
        known.unwrap_or_else(|| Self::Other(name.to_owned()))
    }

    /// Whether the name can be part of a file's name everywhere: at most 64 letters, digits, `_` and `-`.
    pub(super) fn is_plain(&self) -> bool {
        let name = self.as_str().as_bytes();
        (1..=64).contains(&name.len()) && name.iter().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'-'))
    }

    /// The file's name in a bundle.
    pub fn file_name(&self) -> String {
        format!("{}.onnx", self.as_str())
    }

    /// How engines best run a model of this role: whole models treat the entries of a batch independently.
    pub fn workload(&self) -> Workload {
        match self {
            Self::Encoder | Self::Quantizer | Self::Decoder | Self::Prior => Workload::Batch,
            Self::PriorStepRow | Self::PriorStepCode => Workload::Step,
            Self::Other(_) => Workload::Whole,
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        for role in Role::FIXED.into_iter().chain(Role::STEPS).chain([Role::Other("critic".into())]) {
            assert_eq!(Role::from_name(role.as_str()), role);
            assert!(role.is_plain());
        }
        for name in ["", "..", "a/b", "a b", "a\n", "\u{e9}", &"a".repeat(65)] {
            assert!(!Role::from_name(name).is_plain(), "{name:?}");
        }
    }
}
