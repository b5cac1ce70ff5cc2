//! A small writer of JPEGs in every form that is read: sequential and progressive, in one scan or several, with restarts.

/// A JPEG to write.
#[derive(Clone)]
pub struct Jpeg {
    pub size: (usize, usize),
    /// For each channel, its blocks of a unit across and down.
    pub sampling: Vec<[usize; 2]>,
    pub progressive: bool,
    pub scans: Vec<Scan>,
    /// Units between restarts; 0 for none.
    pub interval: usize,
    /// Whether every block is grey.
    pub flat: bool,
}

/// One of its scans.
#[derive(Clone)]
pub struct Scan {
    pub channels: Vec<usize>,
    /// The first and the last coefficient.
    pub band: [usize; 2],
    /// The lowest bit that was there before, 0 for none, and that is now.
    pub bits: [u8; 2],
}

/// A segment with its length.
pub fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
    [&[0xff, marker][..], &(body.len() as u16 + 2).to_be_bytes(), body].concat()
}

impl Jpeg {
    /// A picture in one sequential scan: grey for one channel, else YCbCr.
    pub fn new(size: (usize, usize), sampling: &[[usize; 2]]) -> Self {
        let channels = (0..sampling.len()).collect();
        let scans = vec![Scan { channels, band: [0, 63], bits: [0, 0] }];
        Self { size, sampling: sampling.to_vec(), progressive: false, scans, interval: 0, flat: false }
    }

    pub fn grey(size: (usize, usize)) -> Self {
        Self::new(size, &[[1, 1]])
    }

    /// Restarts after so many units.
    pub fn interval(mut self, units: usize) -> Self {
        self.interval = units;
        self
    }

    /// Nothing but grey, in few bytes.
    pub fn flat(mut self) -> Self {
        self.flat = true;
        self
    }

    /// A scan for each channel.
    pub fn apart(mut self) -> Self {
        let scan = |channel| Scan { channels: vec![channel], band: [0, 63], bits: [0, 0] };
        self.scans = (0..self.sampling.len()).map(scan).collect();
        self
    }

    /// The scans that most encoders write: means first, then bands, each to the last bit but one and then to the last.
    pub fn progressive(mut self) -> Self {
        let all: Vec<usize> = (0..self.sampling.len()).collect();
        self.progressive = true;
        self.scans = vec![Scan { channels: all.clone(), band: [0, 0], bits: [0, 1] }];
        let band = |channel, band, bits| Scan { channels: vec![channel], band, bits };
        self.scans.extend(all.iter().map(|channel| band(*channel, [1, 5], [0, 2])));
        self.scans.extend(all.iter().map(|channel| band(*channel, [6, 63], [0, 2])));
        self.scans.extend(all.iter().map(|channel| band(*channel, [1, 63], [2, 1])));
        self.scans.push(Scan { channels: all.clone(), band: [0, 0], bits: [1, 0] });
        self.scans.extend(all.iter().map(|channel| band(*channel, [1, 63], [1, 0])));
        self
    }

    /// All segments before the first scan: the tables, the header, the distance of restarts.
    pub fn before(&self) -> Vec<u8> {
        let mut bytes = vec![0xff, 0xd8];
        bytes.extend(segment(0xdb, &[&[0][..], &[3; 64]].concat()));
        bytes.extend(self.header(if self.progressive { 0xc2 } else { 0xc0 }));
        // Sixteen codes of five bits for means; 128 of eight and 128 of nine for the rest.
        let means: Vec<u8> = [&[0, 0, 0, 0, 0, 16][..], &[0; 11], &(0..16).collect::<Vec<u8>>()].concat();
        bytes.extend(segment(0xc4, &means));
        let mut rest = vec![0x10, 0, 0, 0, 0, 0, 0, 0, 128, 128, 0, 0, 0, 0, 0, 0, 0];
        rest.extend(0..=255u8);
        bytes.extend(segment(0xc4, &rest));
        if self.interval > 0 {
            bytes.extend(segment(0xdd, &(self.interval as u16).to_be_bytes()));
        }
        bytes
    }

