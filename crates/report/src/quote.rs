//! A source line with its caret, and a path with its mode.

use crate::safe::{Glyph, glyphs};
use crate::secret;
use sshwhy_causes::Evidence;
use std::ops::Range;

/// Most columns of a source line that are printed.
pub(crate) const COLUMNS: usize = 200;

/// Columns kept before the span when a line is cut.
const BEFORE: usize = 60;

/// Width of a tab that no caret points at.
const TAB: usize = 4;

/// A line as printed, and which of its columns matter: column from 0, and how many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Quoted {
    pub(crate) line: String,
    pub(crate) under: Option<(usize, usize)>,
}

/// The byte range of the quoted text that the columns of the evidence mean.
pub(crate) fn span_of(e: &Evidence, len: usize) -> Option<Range<usize>> {
    let first = e.text_column.max(1);
    let place = |column: u64| {
        usize::try_from(column.saturating_sub(first))
            .unwrap_or(len)
            .min(len)
    };
    let start = place(e.column?);
    let end = e.end_column.map_or(start, place).max(start);
    Some(start..end)
}

/// Quotes a line. `cut` says that the text does not start at the line's beginning; nothing before
/// the span is shown then, since it may be the rest of a secret.
pub(crate) fn quote(text: &[u8], span: Option<Range<usize>>, cut: bool) -> Quoted {
    let secrets = secret::ranges(text);
    let shown_from = match &span {
        Some(s) if cut => s.start,
        _ => 0,
    };
    let mut cells: Vec<Glyph> = Vec::new();
    for mut g in glyphs(text) {
        if g.end <= shown_from {
            continue;
        }
        if let Some(r) = secrets.iter().find(|r| r.contains(&g.start)) {
            if cells.last().is_none_or(|l| l.end <= r.start) {
                let mask = String::from_utf8_lossy(secret::MASK).into_owned();
                cells.push(Glyph {
                    width: mask.len(),
                    text: mask,
                    start: r.start,
                    end: r.end,
                });
            }
            continue;
        }
        if g.text == "\\t" && !span.as_ref().is_some_and(|s| s.contains(&g.start)) {
            g.text = " ".repeat(TAB);
            g.width = TAB;
        }
        cells.push(g);
    }
    let Some(span) = span else {
        let (line, _) = window(&cells, 0, cut);
        return Quoted { line, under: None };
    };
    let first = cells
        .iter()
        .position(|g| g.end > span.start)
        .unwrap_or(cells.len());
    let last = cells
        .iter()
        .position(|g| g.start >= span.end.max(span.start.saturating_add(1)))
        .unwrap_or(cells.len())
        .max(first);
    let width = |r: Range<usize>| {
        cells
            .get(r)
            .unwrap_or_default()
            .iter()
            .map(|g| g.width)
            .sum()
    };
    let total: usize = width(0..cells.len());
    let mut from = 0;
    if total > COLUMNS {
        let mut before: usize = width(0..first);
        while before > BEFORE && from < first {
            before -= cells.get(from).map_or(0, |g| g.width);
            from += 1;
        }
    }
    let (line, shown) = window(cells.get(from..).unwrap_or_default(), from, cut);
    let lead = usize::from(cut || from > 0);
    let column = lead + width(from..first);
    let most = (lead + shown).saturating_sub(column).max(1);
    let len = width(first..last).clamp(1, most);
    Quoted {
        line,
        under: Some((column, len)),
    }
}

/// As many cells as fit, with `…` where something was cut; and their columns.
fn window(cells: &[Glyph], from: usize, cut: bool) -> (String, usize) {
    let mut line = String::new();
    if cut || from > 0 {
        line.push('…');
    }
    let mut used = 0usize;
    for g in cells {
        if used + g.width > COLUMNS - 2 {
            line.push('…');
            return (line, used);
        }
        used += g.width;
        line.push_str(&g.text);
    }
    (line, used)
}

/// `drwxrwxr-x`, as ls(1) prints it.
pub(crate) fn mode_text(mode: u32, is_dir: bool) -> String {
    let mut out = String::with_capacity(10);
    out.push(if is_dir { 'd' } else { '-' });
    for (shift, special, set, unset) in [
        (6, 0o4000, 's', 'S'),
        (3, 0o2000, 's', 'S'),
        (0, 0o1000, 't', 'T'),
    ] {
        let bits = mode >> shift;
        out.push(if bits & 4 != 0 { 'r' } else { '-' });
        out.push(if bits & 2 != 0 { 'w' } else { '-' });
        out.push(match (bits & 1 != 0, mode & special != 0) {
            (true, false) => 'x',
            (false, false) => '-',
            (true, true) => set,
            (false, true) => unset,
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn under(q: &Quoted) -> String {
        let (at, len) = q.under.unwrap();
        q.line.chars().skip(at).take(len).collect()
    }

    #[test]
    fn the_caret_stands_under_the_span_whatever_comes_before() {
        let line = "a\tü\u{202e} foo bar".as_bytes();
        let at = line.windows(3).position(|w| w == b"foo").unwrap();
        let q = quote(line, Some(at..at + 3), false);
        assert_eq!(q.line, "a    ü\\u{202e} foo bar");
        assert_eq!(under(&q), "foo");
    }

    #[test]
    fn a_long_line_is_cut_around_its_span() {
        let mut line = vec![b'x'; 5_000];
        line.extend_from_slice(b"HERE");
        line.extend_from_slice(&[b'y'; 5_000]);
        let q = quote(&line, Some(5_000..5_004), false);
        assert!(
            q.line.chars().count() <= COLUMNS,
            "{}",
            q.line.chars().count()
        );
        assert_eq!(under(&q), "HERE");
        let q = quote(&line, Some(10..9_000), true);
        assert!(q.line.chars().count() <= COLUMNS);
        let (at, len) = q.under.unwrap();
        assert!(at + len < COLUMNS);
    }

    #[test]
    fn no_span_breaks_it() {
        let line = "é\x00\u{feff}x\tenvironment=\"A=secret\" z".as_bytes();
        for start in 0..=line.len() + 3 {
            for end in 0..=line.len() + 3 {
                let q = quote(line, Some(start..end), start % 2 == 0);
                assert!(!q.line.contains("secret"));
                assert!(q.under.unwrap().1 >= 1);
            }
        }
        assert_eq!(quote(b"", Some(0..0), false).under, Some((0, 1)));
    }

    #[test]
    fn a_tab_under_the_caret_is_visible() {
        let q = quote(b"ssh-rsa\tAAAA", Some(7..8), false);
        assert_eq!(q.line, "ssh-rsa\\tAAAA");
        assert_eq!(under(&q), "\\t");
    }

    #[test]
    fn modes_read_as_ls_prints_them() {
        assert_eq!(mode_text(0o770, true), "drwxrwx---");
        assert_eq!(mode_text(0o1777, true), "drwxrwxrwt");
        assert_eq!(mode_text(0o4644, false), "-rwSr--r--");
    }
}
