//! How much of a codebook is used.

use crate::{Error, ErrorKind, Result};

/// How often each code of a codebook was used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeUsage {
    counts: Vec<u64>,
}

impl CodeUsage {
    /// A count of zero for each of `k` codes, 0 to k-1.
    pub fn new(k: usize) -> Self {
        Self { counts: vec![0; k] }
    }

    /// Counts codes; an array of any shape can be passed by reference.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] for a code outside 0..K. The codes before it stay counted.
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
                    .hint(
                        "use the bundle that the codes were made with; `oasis inspect` shows the size of its codebook",
                    ));
                }
            }
        }
        Ok(())
    }

    /// The number of codes, K.
    pub fn codebook_size(&self) -> usize {
        self.counts.len()
    }

    /// The number of codes that were counted at least once.
    pub fn used(&self) -> usize {
        self.counts.iter().filter(|&&count| count > 0).count()
    }

    /// The number of codes that were counted, repeats included.
    fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Shannon entropy of the counted codes in bits a code; 0 when nothing was counted.
    fn entropy(&self) -> f64 {
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

    /// Two to the power of the entropy, 1 to K: the number of codes that would have this entropy if all were used equally.
    pub fn perplexity(&self) -> f64 {
        self.entropy().exp2()
    }

    /// Bits that an image of `h` x `w` codes takes without entropy coding: h w log2 K.
    pub fn bits_per_image(&self, h: usize, w: usize) -> f64 {
        (h * w) as f64 * (self.counts.len() as f64).log2()
    }
}
