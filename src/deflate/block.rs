//! Writing blocks: each as fixed codes, codes of its own, or stored, whichever is smallest.

use std::ops::RangeInclusive;

use super::huffman::Codes;

/// A byte, or a repetition.
#[derive(Clone, Copy, Debug)]
pub(super) enum Token {
    Literal(u8),
    /// Length less 3, distance less 1.
    Match(u8, u16),
}

impl Token {
    /// A repetition of this length (3 to 258) from this far back (1 to 32768).
    pub(super) fn matched(length: usize, distance: usize) -> Self {
        Self::Match(u8::try_from(length - 3).unwrap_or(u8::MAX), u16::try_from(distance - 1).unwrap_or(u16::MAX))
    }
}

const LITERALS: usize = 286;
const DISTANCES: usize = 30;
const END: usize = 256;
const LONGEST_STORED: usize = 65535;

/// Smallest length less 3 of each length code, and its extra bits.
const LENGTHS: [(u16, u8); 29] = [
    (0, 0),
    (1, 0),
    (2, 0),
    (3, 0),
    (4, 0),
    (5, 0),
    (6, 0),
    (7, 0),
    (8, 1),
    (10, 1),
    (12, 1),
    (14, 1),
    (16, 2),
    (20, 2),
    (24, 2),
    (28, 2),
    (32, 3),
    (40, 3),
    (48, 3),
    (56, 3),
    (64, 4),
    (80, 4),
    (96, 4),
    (112, 4),
    (128, 5),
    (160, 5),
    (192, 5),
    (224, 5),
    (255, 0),
];

/// The order in which the lengths of the length codes are written.
const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// Code, extra bits and their number, of a length less 3.
fn length_code(length: u8) -> (usize, u32, u8) {
    let length = u16::from(length);
    let code = LENGTHS.partition_point(|(base, _)| *base <= length) - 1;
    (257 + code, u32::from(length - LENGTHS[code].0), LENGTHS[code].1)
}

/// Code, extra bits and their number, of a distance less 1.
fn distance_code(distance: u16) -> (usize, u32, u8) {
    if distance < 4 {
        return (usize::from(distance), 0, 0);
    }
    let extra = 14 - distance.leading_zeros().min(14);
    let code = 2 * extra as usize + usize::from(distance >> extra);
    (code, u32::from(distance) & ((1 << extra) - 1), u8::try_from(extra).unwrap_or_default())
}

/// How often each symbol comes, and the bits beside the codes.
struct Frequencies {
    literals: Vec<u32>,
    distances: Vec<u32>,
    extra: u64,
}

impl Frequencies {
    fn of(tokens: &[Token]) -> Self {
        let mut found = Self { literals: vec![0; LITERALS], distances: vec![0; DISTANCES], extra: 0 };
        for token in tokens {
            match *token {
                Token::Literal(byte) => found.literals[usize::from(byte)] += 1,
                Token::Match(length, distance) => {
                    let ((length, _, some), (distance, _, more)) = (length_code(length), distance_code(distance));
                    found.literals[length] += 1;
                    found.distances[distance] += 1;
                    found.extra += u64::from(some) + u64::from(more);
                }
            }
        }
        found.literals[END] += 1;
        if found.distances.iter().all(|count| *count == 0) {
            // A table of distances cannot be empty.
            found.distances[0] = 1;
        }
        found
    }
}

/// The table of codes that a dynamic block starts with.
struct Table {
    literals: Codes,
    distances: Codes,
    literal_count: usize,
    distance_count: usize,
    /// Symbols of the length code, with extra bits and their number.
    symbols: Vec<Symbol>,
    lengths: Codes,
    /// How many lengths of the length code are written.
    length_count: usize,
    /// Bits of all of it.
    size: u64,
}

impl Table {
    fn of(frequencies: &Frequencies) -> Self {
        let count = |list: &[u32]| list.iter().rposition(|count| *count != 0).map_or(0, |last| last + 1);
        let (literal_count, distance_count) = (count(&frequencies.literals), count(&frequencies.distances));
        let literals = Codes::for_frequencies(&frequencies.literals, 15);
        let distances = Codes::for_frequencies(&frequencies.distances, 15);
        let symbols = run_lengths(&[&literals.lengths[..literal_count], &distances.lengths[..distance_count]].concat());
        let mut uses = vec![0; ORDER.len()];
        symbols.iter().for_each(|(symbol, ..)| uses[*symbol] += 1);
        let lengths = Codes::for_frequencies(&uses, 7);
        let length_count = ORDER.iter().rposition(|symbol| uses[*symbol] != 0).map_or(4, |last| (last + 1).max(4));
        let extra: u64 = symbols.iter().map(|(.., bits)| u64::from(*bits)).sum();
        let size = 3 + 5 + 5 + 4 + 3 * length_count as u64 + lengths.size_of(&uses) + extra;
        Self { literals, distances, literal_count, distance_count, symbols, lengths, length_count, size }
    }
}

/// A symbol of the length code, its extra bits, and their number.
type Symbol = (usize, u32, u8);

