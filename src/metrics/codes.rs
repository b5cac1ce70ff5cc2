//! How much of a codebook is in use.

use crate::{Error, ErrorKind, Result};

/// A count of every code of a codebook of K.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeUsage {
    counts: Vec<u64>,
}

impl CodeUsage {
    /// Nothing counted yet; `k` codes, 0 to k-1.
    pub fn new(k: usize) -> Self {
        Self { counts: vec![0; k] }
    }

    /// Counts codes (of any shape: iterate over them).
    ///
    /// # Errors
    /// [`ErrorKind::Model`] for a code outside 0..K; those before it are counted.
    pub fn add<'a>(&mut self, codes: impl IntoIterator<Item = &'a i64>) -> Result<()> {
        let k = self.counts.len();
        for &code in codes {
            match usize::try_from(code).ok().and_then(|code| self.counts.get_mut(code)) {
                Some(count) => *count += 1,
                None => {
                    return Err(Error::new(
                        ErrorKind::Model,
                        "code out of range",
                        code.to_string(),
                        format!("the codebook has {k} entries, 0 to {}", k.saturating_sub(1)),
                    )
                    .hint("use codes and bundle of one model; oasis inspect shows its codebook"));
                }
            }
        }
        Ok(())
    }

    /// Adds what another one counted, over a codebook of the same size.
    ///
    /// # Panics
    /// If the sizes differ.
    pub fn merge(&mut self, other: &CodeUsage) {
        assert_eq!(self.counts.len(), other.counts.len(), "codebooks of one size");
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
    }

    /// How often each code was seen.
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// Entries in the codebook.
    pub fn codebook_size(&self) -> usize {
        self.counts.len()
    }

    /// Codes seen at least once.
    pub fn used(&self) -> usize {
        self.counts.iter().filter(|&&count| count > 0).count()
    }

    /// Codes counted in all.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Shannon entropy of the counted codes in bits a code; 0 when nothing was counted.
    pub fn entropy(&self) -> f64 {
        let total = self.total() as f64;
        self.counts
            .iter()
            .filter(|&&count| count > 0)
            .map(|&count| {
                let p = count as f64 / total;
                -p * p.log2()
            })
            .sum()
    }

    /// Two to the power of the entropy: how many codes, used evenly, would be as varied. 1 to K.
    pub fn perplexity(&self) -> f64 {
        self.entropy().exp2()
    }

    /// Bits of an image of `h` x `w` codes without any entropy coding: h w log2 K.
    pub fn bits_per_image(&self, h: usize, w: usize) -> f64 {
        (h * w) as f64 * (self.counts.len() as f64).log2()
    }
}
