//! Which lengths a dynamic axis may have.

/// The lengths that a dynamic axis may have, as far as they are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// All lengths are multiples of this.
    pub multiple: usize,
    pub least: usize,
    pub most: Option<usize>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { multiple: 1, least: 0, most: None }
    }
}

impl Limits {
    pub fn allow(&self, length: usize) -> bool {
        length >= self.least && self.most.is_none_or(|most| length <= most) && length.is_multiple_of(self.multiple)
    }

    /// The limits as a model's metadata gives them; nothing where there are none.
    pub fn text(&self) -> Option<String> {
        let mut parts = Vec::new();
        if self.multiple > 1 {
            parts.push(format!("multiple of {}", self.multiple));
        }
        if self.least > 0 {
            parts.push(format!("at least {}", self.least));
        }
        if let Some(most) = self.most {
            parts.push(format!("at most {most}"));
        }
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}

/// A dynamic axis's name, its length in every recording, and the lengths that it may have.
#[derive(Debug, Clone)]
pub(crate) struct Symbol {
    pub name: String,
    pub sizes: Vec<usize>,
    pub limits: Limits,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_said_in_words() {
        assert_eq!(Limits::default().text(), None);
        let limits = Limits { multiple: 8, least: 16, most: Some(64) };
        assert_eq!(limits.text().as_deref(), Some("multiple of 8, at least 16, at most 64"));
        assert_eq!([8, 16, 20, 64, 72].map(|length| limits.allow(length)), [false, true, false, true, false]);
    }
}
