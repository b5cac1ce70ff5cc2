//! Whether the values of a picture are those of a slice.

/// How many values a picture must have to be taken for one.
const FEW: usize = 4;
/// What share of white a picture must reach not to be taken for black.
const DARK: f32 = 1.0 / 8.0;

/// The values of a picture, row by row.
#[derive(Debug)]
pub(super) struct Values {
    low: f32,
    high: f32,
    /// The different values so far, as long as they are few.
    few: Vec<f32>,
}

impl Values {
    /// Of no row yet.
    pub fn new() -> Self {
        Self { low: f32::INFINITY, high: f32::NEG_INFINITY, few: Vec::new() }
    }

    /// Takes a row.
    pub fn take(&mut self, row: &[f32]) {
        for &value in row {
            (self.low, self.high) = (self.low.min(value), self.high.max(value));
        }
        if self.few.len() <= FEW {
            let mut last = f32::NAN;
            for &value in row {
                if value != last && !self.few.contains(&value) {
                    self.few.push(value);
                    if self.few.len() > FEW {
                        break;
                    }
                }
                last = value;
            }
        }
    }

    /// What is odd about them, with the range found, in words that follow a path; `white` is what 1 is in the file.
    ///
    /// A picture that is black all over is not odd: the first and the last slices of a volume are.
    pub fn doubt(&self, white: u32) -> Option<String> {
        let whole = |value: f32| (value * white as f32).round() as u32;
        let (low, high) = (whole(self.low), whole(self.high));
        if high == 0 {
            return None;
        }
        match self.few.len() {
            1 => return Some(format!("every pixel is {high} of {white}")),
            few @ 2..=FEW => {
                return Some(format!("it has {few} different values, from {low} to {high} of {white}, as masks have"));
            }
            _ => {}
        }
        if self.high > DARK {
            return None;
        }
        let bits = u32::BITS - high.leading_zeros();
        let guess = if white > 255 { format!(": {bits}-bit values in 16 bits?") } else { String::new() };
        Some(format!("its values go from {low} to {high} of {white}, which is almost black{guess}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_values_are_told_with_their_range() {
        let doubt = |values: &[u32], white: u32| {
            let row: Vec<f32> = values.iter().map(|value| *value as f32 / white as f32).collect();
            let mut found = Values::new();
            row.chunks(3).for_each(|row| found.take(row));
            found.doubt(white)
        };
        let all = |count: u32, step: u32| (0..count).map(|value| value * step).collect::<Vec<_>>();
        assert_eq!(doubt(&[0; 9], 255), None);
        assert_eq!(doubt(&all(256, 1), 255), None);
        assert_eq!(doubt(&all(256, 257), 65_535), None);
        assert_eq!(doubt(&all(33, 1), 255), None);
        for (values, white, expected) in [
            (all(32, 1), 255, "its values go from 0 to 31 of 255, which is almost black"),
            (
                all(4096, 1),
                65_535,
                "its values go from 0 to 4095 of 65535, which is almost black: 12-bit values in 16 bits?",
            ),
            (
                all(256, 1),
                65_535,
                "its values go from 0 to 255 of 65535, which is almost black: 8-bit values in 16 bits?",
            ),
            (vec![0, 1, 2, 3, 0, 1], 255, "it has 4 different values, from 0 to 3 of 255, as masks have"),
            (vec![0, 255, 0], 255, "it has 2 different values, from 0 to 255 of 255, as masks have"),
            (vec![90; 4], 255, "every pixel is 90 of 255"),
        ] {
            assert_eq!(doubt(&values, white).as_deref(), Some(expected));
        }
    }
}