/// Code lengths with repetitions: 16 repeats the last one 3 to 6 times, 17 and 18 write 3 to 10 and 11 to 138 zeros.
fn run_lengths(lengths: &[u8]) -> Vec<Symbol> {
    let mut symbols = Vec::new();
    for run in lengths.chunk_by(|a, b| a == b) {
        let (length, mut left) = (usize::from(run[0]), run.len());
        if length == 0 {
            repeat(&mut symbols, (18, 7), 11..=138, &mut left);
            repeat(&mut symbols, (17, 3), 3..=10, &mut left);
        } else {
            symbols.push((length, 0, 0));
            left -= 1;
            repeat(&mut symbols, (16, 2), 3..=6, &mut left);
        }
        symbols.extend(std::iter::repeat_n((length, 0, 0), left));
    }
    symbols
}

/// Writes as many repetitions as fit.
fn repeat(symbols: &mut Vec<Symbol>, symbol: (usize, u8), counts: RangeInclusive<usize>, left: &mut usize) {
    while *left >= *counts.start() {
        let count = (*left).min(*counts.end());
        symbols.push((symbol.0, u32::try_from(count - counts.start()).unwrap_or_default(), symbol.1));
        *left -= count;
    }
}

/// Bits, lowest first, and the blocks made of them.
#[derive(Debug, Default)]
pub(super) struct BlockWriter {
    out: Vec<u8>,
    bits: u64,
    count: u32,
}

impl BlockWriter {
    /// Writes a block that is not the last. Without its input it cannot be stored.
    pub(super) fn write(&mut self, tokens: &[Token], input: Option<&[u8]>) {
        let frequencies = Frequencies::of(tokens);
        let (literals, distances) = (Codes::fixed_literals(), Codes::fixed_distances());
        let size = |literals: &Codes, distances: &Codes| {
            literals.size_of(&frequencies.literals) + distances.size_of(&frequencies.distances) + frequencies.extra
        };
        let table = Table::of(&frequencies);
        let (fixed, dynamic) = (3 + size(&literals, &distances), table.size + size(&table.literals, &table.distances));
        let storable = input.filter(|input| input.len() <= LONGEST_STORED);
        if let Some(input) = storable.filter(|input| (input.len() as u64 + 5) * 8 < fixed.min(dynamic)) {
            self.stored_header(input.len(), false);
            self.out.extend_from_slice(input);
        } else if dynamic < fixed {
            self.header(&table);
            self.tokens(tokens, &table.literals, &table.distances);
        } else {
            self.put(2, 3);
            self.tokens(tokens, &literals, &distances);
        }
    }

    /// The head of a stored block, up to a whole byte.
    pub(super) fn stored_header(&mut self, length: usize, is_last: bool) {
        self.put(u32::from(is_last), 3);
        self.align();
        let length = u16::try_from(length).unwrap_or(u16::MAX);
        self.out.extend(length.to_le_bytes());
        self.out.extend((!length).to_le_bytes());
    }

    /// Everything written.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.align();
        self.out
    }

    fn header(&mut self, table: &Table) {
        let small = |count: usize| u32::try_from(count).unwrap_or_default();
        self.put(4, 3);
        self.put(small(table.literal_count - 257), 5);
        self.put(small(table.distance_count - 1), 5);
        self.put(small(table.length_count - 4), 4);
        for symbol in &ORDER[..table.length_count] {
            self.put(u32::from(table.lengths.lengths[*symbol]), 3);
        }
        for (symbol, extra, bits) in &table.symbols {
            self.code(&table.lengths, *symbol);
            self.put(*extra, *bits);
        }
    }

    fn tokens(&mut self, tokens: &[Token], literals: &Codes, distances: &Codes) {
        for token in tokens {
            match *token {
                Token::Literal(byte) => self.code(literals, usize::from(byte)),
                Token::Match(length, distance) => {
                    let ((length, some, bits), (distance, more, count)) =
                        (length_code(length), distance_code(distance));
                    self.code(literals, length);
                    self.put(some, bits);
                    self.code(distances, distance);
                    self.put(more, count);
                }
            }
        }
        self.code(literals, END);
    }

    fn code(&mut self, codes: &Codes, symbol: usize) {
        self.put(u32::from(codes.bits[symbol]), codes.lengths[symbol]);
    }

    fn put(&mut self, bits: u32, count: u8) {
        self.bits |= u64::from(bits) << self.count;
        self.count += u32::from(count);
        while self.count >= 32 {
            self.out.extend(self.bits.to_le_bytes().iter().take(4));
            self.bits >>= 32;
            self.count -= 32;
        }
    }

    fn align(&mut self) {
        let bytes = self.count.div_ceil(8) as usize;
        self.out.extend(self.bits.to_le_bytes().iter().take(bytes));
        (self.bits, self.count) = (0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_lengths_and_distances() {
        assert_eq!(length_code(0), (257, 0, 0));
        assert_eq!(length_code(9), (265, 1, 1));
        assert_eq!(length_code(255), (285, 0, 0));
        assert_eq!(distance_code(3), (3, 0, 0));
        assert_eq!(distance_code(4), (4, 0, 1));
        assert_eq!(distance_code(7), (5, 1, 1));
        assert_eq!(distance_code(32767), (29, 8191, 13));
    }

    #[test]
    fn runs_of_lengths() {
        let lengths = [vec![5; 9], vec![0; 150], vec![0; 1], vec![7; 3]].concat();
        let symbols =
            [(5, 0, 0), (16, 3, 2), (5, 0, 0), (5, 0, 0), (18, 127, 7), (18, 2, 7), (7, 0, 0), (7, 0, 0), (7, 0, 0)];
        assert_eq!(run_lengths(&lengths), symbols);
    }
}
