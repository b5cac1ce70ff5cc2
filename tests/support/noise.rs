//! The random numbers of samples, written down a second time after their documentation: Philox-4x32-10 of Salmon, Moraes,
//! Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.

fn words(number: u64) -> [u32; 2] {
    [number as u32, (number >> 32) as u32]
}

fn philox4x32(mut counter: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    for _ in 0..10 {
        let low = u64::from(counter[0]) * 0xD251_1F53;
        let high = u64::from(counter[2]) * 0xCD9E_8D57;
        counter = [
            (high >> 32) as u32 ^ counter[1] ^ key[0],
            high as u32,
            (low >> 32) as u32 ^ counter[3] ^ key[1],
            low as u32,
        ];
        key = [key[0].wrapping_add(0x9E37_79B9), key[1].wrapping_add(0xBB67_AE85)];
    }
    counter
}

/// The uniform number in `[0, 1)`, of 53 bits, of a seed and a counter.
pub fn uniform(seed: u64, counter: u64) -> f64 {
    let [low, high] = words(counter);
    let [a, b, ..] = philox4x32([low, high, 0, 0], words(seed));
    ((u64::from(a) << 32 | u64::from(b)) >> 11) as f64 / (1_u64 << 53) as f64
}

/// The code that is drawn from logits at a place of a sample, at temperature 1.
pub fn draw(logits: &[f32], seed: u64, sample: u64, row: u16, column: u16) -> i64 {
    let [low, high] = words(sample);
    let score = |code: usize| {
        let block = [low, high, u32::from(row) << 16 | u32::from(column), code as u32 / 4];
        let number = philox4x32(block, words(seed))[code % 4];
        f64::from(logits[code]) - (-((f64::from(number) + 0.5) / 2_f64.powi(32)).ln()).ln()
    };
    (0..logits.len()).max_by(|a, b| score(*a).total_cmp(&score(*b))).expect("there are logits") as i64
}
