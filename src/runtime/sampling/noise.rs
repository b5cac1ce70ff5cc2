//! Random numbers that are a pure function of a key and a counter, so that they do not depend on the order of work.
//!
//! Philox-4x32-10 of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.

const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];
/// Counters that are processed side by side, so that the compiler uses vector instructions.
const LANES: usize = 8;

/// Philox-4x32 with ten rounds on `N` counters: word 0 of all of them, word 1 of all of them, and so on.
#[inline(always)]
fn philox<const N: usize>(mut counter: [[u32; N]; 4], mut key: [u32; 2]) -> [[u32; N]; 4] {
    for _ in 0..10 {
        let [a, b, c, d] = counter;
        for lane in 0..N {
            let low = u64::from(MULTIPLIERS[0]) * u64::from(a[lane]);
            let high = u64::from(MULTIPLIERS[1]) * u64::from(c[lane]);
            counter[0][lane] = (high >> 32) as u32 ^ b[lane] ^ key[0];
            counter[1][lane] = high as u32;
            counter[2][lane] = (low >> 32) as u32 ^ d[lane] ^ key[1];
            counter[3][lane] = low as u32;
        }
        key = [key[0].wrapping_add(WEYL[0]), key[1].wrapping_add(WEYL[1])];
    }
    counter
}

/// The lower and the upper half of a number.
fn words(number: u64) -> [u32; 2] {
    [number as u32, (number >> 32) as u32]
}

/// The random numbers of one place of one sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Noise {
    key: [u32; 2],
    counter: [u32; 3],
}

impl Noise {
    /// Those of a row and a column in the sample of that number.
    pub(crate) fn new(seed: u64, sample: u64, row: u16, column: u16) -> Self {
        let [low, high] = words(sample);
        Self { key: words(seed), counter: [low, high, u32::from(row) << 16 | u32::from(column)] }
    }

    /// A number of 32 bits for each of `codes` codes: for code i, word `i % 4` of block `i / 4`.
    pub(crate) fn numbers(self, codes: usize) -> Vec<u32> {
        let [a, b, c] = self.counter;
        let mut numbers = vec![0; codes.next_multiple_of(4 * LANES)];
        for (chunk, numbers) in numbers.chunks_exact_mut(4 * LANES).enumerate() {
            let blocks = std::array::from_fn(|lane| (chunk * LANES + lane) as u32);
            let drawn = philox([[a; LANES], [b; LANES], [c; LANES], blocks], self.key);
            for lane in 0..LANES {
                for word in 0..4 {
                    numbers[4 * lane + word] = drawn[word][lane];
                }
            }
        }
        numbers.truncate(codes);
        numbers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn philox4x32(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
        philox(counter.map(|word| [word]), key).map(|[word]| word)
    }

    /// The known answers of Random123's `kat_vectors` for `philox4x32 10`.
    #[test]
    fn known_answers() {
        let cases = [
            ([0; 4], [0; 2], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
            ([u32::MAX; 4], [u32::MAX; 2], [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
            (
                [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
                [0xa409_3822, 0x299f_31d0],
                [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
            ),
        ];
        for (counter, key, expected) in cases {
            assert_eq!(philox4x32(counter, key), expected);
        }
    }

    #[test]
    fn numbers_are_uniform() {
        let all = Noise::new(7, 0, 0, 0).numbers(100_000);
        let mean = all.iter().map(|number| f64::from(*number)).sum::<f64>() / 100_000.0 / 2_f64.powi(32);
        assert!((mean - 0.5).abs() < 0.004, "{mean}");
    }

    #[test]
    fn a_place_has_a_number_of_its_own_for_every_code() {
        let numbers = Noise::new(3 << 40 | 5, 7 << 33 | 1, 30, 31).numbers(70);
        assert_eq!(numbers.len(), 70);
        for (code, number) in numbers.iter().enumerate() {
            let block = philox4x32([1, 7 << 1, 30 << 16 | 31, code as u32 / 4], [5, 3 << 8]);
            assert_eq!(*number, block[code % 4], "code {code}");
        }
    }
}
