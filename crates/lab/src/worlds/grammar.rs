//! The operators: texts in `operators/*.txt` that expand to world lines.
//!
//! `@op NAME MOOD WEIGHT` starts an operator; its paragraphs are its variants, each of world
//! lines. `@is NAME` starts a list of words, one a line. In both, `<name>` stands for one of a
//! list or for what `let name …` bound, `<a;b;c>` for one of these, `<name:1>` for a word of a
//! binding, `<any-mode>` for an octal mode. A `<` before a blank stands for itself.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::rng::Rng;

/// What an operator does to a world that was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mood {
    /// Sets the world up: who tries, with what.
    Context,
    /// Mostly nothing.
    Calm,
    /// Either.
    Either,
    /// Mostly a refusal.
    Harsh,
}

/// One kind of change.
#[derive(Debug)]
pub(super) struct Operator {
    /// Its name.
    pub(super) name: &'static str,
    /// What it mostly does.
    pub(super) mood: Mood,
    /// How often it is taken, against others of its mood.
    pub(super) weight: usize,
    variants: Vec<&'static str>,
}

/// All operators and lists.
#[derive(Debug)]
pub(super) struct Grammar {
    pub(super) operators: Vec<Operator>,
    lists: BTreeMap<&'static str, Vec<&'static str>>,
}

const TEXTS: [&str; 8] = [
    include_str!("operators/attempt.txt"),
    include_str!("operators/account.txt"),
    include_str!("operators/files.txt"),
    include_str!("operators/config.txt"),
    include_str!("operators/match.txt"),
    include_str!("operators/lines.txt"),
    include_str!("operators/sources.txt"),
    include_str!("operators/pam.txt"),
];

/// Deeper than this no word is made of others.
const MAX_DEPTH: usize = 16;

/// What `let` bound so far.
pub(super) type Bindings = BTreeMap<&'static str, String>;

impl Grammar {
    /// The operators that come with the lab.
    pub(super) fn get() -> &'static Grammar {
        static GRAMMAR: OnceLock<Grammar> = OnceLock::new();
        GRAMMAR.get_or_init(|| {
            let mut grammar = Grammar {
                operators: Vec::new(),
                lists: BTreeMap::new(),
            };
            for text in TEXTS {
                grammar.read(text);
            }
            grammar
        })
    }

    fn read(&mut self, text: &'static str) {
        for block in blocks(text) {
            let (head, body) = block.split_once('\n').unwrap_or((block, ""));
            let mut words = head.split(' ');
            match (words.next(), words.next()) {
                (Some("is"), Some(name)) => {
                    let lines = body.lines().filter(|l| !l.is_empty() && !remark(l));
                    self.lists.insert(name, lines.collect());
                }
                (Some("op"), Some(name)) => {
                    let mood = match words.next() {
                        Some("context") => Mood::Context,
                        Some("calm") => Mood::Calm,
                        Some("harsh") => Mood::Harsh,
                        _ => Mood::Either,
                    };
                    let weight = words.next().and_then(|w| w.parse().ok()).unwrap_or(1);
                    let variants = body.split("\n\n").map(|v| v.trim_matches('\n'));
                    let variants = variants.filter(|v| !v.is_empty() && !v.lines().all(remark));
                    self.operators.push(Operator {
                        name,
                        mood,
                        weight,
                        variants: variants.collect(),
                    });
                }
                _ => {}
            }
        }
    }

    /// World lines of an operator.
    pub(super) fn apply(&self, op: &Operator, bound: &mut Bindings, rng: &mut Rng) -> String {
        let mut out = String::new();
        let variant = rng.pick(&op.variants).copied().unwrap_or_default();
        for line in variant.lines().filter(|l| !remark(l)) {
            if let Some((name, value)) = line.strip_prefix("let ").and_then(|l| l.split_once(' ')) {
                let mut text = String::new();
                self.expand(value, bound, rng, 0, &mut text);
                bound.insert(name, text);
                continue;
            }
            self.expand(line, bound, rng, 0, &mut out);
            out.push('\n');
        }
        out
    }

    fn expand(&self, text: &str, bound: &Bindings, rng: &mut Rng, depth: usize, out: &mut String) {
        let mut rest = text;
        while let Some((before, inside, after)) = next_hole(rest) {
            out.push_str(before);
            rest = after;
            if depth >= MAX_DEPTH {
                continue;
            }
            let choices = split(inside);
            if let [one] = choices.as_slice() {
                match self.word(one, bound, rng) {
                    Some(Found::Text(text)) => out.push_str(&text),
                    Some(Found::Rule(rule)) => self.expand(rule, bound, rng, depth + 1, out),
                    None => self.expand(one, bound, rng, depth + 1, out),
                }
            } else if let Some(choice) = rng.pick(&choices) {
                self.expand(choice, bound, rng, depth + 1, out);
            }
        }
        out.push_str(rest);
    }

    fn word(&self, name: &str, bound: &Bindings, rng: &mut Rng) -> Option<Found> {
        if let Some(text) = bound.get(name) {
            return Some(Found::Text(text.clone()));
        }
        if let Some(list) = self.lists.get(name) {
            return rng.pick(list).map(|rule| Found::Rule(rule));
        }
        if name == "any-mode" {
            return Some(Found::Text(format!("{:04o}", rng.below(0o10000))));
        }
        let (name, number) = name.split_once(':')?;
        let word = bound
            .get(name)?
            .split(' ')
            .nth(number.parse::<usize>().ok()?.checked_sub(1)?)?;
        Some(Found::Text(word.to_string()))
    }
}

