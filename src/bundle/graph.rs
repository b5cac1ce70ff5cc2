//! One validated ONNX file: what engines are given to load.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::contract;
use super::onnx::Model;
use crate::{Error, ErrorKind, Result};

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
    /// Any other graph, such as one step of the prior. Its interface is its own.
    Other(String),
}

impl Role {
    /// The roles with a fixed interface, in the order that data passes them.
    pub const FIXED: [Self; 4] = [Self::Encoder, Self::Quantizer, Self::Decoder, Self::Prior];

    /// One row of the prior's vertical stack: `codes` of the row above, the `row`'s number, `condition` and the state
    /// `above` to the `contexts` of its columns and the `next` state.
    pub fn prior_row() -> Self {
        Self::Other("prior_step_row".to_owned())
    }

    /// One code of the prior's horizontal stack: the `code` to the left, the column's `context` and the state `left` to
    /// `logits` and the `next` state.
    pub fn prior_code() -> Self {
        Self::Other("prior_step_code".to_owned())
    }

    /// Whether it is a step of the prior: little work a run, and very many runs.
    pub fn is_step(&self) -> bool {
        [Self::prior_row(), Self::prior_code()].contains(self)
    }

    /// The role's name.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Encoder => "encoder",
            Self::Quantizer => "quantizer",
            Self::Decoder => "decoder",
            Self::Prior => "prior",
            Self::Other(name) => name,
        }
    }

    /// The role of that name; an unknown name is a [`Role::Other`].
    pub fn from_name(name: &str) -> Self {
        Self::FIXED.into_iter().find(|role| role.as_str() == name).unwrap_or_else(|| Self::Other(name.to_owned()))
    }

    /// The file's name in a bundle.
    pub fn file_name(&self) -> String {
        format!("{}.onnx", self.as_str())
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An ONNX file's bytes, its role, the name it is shown by, and what it declares.
///
/// A `Graph` exists only if the file parses, keeps to the standard operators, holds all its weights, and has the
/// interface of its role. Clones share the bytes.
#[derive(Clone)]
pub struct Graph {
    inner: Arc<Inner>,
}

struct Inner {
    role: Role,
    name: String,
    bytes: Cow<'static, [u8]>,
    model: Model,
}

impl Graph {
    /// Validates `bytes` for `role`; `name` (a path, mostly) is what errors call it.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] where the file is damaged or breaks the role's contract.
    pub fn new(role: Role, name: impl Into<String>, bytes: impl Into<Cow<'static, [u8]>>) -> Result<Self> {
        let (name, bytes) = (name.into(), bytes.into());
        let model = Model::parse(&bytes).map_err(|why| {
            Error::new(ErrorKind::Model, "cannot read model", &name, why)
                .hint("fetch or export the file again; it may be cut short")
        })?;
        contract::check_file(&role, &name, &model)?;
        Ok(Self { inner: Arc::new(Inner { role, name, bytes, model }) })
    }

    /// The file's role.
    pub fn role(&self) -> &Role {
        &self.inner.role
    }

    /// What errors call the file.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// The file's content.
    pub fn bytes(&self) -> &[u8] {
        &self.inner.bytes
    }

    /// What the file declares.
    pub fn model(&self) -> &Model {
        &self.inner.model
    }

    /// The SHA-256 of the content, in hexadecimal.
    pub fn sha256(&self) -> String {
        sha256(self.bytes())
    }
}

impl fmt::Debug for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Graph")
            .field("role", self.role())
            .field("name", &self.name())
            .field("bytes", &self.bytes().len())
            .finish_non_exhaustive()
    }
}

/// The SHA-256 of `bytes`, in lower-case hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    use fmt::Write;
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
