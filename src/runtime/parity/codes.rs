//! When two quantizers may choose different codewords: where float error can decide which of the two is nearer.
//!
//! For latents `z` and codeword `e` the quantizer compares `|z|^2 - 2 z.e + |e|^2` in f32, whose rounding error is at
//! most `g (|z| + |e|)^2` with `g = (D + 4) 2^-24`, whatever the order of its sums. Where the engines' own latents
//! differ by `d`, the distances of two codewords move against each other by at most `2 |d| |e_i - e_j|`. A flip is
//! excused only if both chosen codewords are, in f64, no further from the nearest than the sum of these.

use ndarray::{Array2, Array3, Array4, ArrayView1, s};

#[cfg(feature = "train")]
use super::limits::Limits;
use super::report::CodesReport;
#[cfg(feature = "train")]
use super::report::StageReport;
use super::stage::Stage;

/// Compares the codes that two quantizers give for the same latents `[n, D, h, w]`, as a stage of a comparison of engines
/// does. `codebook` is `[K, D]`, the codes are `[n, h, w]`.
#[cfg(feature = "train")]
pub(crate) fn compare_codes(
    codebook: &Array2<f32>,
    latents: &Array4<f32>,
    a: &Array3<i64>,
    b: &Array3<i64>,
    limits: Limits,
) -> StageReport {
    let mut stage = Stage::new(limits.values);
    Judge::new(Some(codebook)).stage(latents, a, b, &mut stage);
    stage.report()
}

/// Tells which codes may differ.
pub(super) struct Judge {
    codebook: Option<Array2<f64>>,
    /// The length of the longest codeword.
    longest: f64,
}

fn length(vector: &ArrayView1<'_, f64>) -> f64 {
    vector.dot(vector).sqrt()
}

impl Judge {
    /// Judges by a codebook `[K, D]`; without one, no flip is excused.
    pub(super) fn new(codebook: Option<&Array2<f32>>) -> Self {
        let codebook = codebook.map(|codebook| codebook.mapv(f64::from));
        let longest =
            codebook.iter().flat_map(|codebook| codebook.rows()).map(|word| length(&word)).fold(0.0, f64::max);
        Self { codebook, longest }
    }

    /// The difference between the squared distances to two chosen codewords, and whether float error excuses it. The
    /// latents `z` of the two engines are `moved` apart. `None` where the codebook is not known.
    fn margin(&self, z: ArrayView1<'_, f64>, moved: f64, choices: [i64; 2]) -> Option<(f64, bool)> {
        let codebook = self.codebook.as_ref()?;
        let distance = |word: ArrayView1<'_, f64>| z.iter().zip(word).map(|(z, e)| (z - e) * (z - e)).sum::<f64>();
        let [i, j] = choices.map(|code| codebook.row(code as usize));
        let [to_i, to_j] = [distance(i), distance(j)];
        let nearest = codebook.rows().into_iter().map(distance).fold(f64::INFINITY, f64::min);
        let unit = (z.len() + 4) as f64 * 2_f64.powi(-24);
        let reach = length(&z) + moved + self.longest;
        let rounding = 2.0 * unit * reach * reach;
        // The nearest codeword is one of three that may be compared, so its distance to either bounds the shift.
        let allowed = |to: f64| {
            let spread = to.sqrt() + nearest.sqrt();
            rounding + 2.0 * moved * spread
        };
        let excused = to_i - nearest <= allowed(to_i) && to_j - nearest <= allowed(to_j);
        Some(((to_i - to_j).abs(), excused))
    }

    /// Counts the codes that differ where each engine quantizes its own latents.
    pub(super) fn flips(
        &self,
        latents_a: &Array4<f32>,
        latents_b: &Array4<f32>,
        codes_a: &Array3<i64>,
        codes_b: &Array3<i64>,
        report: &mut CodesReport,
    ) {
        for (([n, y, x], a), b) in positions(codes_a).zip(codes_b) {
            if a == b {
                continue;
            }
            report.flips += 1;
            let z = latents_a.slice(s![n, .., y, x]).mapv(f64::from);
            let d = &z - &latents_b.slice(s![n, .., y, x]).mapv(f64::from);
            match self.margin(z.view(), length(&d.view()), [*a, *b]) {
                Some((margin, excused)) => {
                    report.unexcused_flips += usize::from(!excused);
                    report.max_margin = Some(report.max_margin.unwrap_or(0.0).max(margin));
                }
                None => report.unexcused_flips += 1,
            }
        }
    }

    /// Compares the codes of identical latents.
    pub(super) fn stage(&self, latents: &Array4<f32>, a: &Array3<i64>, b: &Array3<i64>, stage: &mut Stage) {
        for (([n, y, x], a), b) in positions(a).zip(b) {
            if a == b {
                stage.add_one(0.0, true);
                continue;
            }
            let z = latents.slice(s![n, .., y, x]).mapv(f64::from);
            let (margin, excused) = self.margin(z.view(), 0.0, [*a, *b]).unwrap_or((1.0, false));
            stage.add_one(margin, excused);
        }
    }
}

fn positions(codes: &Array3<i64>) -> impl Iterator<Item = ([usize; 3], &i64)> {
    codes.indexed_iter().map(|((n, y, x), code)| ([n, y, x], code))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn count(z_a: f32, z_b: f32, codes: [i64; 2]) -> CodesReport {
        let judge = Judge::new(Some(&array![[0.0_f32], [1.0], [1.5]]));
        let latents = |z| Array4::from_elem((1, 1, 1, 1), z);
        let grid = |code| Array3::from_elem((1, 1, 1), code);
        let mut report = CodesReport::default();
        judge.flips(&latents(z_a), &latents(z_b), &grid(codes[0]), &grid(codes[1]), &mut report);
        report
    }

    #[test]
    fn a_flip_on_the_boundary_is_excused() {
        let report = count(0.5, 0.5, [0, 1]);
        assert_eq!((report.flips, report.unexcused_flips), (1, 0));
        let report = count(0.499_999, 0.500_001, [0, 1]);
        assert_eq!((report.flips, report.unexcused_flips), (1, 0));
    }

    #[test]
    fn any_other_flip_is_not() {
        assert_eq!(count(0.45, 0.45, [0, 1]).unexcused_flips, 1);
        // Equally far, but both further than the nearest.
        assert_eq!(count(0.75, 0.75, [0, 2]).unexcused_flips, 1);
        assert_eq!(count(0.5, 0.5, [1, 1]).flips, 0);
    }

    #[test]
    fn without_a_codebook_none_is() {
        let grid = |code| Array3::from_elem((1, 1, 1), code);
        let latents = Array4::from_elem((1, 1, 1, 1), 0.5_f32);
        let mut report = CodesReport::default();
        Judge::new(None).flips(&latents, &latents, &grid(0), &grid(1), &mut report);
        assert_eq!((report.unexcused_flips, report.max_margin), (1, None));
    }
}