    /// The header of the picture.
    pub fn header(&self, marker: u8) -> Vec<u8> {
        let mut body = vec![8];
        body.extend((self.size.1 as u16).to_be_bytes());
        body.extend((self.size.0 as u16).to_be_bytes());
        body.push(self.sampling.len() as u8);
        for (id, [across, down]) in (1..).zip(&self.sampling) {
            body.extend([id, (across << 4 | down) as u8, 0]);
        }
        segment(marker, &body)
    }

    /// The whole file.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.before();
        self.scans.iter().for_each(|scan| bytes.extend(self.scan(scan)));
        bytes.extend([0xff, 0xd9]);
        bytes
    }

    /// One scan, its header and its data.
    pub fn scan(&self, scan: &Scan) -> Vec<u8> {
        let mut body = vec![scan.channels.len() as u8];
        scan.channels.iter().for_each(|channel| body.extend([*channel as u8 + 1, 0]));
        body.extend([scan.band[0] as u8, scan.band[1] as u8, scan.bits[0] << 4 | scan.bits[1]]);
        let mut bytes = segment(0xda, &body);
        let most = [0, 1].map(|axis| self.sampling.iter().map(|sampling| sampling[axis]).max().unwrap());
        let sides = [self.size.0, self.size.1];
        let alone = scan.channels.len() == 1;
        let blocks: [usize; 2] = std::array::from_fn(|axis| {
            let share = if alone { self.sampling[scan.channels[0]][axis] } else { 1 };
            (sides[axis] * share).div_ceil(8 * most[axis])
        });
        let mut out = Writer { bytes: Vec::new(), bits: 0, count: 0, run: 0, held: Vec::new() };
        let mut means = [0; 4];
        for unit in 0..blocks[0] * blocks[1] {
            if self.interval > 0 && unit > 0 && unit % self.interval == 0 {
                out.close();
                out.bytes.extend([0xff, 0xd0 + ((unit / self.interval - 1) % 8) as u8]);
                means = [0; 4];
            }
            for &channel in &scan.channels {
                let [across, down] = if alone { [1, 1] } else { self.sampling[channel] };
                for block in 0..across * down {
                    let x = unit % blocks[0] * across + block % across;
                    let y = unit / blocks[0] * down + block / across;
                    let block: [i32; 64] = std::array::from_fn(|at| self.coefficient(channel, [x, y], at));
                    out.block(&block, scan, self.progressive, &mut means[channel]);
                }
            }
        }
        out.close();
        bytes.extend(out.bytes);
        bytes
    }

    /// A coefficient, the same for the same place; most are small, and many are 0.
    fn coefficient(&self, channel: usize, [x, y]: [usize; 2], at: usize) -> i32 {
        if self.flat {
            return 0;
        }
        let seed = (channel * 7919 + y * 104_729 + x * 1_299_709 + at * 15_485_863) as u32;
        let mixed = (seed ^ seed >> 15).wrapping_mul(0x2c1b_3c6d);
        let mixed = (mixed ^ mixed >> 12).wrapping_mul(0x297a_2d39) >> 8;
        match at {
            0 => (mixed % 400) as i32 - 200,
            // Every third block has means alone, so that runs of nothing are written.
            _ if (x + y).is_multiple_of(3) || !mixed.is_multiple_of(5) => 0,
            _ => (mixed / 5 % 15) as i32 - 7,
        }
    }
}

/// Coded data being written.
struct Writer {
    bytes: Vec<u8>,
    bits: u64,
    count: u32,
    /// Blocks that end early and are not written yet, and the bits that follow them.
    run: u32,
    held: Vec<u8>,
}

