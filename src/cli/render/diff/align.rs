//! Which elements of two sequences belong together.

/// Positions in the old and in the new sequence; one side is missing for what goes or comes.
pub(super) type Pair = (Option<usize>, Option<usize>);

/// Comparisons beyond which two sequences count as wholly different.
const MOST_WORK: usize = 4_000_000;

/// The longest common subsequence decides what stays. What goes and what comes in the same place is paired when
/// `pairs_up` says so of both.
pub(super) fn align<T: PartialEq>(old: &[T], new: &[T], pairs_up: impl Fn(&T) -> bool) -> Vec<Pair> {
    let start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) = (&old[start..], &new[start..]);
    let end = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(a, b)| a == b).count();
    let (old_mid, new_mid) = (&old_rest[..old_rest.len() - end], &new_rest[..new_rest.len() - end]);
    let mut pairs: Vec<Pair> = (0..start).map(|at| (Some(at), Some(at))).collect();
    let mut open = (start, start);
    let common = common(old_mid, new_mid).into_iter().map(|(a, b)| (a + start, b + start));
    let tail = (0..=end).map(|at| (old.len() - end + at, new.len() - end + at));
    for (a, b) in common.chain(tail) {
        let (mut i, mut j) = open;
        while i < a {
            if j < b && pairs_up(&old[i]) && pairs_up(&new[j]) {
                pairs.push((Some(i), Some(j)));
                j += 1;
            } else {
                pairs.push((Some(i), None));
            }
            i += 1;
        }
        pairs.extend((j..b).map(|j| (None, Some(j))));
        if a < old.len() {
            pairs.push((Some(a), Some(b)));
        }
        open = (a + 1, b + 1);
    }
    pairs
}

/// Positions of a longest common subsequence.
fn common<T: PartialEq>(old: &[T], new: &[T]) -> Vec<(usize, usize)> {
    if old.len().saturating_mul(new.len()) > MOST_WORK {
        return Vec::new();
    }
    let mut length = vec![vec![0_u32; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            length[i][j] =
                if old[i] == new[j] { length[i + 1][j + 1] + 1 } else { length[i + 1][j].max(length[i][j + 1]) };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut found = Vec::new();
    while i < old.len() && j < new.len() {
        if old[i] == new[j] {
            found.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if length[i + 1][j] >= length[i][j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(old: &str, new: &str, pairs_up: bool) -> String {
        let (old, new): (Vec<char>, Vec<char>) = (old.chars().collect(), new.chars().collect());
        let one = |pair: Pair| match pair {
            (Some(a), Some(b)) if old[a] == new[b] => format!(" {}", old[a]),
            (Some(a), Some(b)) => format!("~{}{}", old[a], new[b]),
            (Some(a), None) => format!("-{}", old[a]),
            (None, Some(b)) => format!("+{}", new[b]),
            (None, None) => String::new(),
        };
        align(&old, &new, |_| pairs_up).into_iter().map(one).collect()
    }

    #[test]
    fn what_is_common_stays() {
        assert_eq!(text("abc", "abc", false), " a b c");
        assert_eq!(text("abcd", "axcd", false), " a-b+x c d");
        assert_eq!(text("abcd", "axcd", true), " a~bx c d");
        assert_eq!(text("", "ab", true), "+a+b");
        assert_eq!(text("abc", "c", true), "-a-b c");
        assert_eq!(text("abcabba", "cbabac", false), "-a-b c-a b+a b a+c");
    }
}