/// The parts of a text that start with `@op ` or `@is `, without the `@`.
fn blocks(text: &'static str) -> Vec<&'static str> {
    let starts = |text: &str| text.starts_with("@op ") || text.starts_with("@is ");
    let lines = text.match_indices('\n').map(|(i, _)| i + 1);
    let mut at: Vec<usize> = std::iter::once(0).chain(lines).collect();
    at.retain(|&i| text.get(i..).is_some_and(starts));
    at.push(text.len());
    at.array_windows()
        .filter_map(|&[from, to]| text.get(from + 1..to))
        .collect()
}

enum Found {
    Text(String),
    Rule(&'static str),
}

/// A remark: `## ` at the start of a line.
fn remark(line: &str) -> bool {
    line.starts_with("## ")
}

/// The text before the first `<…>`, what stands in it, and the rest.
fn next_hole(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let open = from + text.get(from..)?.find('<')?;
        let inside = text.get(open + 1..)?;
        if inside.starts_with(' ') && !inside.contains(';') {
            from = open + 1;
            continue;
        }
        let mut depth = 0_usize;
        for (i, c) in inside.char_indices() {
            match c {
                '<' => depth += 1,
                '>' if depth == 0 => {
                    return Some((text.get(..open)?, inside.get(..i)?, inside.get(i + 1..)?));
                }
                '>' => depth -= 1,
                _ => {}
            }
        }
        return None;
    }
}

/// The choices of a hole.
fn split(inside: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let (mut depth, mut from) = (0_usize, 0);
    for (i, c) in inside.char_indices() {
        match c {
            '<' => depth += 1,
            '>' => depth = depth.saturating_sub(1),
            ';' if depth == 0 => {
                out.extend(inside.get(from..i));
                from = i + 1;
            }
            _ => {}
        }
    }
    out.extend(inside.get(from..));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_filled_from_lists_bindings_and_choices() {
        let grammar = Grammar::get();
        let bound = Bindings::from([("user", "alice".to_string()), ("pair", "a b".to_string())]);
        let expand = |text: &str| {
            let mut out = String::new();
            grammar.expand(text, &bound, &mut Rng::of(1, 1, 1), 0, &mut out);
            out
        };
        assert_eq!(expand("x<user>-<pair:2><> uid < 5"), "xalice-b uid < 5");
        assert!(["0", "1", "alice"].contains(&expand("<0;1;<user>>").as_str()));
        assert_eq!(expand("<any-mode>").len(), 4);
    }

    #[test]
    fn every_operator_has_variants_and_every_mood_has_operators() {
        let grammar = Grammar::get();
        for op in &grammar.operators {
            assert!(!op.variants.is_empty() && op.weight > 0, "{}", op.name);
        }
        for mood in [Mood::Context, Mood::Calm, Mood::Either, Mood::Harsh] {
            assert!(grammar.operators.iter().filter(|o| o.mood == mood).count() > 4);
        }
    }
}
