//! From interleaved samples to grey values.

/// The weights of Rec. 601 luma, which JPEG and PIL's `convert("L")` use too.
const LUMA: [f32; 3] = [0.299, 0.587, 0.114];

/// The value of a sample of 8 bits.
pub(super) fn byte([value]: [u8; 1]) -> f32 {
    f32::from(value) / 255.0
}

/// The value of a sample of 16 bits, the higher ones first.
pub(super) fn word(value: [u8; 2]) -> f32 {
    f32::from(u16::from_be_bytes(value)) / 65_535.0
}

/// One grey value a pixel, from `channels` interleaved values a pixel, each of `N` bytes.
pub(super) fn grey<const N: usize>(line: &[u8], channels: usize, unit: fn([u8; N]) -> f32, row: &mut Vec<f32>) {
    row.clear();
    row.extend(line.as_chunks().0.chunks_exact(channels).map(|pixel| match *pixel {
        [grey] => unit(grey),
        [grey, alpha] => unit(grey) * unit(alpha),
        [r, g, b] => luma(unit(r), unit(g), unit(b)),
        [r, g, b, alpha] => luma(unit(r), unit(g), unit(b)) * unit(alpha),
        _ => unreachable!("one to four channels"),
    }));
}

fn luma(r: f32, g: f32, b: f32) -> f32 {
    if r == g && g == b { r } else { LUMA[0] * r + LUMA[1] * g + LUMA[2] * b }
}
