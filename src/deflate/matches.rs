//! Finding repeated text: hash chains over a sliding window, with one step of hesitation before a match is taken.

use super::Level;
use super::block::{BlockWriter, Token};

/// How far back a match can lie.
const WINDOW: usize = 1 << 15;
const WINDOW_MASK: usize = WINDOW - 1;
/// The shortest match that is taken; the format would allow 3.
const SHORTEST: usize = 4;
/// The longest match of the format.
const LONGEST: usize = 258;
/// A match of the shortest length is taken only when it is this near.
const NEAR: usize = 4096;
/// Bits of a hash.
const HASH_BITS: u32 = 17;
/// Tokens of one block.
const BLOCK_TOKENS: usize = 1 << 14;
/// Positions are counted anew beyond this.
const LARGEST_BASE: usize = 1 << 24;

/// How hard to look.
#[derive(Debug)]
struct Effort {
    /// Matches at least this long are taken without looking at the next position.
    lazy: usize,
    /// Matches at least this long end the search.
    nice: usize,
    /// Earlier places looked at.
    chain: usize,
}

/// Where a match lies.
#[derive(Clone, Copy, Debug)]
struct Match {
    length: usize,
    distance: usize,
}

const NONE: Match = Match { length: SHORTEST - 1, distance: 0 };

/// The window and what is known of it.
#[derive(Debug)]
pub(super) struct Matcher {
    effort: Effort,
    /// Two windows of input.
    window: Vec<u8>,
    /// End of the input in the window.
    end: usize,
    /// Position that is looked at.
    at: usize,
    /// Where the input of the current block starts, unless it has left the window.
    block_start: Option<usize>,
    tokens: Vec<Token>,
    /// The byte before `at` has no token yet.
    has_pending: bool,
    /// The match found at the position before.
    previous: Match,
    /// By hash: the last position with it, plus `base`; 0 is none.
    heads: Vec<u32>,
    /// By position in the window: the position before it with the same hash, plus `base`.
    chains: Vec<u32>,
    /// What is added to positions, so that they stay valid when the window moves.
    base: usize,
    /// Head of the chain of the current position, before it was entered; stays when a position is too near the end to
    /// be entered.
    head: i64,
}

impl Matcher {
    pub(super) fn new(level: Level) -> Self {
        let effort = match level {
            Level::Five => Effort { lazy: 16, nice: 32, chain: 32 },
            Level::Six => Effort { lazy: 16, nice: 128, chain: 128 },
        };
        Self {
            effort,
            window: vec![0; 2 * WINDOW],
            end: 0,
            at: 0,
            block_start: Some(0),
            tokens: Vec::with_capacity(BLOCK_TOKENS + 1),
            has_pending: false,
            previous: NONE,
            heads: vec![0; 1 << HASH_BITS],
            chains: vec![0; WINDOW],
            base: 1,
            head: -1,
        }
    }

    /// Takes as many bytes as fit into the window; how many.
    pub(super) fn fill(&mut self, bytes: &[u8]) -> usize {
        if self.at >= 2 * WINDOW - (SHORTEST + LONGEST) {
            self.slide();
        }
        let count = bytes.len().min(self.window.len() - self.end);
        self.window[self.end..self.end + count].copy_from_slice(&bytes[..count]);
        self.end += count;
        count
    }

    fn slide(&mut self) {
        self.window.copy_within(WINDOW.., 0);
        self.at -= WINDOW;
        self.end -= WINDOW;
        self.block_start = self.block_start.and_then(|start| start.checked_sub(WINDOW));
        self.base += WINDOW;
        if self.base > LARGEST_BASE {
            let delta = u32::try_from(self.base - 1).unwrap_or(u32::MAX);
            self.base = 1;
            self.head -= i64::from(delta);
            for position in self.heads.iter_mut().chain(&mut self.chains) {
                *position = position.saturating_sub(delta);
            }
        }
    }

