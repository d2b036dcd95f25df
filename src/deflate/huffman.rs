//! Huffman codes of limited length, by package-merge; of two equal weights the package goes before the symbol, as in Go.

/// One code per symbol; the bits are in the order in which they are written.
#[derive(Clone, Debug, Default)]
pub(super) struct Codes {
    pub bits: Vec<u16>,
    pub lengths: Vec<u8>,
}

impl Codes {
    /// The shortest codes of at most `longest` bits for symbols of these frequencies.
    pub(super) fn for_frequencies(frequencies: &[u32], longest: usize) -> Self {
        let mut codes = Self { bits: vec![0; frequencies.len()], lengths: vec![0; frequencies.len()] };
        let mut used: Vec<(u32, usize)> = frequencies
            .iter()
            .enumerate()
            .filter(|(_, count)| **count != 0)
            .map(|(symbol, count)| (*count, symbol))
            .collect();
        if used.len() <= 2 {
            for (code, (_, symbol)) in used.iter().enumerate() {
                codes.set(*symbol, u16::from(code == 1), 1);
            }
            return codes;
        }
        used.sort_unstable();
        let weights: Vec<u64> = used.iter().map(|(count, _)| u64::from(*count)).collect();
        codes.assign(&counts_by_length(&weights, longest.min(used.len() - 1)), &used);
        codes
    }

    /// The codes that the format fixes for literals and lengths.
    pub(super) fn fixed_literals() -> Self {
        let mut codes = Self { bits: vec![0; 286], lengths: vec![0; 286] };
        for symbol in 0_u16..286 {
            let (code, length) = match symbol {
                0..144 => (symbol + 48, 8),
                144..256 => (symbol + 400 - 144, 9),
                256..280 => (symbol - 256, 7),
                _ => (symbol + 192 - 280, 8),
            };
            codes.set(usize::from(symbol), code, length);
        }
        codes
    }

    /// The codes that the format fixes for distances.
    pub(super) fn fixed_distances() -> Self {
        let mut codes = Self { bits: vec![0; 30], lengths: vec![0; 30] };
        (0_u16..30).for_each(|symbol| codes.set(usize::from(symbol), symbol, 5));
        codes
    }

    /// Bits of a text with these frequencies.
    pub(super) fn size_of(&self, frequencies: &[u32]) -> u64 {
        frequencies.iter().zip(&self.lengths).map(|(count, length)| u64::from(*count) * u64::from(*length)).sum()
    }

    /// Canonical codes: the most frequent symbols get the shortest, and codes of a length follow the symbols' order.
    fn assign(&mut self, counts: &[usize], used: &[(u32, usize)]) {
        let (mut code, mut rest) = (0_u16, used);
        for (length, count) in (1_u8..).zip(counts) {
            code <<= 1;
            let (others, group) = rest.split_at(rest.len() - count);
            let mut symbols: Vec<usize> = group.iter().map(|(_, symbol)| *symbol).collect();
            symbols.sort_unstable();
            for symbol in symbols {
                self.set(symbol, code, length);
                code += 1;
            }
            rest = others;
        }
    }

    fn set(&mut self, symbol: usize, code: u16, length: u8) {
        self.bits[symbol] = code.reverse_bits() >> (16 - length);
        self.lengths[symbol] = length;
    }
}

/// How many symbols get 1, 2, … bits. The weights rise, and there are at least three.
fn counts_by_length(weights: &[u64], longest: usize) -> Vec<usize> {
    // Each row holds what the row before packs in pairs, merged with all symbols. Only whether an item is a symbol
    // matters later.
    let mut rows: Vec<Vec<bool>> = Vec::with_capacity(longest);
    let mut packages: Vec<u64> = Vec::new();
    for _ in 0..longest {
        let (mut row, mut sums) = (Vec::new(), Vec::<u64>::new());
        let (mut symbols, mut packs) = (weights.iter().peekable(), packages.iter().peekable());
        loop {
            let takes_symbol = match (symbols.peek(), packs.peek()) {
                (Some(symbol), Some(pack)) => symbol < pack,
                (Some(_), None) => true,
                (None, Some(_)) => false,
                (None, None) => break,
            };
            sums.extend(if takes_symbol { symbols.next() } else { packs.next() });
            row.push(takes_symbol);
        }
        packages = sums.chunks_exact(2).map(|pair| pair[0] + pair[1]).collect();
        rows.push(row);
    }
    // From the last row the first 2n - 2 items are taken; each package among them takes two items of the row before.
    let mut taken = 2 * weights.len() - 2;
    let mut symbols: Vec<usize> = Vec::with_capacity(longest + 1);
    for row in rows.iter().rev() {
        let count = row.iter().take(taken).filter(|is_symbol| **is_symbol).count();
        symbols.push(count);
        taken = 2 * (taken - count);
    }
    symbols.push(0);
    symbols.windows(2).map(|pair| pair[0] - pair[1]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequent_symbols_get_short_codes_within_the_limit() {
        assert_eq!(Codes::for_frequencies(&[5, 0, 1, 1, 3], 15).lengths, [1, 0, 3, 3, 2]);
        let fibonacci = [1, 1, 2, 3, 5, 8, 13, 21, 34, 55];
        let lengths = Codes::for_frequencies(&fibonacci, 5).lengths;
        assert_eq!(lengths.iter().max(), Some(&5));
        let kraft: f64 = lengths.iter().map(|length| f64::from(*length).exp2().recip()).sum();
        assert!((kraft - 1.0).abs() < 1e-12, "{lengths:?}");
    }

    #[test]
    fn one_or_two_symbols_get_one_bit() {
        assert_eq!(Codes::for_frequencies(&[0, 9], 15).lengths, [0, 1]);
        let two = Codes::for_frequencies(&[1, 0, 9], 15);
        assert_eq!((two.lengths, two.bits), (vec![1, 0, 1], vec![0, 0, 1]));
    }
}
