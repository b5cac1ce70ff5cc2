//! Huffman tables, and the bits that they code.

/// Bits of the codes that are looked up at once.
const QUICK: u32 = 9;

/// What ended the reading of coded data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// The data end, or a marker comes, before all is there.
    Early,
    /// The data are none that an encoder writes.
    Wrong,
}

/// A table of codes.
#[derive(Debug, Clone)]
pub(super) struct Table {
    /// For each beginning of [`QUICK`] bits, the length of the code and its symbol; length 0 for a longer code.
    quick: Vec<(u8, u8)>,
    /// For each length, one more than its last code, or 0, and the place of its first symbol less its first code.
    long: [(u32, i32); 17],
    symbols: Vec<u8>,
}

impl Table {
    /// Takes a table from the content of a segment; gives its class (0 DC, 1 AC), its number, and what follows.
    pub fn cut(body: &[u8]) -> Option<(u8, usize, Self, &[u8])> {
        let (&[place, ref counts @ ..], rest) = body.split_first_chunk::<17>()?;
        let (symbols, rest) = rest.split_at_checked(counts.iter().map(|count| usize::from(*count)).sum())?;
        let mut table = Self { quick: vec![(0, 0); 1 << QUICK], long: [(0, 0); 17], symbols: symbols.to_vec() };
        let (mut code, mut at) = (0u32, 0usize);
        for (length, &count) in (1u32..).zip(counts) {
            code <<= 1;
            let next = code + u32::from(count);
            if next > 1 << length {
                return None;
            }
            table.long[length as usize] = (if count > 0 { next } else { 0 }, at as i32 - code as i32);
            for code in code..next {
                if length <= QUICK {
                    let spread = QUICK - length;
                    table.quick[(code << spread) as usize..((code + 1) << spread) as usize]
                        .fill((length as u8, symbols[at]));
                }
                at += 1;
            }
            code = next;
        }
        ((place >> 4) < 2 && (place & 15) < 4).then(|| (place >> 4, usize::from(place & 15), table, rest))
    }
}

/// The bits of coded data, without the zeros that follow each FF.
#[derive(Debug)]
pub(super) struct Bits<'a> {
    rest: &'a [u8],
    buffer: u64,
    count: u32,
}

impl<'a> Bits<'a> {
    pub fn new(data: &'a [u8]) -> Self {
        Self { rest: data, buffer: 0, count: 0 }
    }

    /// Holds at least so many bits, up to 32, where there are any more before a marker.
    fn fill(&mut self, count: u32) {
        while self.count < count {
            let byte = match *self.rest {
                [0xff, 0x00, ..] => {
                    self.rest = &self.rest[1..];
                    0xff
                }
                [0xff, 0xff, ..] => {
                    self.rest = &self.rest[1..];
                    continue;
                }
                [] | [0xff, ..] => return,
                [byte, ..] => byte,
            };
            self.rest = &self.rest[1..];
            self.buffer = self.buffer << 8 | u64::from(byte);
            self.count += 8;
        }
    }

    /// The next bits, up to 16.
    pub fn take(&mut self, count: u32) -> Result<u32, Stop> {
        self.fill(count);
        self.count = self.count.checked_sub(count).ok_or(Stop::Early)?;
        Ok((self.buffer >> self.count) as u32 & ((1 << count) - 1))
    }

    /// The next symbol of a table.
    pub fn symbol(&mut self, table: &Table) -> Result<u8, Stop> {
        self.fill(16);
        // Beyond the last bit there are zeros.
        let ahead = if self.count >= 16 { self.buffer >> (self.count - 16) } else { self.buffer << (16 - self.count) };
        let ahead = ahead as u32 & 0xffff;
        let (length, symbol) = match table.quick[(ahead >> (16 - QUICK)) as usize] {
            (0, _) => {
                let longer = (QUICK + 1..=16).find(|length| ahead >> (16 - length) < table.long[*length as usize].0);
                let Some(length) = longer else {
                    return Err(if self.count < 16 { Stop::Early } else { Stop::Wrong });
                };
                let place = (ahead >> (16 - length)) as i32 + table.long[length as usize].1;
                (length, *table.symbols.get(place as usize).ok_or(Stop::Wrong)?)
            }
            (length, symbol) => (u32::from(length), symbol),
        };
        self.count = self.count.checked_sub(length).ok_or(Stop::Early)?;
        Ok(symbol)
    }

    /// Goes on after the next marker, which must be that of a restart; gives its number.
    pub fn restart(&mut self) -> Result<u8, Stop> {
        (self.buffer, self.count) = (0, 0);
        loop {
            match *self.rest {
                [0xff, marker @ 0xd0..=0xd7, ..] => {
                    self.rest = &self.rest[2..];
                    return Ok(marker - 0xd0);
                }
                [] => return Err(Stop::Early),
                _ => self.rest = &self.rest[1..],
            }
        }
    }

    /// What was not read.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_every_length_are_read() {
        // One code of each length: 0, 10, 110 and so on.
        let body = [&[0x12], &[1; 16][..], &(1..=16).collect::<Vec<u8>>(), b"rest"].concat();
        let (class, number, table, rest) = Table::cut(&body).unwrap();
        assert_eq!((class, number, rest), (1, 2, &b"rest"[..]));
        let text: String = (0..16).map(|ones| "1".repeat(ones) + "0").collect::<String>() + "10101";
        let bits: Vec<u8> = text.bytes().map(|bit| bit - b'0').collect();
        let mut data = Vec::new();
        for byte in bits.chunks(8).map(|bits| bits.iter().fold(0, |byte, bit| byte << 1 | bit) << (8 - bits.len())) {
            data.push(byte);
            if byte == 0xff {
                data.push(0);
            }
        }
        let mut reader = Bits::new(&data);
        for symbol in 1..=16 {
            assert_eq!(reader.symbol(&table), Ok(symbol));
        }
        assert_eq!(reader.take(5), Ok(0b10101));
        assert_eq!(reader.take(8), Err(Stop::Early));
        assert_eq!(Bits::new(&[0xff, 0, 0xff, 0, 0xff, 0]).symbol(&table), Err(Stop::Wrong));
        assert_eq!(Bits::new(&[0xff, 0, 0xff, 0xd0]).symbol(&table), Err(Stop::Early));
        let mut restarted = Bits::new(&[1, 2, 0xff, 0, 0xff, 0xff, 0xd3, 0x80]);
        assert_eq!((restarted.restart(), restarted.take(1)), (Ok(3), Ok(1)));
        assert!(Table::cut(&[&[0], &[3; 16][..], &[0; 48]].concat()).is_none(), "more codes than there are");
        assert!(Table::cut(&[0; 16]).is_none() && Table::cut(&body[..30]).is_none());
    }
}