impl Writer {
    fn put(&mut self, bits: u32, count: u32) {
        self.bits = self.bits << count | u64::from(bits) & ((1 << count) - 1);
        self.count += count;
        while self.count >= 8 {
            self.count -= 8;
            let byte = (self.bits >> self.count) as u8;
            self.bytes.push(byte);
            if byte == 0xff {
                self.bytes.push(0);
            }
        }
    }

    fn symbol(&mut self, symbol: u8) {
        match u32::from(symbol) {
            low @ 0..128 => self.put(low, 8),
            high => self.put(128 + high, 9),
        }
    }

    /// The bits of a value, those of a negative one inverted, after what `code` writes with their number.
    fn value(&mut self, value: i32, code: impl FnOnce(&mut Self, u8)) {
        let count = 32 - value.unsigned_abs().leading_zeros();
        code(self, count as u8);
        self.put(if value < 0 { !value.unsigned_abs() } else { value as u32 }, count);
    }

    /// Writes the run of blocks that end early.
    fn end_run(&mut self) {
        if self.run > 0 {
            let count = self.run.ilog2();
            self.symbol((count as u8) << 4);
            self.put(self.run - (1 << count), count);
            self.run = 0;
        }
        std::mem::take(&mut self.held).into_iter().for_each(|bit| self.put(bit.into(), 1));
    }

    /// Fills the last byte with ones.
    fn close(&mut self) {
        self.end_run();
        self.put(0x7f, (8 - self.count) % 8);
    }

    fn block(&mut self, block: &[i32; 64], scan: &Scan, progressive: bool, mean: &mut i32) {
        let low = scan.bits[1];
        if scan.band[0] == 0 {
            let value = block[0] >> low;
            if scan.bits[0] == 0 {
                self.value(value - *mean, |out, count| out.put(count.into(), 5));
                *mean = value;
            } else {
                self.put(value as u32 & 1, 1);
            }
        }
        if scan.band[1] > 0 {
            match scan.bits[0] {
                0 => self.first(block, [scan.band[0].max(1), scan.band[1]], low, progressive),
                _ => self.refined(block, scan.band, low),
            }
        }
    }

    fn first(&mut self, block: &[i32; 64], [start, end]: [usize; 2], low: u8, progressive: bool) {
        let mut zeros = 0;
        for value in &block[start..=end] {
            let value = value.signum() * (value.abs() >> low);
            if value == 0 {
                zeros += 1;
                continue;
            }
            self.end_run();
            while zeros > 15 {
                self.symbol(0xf0);
                zeros -= 16;
            }
            self.value(value, |out, count| out.symbol(zeros << 4 | count));
            zeros = 0;
        }
        if zeros > 0 {
            self.run += 1;
            if !progressive || self.run == 0x7fff {
                self.end_run();
            }
        }
    }

    fn refined(&mut self, block: &[i32; 64], [start, end]: [usize; 2], low: u8) {
        let level = |at: usize| block[at].abs() >> low;
        let last = (start..=end).rev().find(|at| level(*at) == 1).unwrap_or(0);
        let (mut zeros, mut later) = (0u8, Vec::new());
        for (at, value) in block.iter().enumerate().take(end + 1).skip(start) {
            if level(at) == 0 {
                zeros += 1;
                continue;
            }
            while zeros > 15 && at <= last {
                self.end_run();
                self.symbol(0xf0);
                zeros -= 16;
                later.drain(..).for_each(|bit: u8| self.put(bit.into(), 1));
            }
            if level(at) > 1 {
                later.push((level(at) & 1) as u8);
                continue;
            }
            self.end_run();
            self.symbol(zeros << 4 | 1);
            self.put((*value > 0).into(), 1);
            later.drain(..).for_each(|bit: u8| self.put(bit.into(), 1));
            zeros = 0;
        }
        if zeros > 0 || !later.is_empty() {
            self.run += 1;
            self.held.extend(later);
            if self.run == 0x7fff {
                self.end_run();
            }
        }
    }
}
