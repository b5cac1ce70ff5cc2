//! Which way the axes of a volume run in the head.

use std::fmt::{self, Display};

/// The first three rows of the matrix that takes voxels to millimetres: right, anterior, superior.
pub(super) type Affine = [[f64; 4]; 3];

/// For each of the directions right, anterior and superior, the axis of the file that runs along it, and whether it runs
/// the other way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Axes([(usize, bool); 3]);

/// The letters of the directions and of their opposites.
const LETTERS: [(char, char); 3] = [('R', 'L'), ('A', 'P'), ('S', 'I')];

impl Axes {
    /// From three letters, one for each axis of the file, that say where it runs to: `RAS`, `LPI` and 46 more.
    pub fn parse(text: &str) -> Option<Self> {
        let letters: Vec<char> = text.chars().map(|letter| letter.to_ascii_uppercase()).collect();
        let axis = |(towards, from): (char, char)| {
            let found = |letter| letters.iter().position(|found| *found == letter);
            found(towards).map(|axis| (axis, false)).or_else(|| found(from).map(|axis| (axis, true)))
        };
        let [Some(right), Some(anterior), Some(superior)] = LETTERS.map(axis) else { return None };
        (letters.len() == 3).then_some(Self([right, anterior, superior]))
    }

    /// Those of the rotation that is nearest to an affine; axes that are most like a direction choose first. `None` where
    /// two axes run the same way, or one nowhere.
    pub(super) fn nearest(affine: &Affine) -> Option<Self> {
        let mut rotation = nearest_rotation(affine)?;
        let strength =
            |rotation: &[[f64; 3]; 3], axis: usize| (0..3).map(|row| rotation[row][axis].abs()).fold(0.0, f64::max);
        let mut order = [0, 1, 2];
        order.sort_by(|a, b| strength(&rotation, *b).total_cmp(&strength(&rotation, *a)));
        let mut axes = [(0, false); 3];
        for axis in order {
            let direction =
                (0..3).rev().max_by(|a, b| rotation[*a][axis].abs().total_cmp(&rotation[*b][axis].abs()))?;
            axes[direction] = (axis, rotation[direction][axis] < 0.0);
            rotation[direction] = [0.0; 3];
        }
        Some(Self(axes))
    }

    /// The axis of the file along right (0), anterior (1) or superior (2), and whether it runs the other way.
    pub(super) fn of(self, direction: usize) -> (usize, bool) {
        self.0[direction]
    }
}

impl Display for Axes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut letters = [' '; 3];
        for ((axis, against), (towards, from)) in self.0.iter().zip(LETTERS) {
            letters[*axis] = if *against { from } else { towards };
        }
        f.write_str(&letters.iter().collect::<String>())
    }
}

/// The angle in degrees between an axis of the file and the direction that it is taken for, the largest of three.
pub(super) fn tilt(affine: &Affine, axes: Axes) -> f64 {
    let angle = |direction: usize| {
        let (axis, _) = axes.of(direction);
        let length = (0..3).map(|row| affine[row][axis].powi(2)).sum::<f64>().sqrt();
        (affine[direction][axis].abs() / length).min(1.0).acos().to_degrees()
    };
    (0..3).map(angle).fold(0.0, f64::max)
}

/// The orthogonal matrix nearest to the directions of the columns (polar decomposition by Newton's iteration).
fn nearest_rotation(affine: &Affine) -> Option<[[f64; 3]; 3]> {
    let length = |axis: usize| (0..3).map(|row| affine[row][axis].powi(2)).sum::<f64>().sqrt();
    let lengths = [0, 1, 2].map(length);
    if lengths.iter().any(|length| !(*length > 0.0 && length.is_finite())) {
        return None;
    }
    let mut x: [[f64; 3]; 3] = [0, 1, 2].map(|row| [0, 1, 2].map(|axis| affine[row][axis] / lengths[axis]));
    for _ in 0..64 {
        let turned = inverse_transposed(&x)?;
        x = [0, 1, 2].map(|row| [0, 1, 2].map(|axis| (x[row][axis] + turned[row][axis]) / 2.0));
    }
    x.iter().flatten().all(|value| value.is_finite()).then_some(x)
}

/// The inverse of a matrix, transposed; `None` where its columns (of length 1) lie in a plane.
fn inverse_transposed(m: &[[f64; 3]; 3]) -> Option<[[f64; 3]; 3]> {
    let minor = |row: usize, axis: usize| {
        let [a, b] = [(row + 1) % 3, (row + 2) % 3];
        let [c, d] = [(axis + 1) % 3, (axis + 2) % 3];
        m[a][c] * m[b][d] - m[a][d] * m[b][c]
    };
    let determinant: f64 = (0..3).map(|axis| m[0][axis] * minor(0, axis)).sum();
    (determinant.abs() > 1e-6).then(|| [0, 1, 2].map(|row| [0, 1, 2].map(|axis| minor(row, axis) / determinant)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_and_matrices_agree_on_all_48_orders() {
        let mut seen = std::collections::BTreeSet::new();
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            for flips in 0..8 {
                let mut affine = [[0.01, -0.02, 0.03, 5.0], [0.02, 0.01, -0.01, 6.0], [-0.03, 0.02, 0.01, 7.0]];
                for (axis, direction) in order.iter().enumerate() {
                    affine[*direction][axis] = if flips >> axis & 1 == 1 { -1.5 } else { 0.7 };
                }
                let axes = Axes::nearest(&affine).unwrap();
                assert_eq!(Axes::parse(&axes.to_string()), Some(axes));
                assert!(tilt(&affine, axes) < 5.0);
                for (axis, direction) in order.iter().enumerate() {
                    assert_eq!(axes.of(*direction), (axis, flips >> axis & 1 == 1));
                }
                seen.insert(axes.to_string());
            }
        }
        assert_eq!(seen.len(), 48);
        assert_eq!(Axes::parse("rps").unwrap().to_string(), "RPS");
        for wrong in ["", "RA", "RRS", "RLS", "RASX", "ABC"] {
            assert_eq!(Axes::parse(wrong), None, "{wrong}");
        }
        let flat = [[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0; 4]];
        assert_eq!(Axes::nearest(&flat), None);
        assert_eq!(Axes::nearest(&[[f64::NAN; 4]; 3]), None);
    }
}