    /// Makes tokens of the input, up to where a longest match could still grow, or of all of it.
    pub(super) fn advance(&mut self, blocks: &mut BlockWriter, all: bool) {
        if self.end - self.at < SHORTEST + LONGEST && !all {
            return;
        }
        // Positions from here on have fewer than four bytes to hash.
        let unhashable = (self.end + 1).saturating_sub(SHORTEST);
        loop {
            let ahead = self.end - self.at;
            if ahead < SHORTEST + LONGEST && !all {
                return;
            }
            if ahead == 0 {
                self.end_block(blocks);
                return;
            }
            if self.at < unhashable {
                self.head = i64::from(self.enter(self.at));
            }
            let before = std::mem::replace(&mut self.previous, NONE);
            if let Some(found) = self.look(before.length, ahead) {
                self.previous = found;
            }
            if before.length >= SHORTEST && self.previous.length <= before.length {
                self.take(before, unhashable, blocks);
            } else {
                self.hesitate(blocks);
            }
        }
    }

    /// The last tokens of the input.
    fn end_block(&mut self, blocks: &mut BlockWriter) {
        if self.has_pending {
            self.tokens.push(Token::Literal(self.window[self.at - 1]));
            self.has_pending = false;
        }
        if !self.tokens.is_empty() {
            self.write_block(self.at, blocks);
        }
    }

    /// Nothing better came: the match of the position before is taken, and what it covers is entered.
    fn take(&mut self, found: Match, unhashable: usize, blocks: &mut BlockWriter) {
        self.tokens.push(Token::matched(found.length, found.distance));
        let next = self.at + found.length - 1;
        for position in self.at + 1..next.min(unhashable) {
            self.enter(position);
        }
        self.at = next;
        self.has_pending = false;
        self.previous = NONE;
        if self.tokens.len() == BLOCK_TOKENS {
            self.write_block(self.at, blocks);
        }
    }

    /// The byte before becomes a literal; the one here waits for what the next position brings.
    fn hesitate(&mut self, blocks: &mut BlockWriter) {
        if self.has_pending {
            self.tokens.push(Token::Literal(self.window[self.at - 1]));
            if self.tokens.len() == BLOCK_TOKENS {
                self.write_block(self.at, blocks);
            }
        }
        self.at += 1;
        self.has_pending = true;
    }

    fn write_block(&mut self, end: usize, blocks: &mut BlockWriter) {
        let input = self.block_start.filter(|start| *start <= end).map(|start| &self.window[start..end]);
        blocks.write(&self.tokens, input);
        self.block_start = Some(end);
        self.tokens.clear();
    }

    /// Puts a position at the head of the chain of its hash; what was there.
    fn enter(&mut self, position: usize) -> u32 {
        let four = [0, 1, 2, 3].map(|at| self.window[position + at]);
        let hash = u32::from_be_bytes(four).wrapping_mul(0x1e35_a7bd) >> (32 - HASH_BITS);
        let entry = u32::try_from(position + self.base).unwrap_or(u32::MAX);
        let before = std::mem::replace(&mut self.heads[hash as usize], entry);
        self.chains[position & WINDOW_MASK] = before;
        before
    }

    /// The longest match at the current position, when it is worth looking after one of this length before it.
    fn look(&self, before: usize, ahead: usize) -> Option<Match> {
        let oldest = self.at.saturating_sub(WINDOW);
        let start = usize::try_from(self.head).ok()?.checked_sub(self.base)?;
        if start < oldest || ahead <= before || before >= self.effort.lazy {
            return None;
        }
        let limit = ahead.min(LONGEST);
        let (known, here) = (&self.window[..self.at + limit], &self.window[self.at..self.at + limit]);
        let nice = limit.min(self.effort.nice);
        let mut best = NONE;
        let mut place = start;
        for _ in 0..self.effort.chain {
            if known[place + best.length] == here[best.length] {
                let length = known[place..].iter().zip(here).take_while(|(a, b)| a == b).count();
                let distance = self.at - place;
                if length > best.length && (length > SHORTEST || distance <= NEAR) {
                    best = Match { length, distance };
                    if length >= nice {
                        break;
                    }
                }
            }
            if place + WINDOW == self.at {
                // Its link in the chain has been overwritten.
                break;
            }
            match (self.chains[place & WINDOW_MASK] as usize).checked_sub(self.base) {
                Some(earlier) if earlier + WINDOW >= self.at => place = earlier,
                _ => break,
            }
        }
        (best.distance > 0).then_some(best)
    }
}
