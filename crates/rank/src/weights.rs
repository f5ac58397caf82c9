//! What is known of each cause beforehand: `data/causes.txt`, and `data/fitted.txt`.

use crate::Place;
use crate::questions::{Choice, Question};
use std::sync::OnceLock;

/// What the key, the user or the server has to be for a cause to be likely.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    Cert,
    Rsa,
    Dsa,
    Ecdsa,
    Sk,
    Root,
    PlainUser,
    OpenSsh,
    Dropbear,
    OldOrDropbear,
    Windows,
    /// A system that is seldom met.
    Rare,
    /// The server's server-sig-algs leave the key's algorithm out.
    Unlisted,
    /// The certificate names principals, and not this user.
    NoSuchPrincipal,
    /// The certificate names no principal.
    NoPrincipals,
}

impl Need {
    fn parse(word: &str) -> Option<Need> {
        Some(match word {
            "cert" => Need::Cert,
            "rsa" => Need::Rsa,
            "dsa" => Need::Dsa,
            "ecdsa" => Need::Ecdsa,
            "sk" => Need::Sk,
            "root" => Need::Root,
            "plain-user" => Need::PlainUser,
            "openssh" => Need::OpenSsh,
            "dropbear" => Need::Dropbear,
            "old-or-dropbear" => Need::OldOrDropbear,
            "windows" => Need::Windows,
            "rare" => Need::Rare,
            "unlisted" => Need::Unlisted,
            "no-such-principal" => Need::NoSuchPrincipal,
            "no-principals" => Need::NoPrincipals,
            _ => return None,
        })
    }
}

/// A row of `data/causes.txt`.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) id: &'static str,
    pub(crate) cases: f64,
    pub(crate) group: &'static str,
    pub(crate) place: Place,
    pub(crate) needs: Vec<Need>,
    /// `None`: either way.
    pub(crate) answers: Vec<(Question, Option<Choice>)>,
}

/// The tables.
pub(crate) struct Weights {
    pub(crate) rows: Vec<Row>,
    /// The share of a place that is spread over all its causes alike.
    pub(crate) spread: f64,
    /// How often an answer is what the table says.
    pub(crate) answer: f64,
    /// How often a cause was seen at which place.
    pub(crate) seen: Vec<(&'static str, Place, f64)>,
}

impl Weights {
    /// The tables that were built in.
    pub(crate) fn get() -> &'static Weights {
        static WEIGHTS: OnceLock<Weights> = OnceLock::new();
        WEIGHTS.get_or_init(|| {
            Weights::read(
                include_str!("../data/causes.txt"),
                include_str!("../data/fitted.txt"),
            )
        })
    }

    fn read(causes: &'static str, fitted: &'static str) -> Weights {
        let lines = |text: &'static str| {
            text.lines()
                .filter(|l| !l.starts_with('#') && !l.trim().is_empty())
        };
        let mut out = Weights {
            rows: lines(causes).filter_map(row).collect(),
            spread: 0.1,
            answer: 0.85,
            seen: Vec::new(),
        };
        for line in lines(fitted) {
            let words: Vec<&'static str> = line.split_whitespace().collect();
            match words.as_slice() {
                ["spread", n] => out.spread = n.parse().unwrap_or(out.spread),
                ["answer", n] => out.answer = n.parse().unwrap_or(out.answer),
                ["seen", id, place, n] => {
                    let place = Place::ALL.into_iter().find(|p| p.word() == *place);
                    if let (Some(place), Ok(n)) = (place, n.parse()) {
                        out.seen.push((id, place, n));
                    }
                }
                _ => {}
            }
        }
        out
    }

    /// How likely a cause is seen at a place: as it was counted, and where it was not, where the
    /// catalogue has it.
    pub(crate) fn at(&self, row: &Row, place: Place) -> f64 {
        const TRUST: f64 = 2.0;
        let (mut here, mut all) = (0.0, 0.0);
        for (id, at, n) in &self.seen {
            if *id == row.id {
                all += n;
                if *at == place {
                    here += n;
                }
            }
        }
        let own = if row.place == place { 0.97 } else { 0.0001 };
        (here + TRUST * own) / (all + TRUST)
    }
}

fn row(line: &'static str) -> Option<Row> {
    let mut words = line.split_whitespace();
    let (id, cases, group) = (words.next()?, words.next()?, words.next()?);
    let place = words.next()?;
    let needs = words.next()?;
    let mut answers = Vec::new();
    for word in words {
        let (question, choice) = word.split_once('=').unwrap_or(("", ""));
        let Some(question) = Question::ALL.into_iter().find(|q| q.word() == question) else {
            continue;
        };
        let choice = question.choices().iter().position(|c| c.word == choice);
        answers.push((question, choice.map(Choice)));
    }
    Some(Row {
        id,
        cases: cases.parse().ok()?,
        group,
        place: Place::ALL.into_iter().find(|p| p.word() == place)?,
        needs: needs.split(',').filter_map(Need::parse).collect(),
        answers,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_of_the_table_is_read() {
        let lines = include_str!("../data/causes.txt")
            .lines()
            .filter(|l| !l.starts_with('#'));
        assert_eq!(lines.count(), Weights::get().rows.len());
        for line in include_str!("../data/causes.txt").lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            if line.starts_with('#') {
                continue;
            }
            let needs = words[4].split(',').filter(|w| *w != "-");
            for need in needs {
                assert!(Need::parse(need).is_some(), "{line}");
            }
            for answer in &words[5..] {
                let (question, choice) = answer.split_once('=').unwrap_or(("-", "?"));
                let found = Question::ALL.into_iter().find(|q| q.word() == question);
                let known =
                    |q: Question| choice == "?" || q.choices().iter().any(|c| c.word == choice);
                assert!(*answer == "-" || found.is_some_and(known), "{line}");
            }
        }
    }

    #[test]
    fn a_cause_stands_in_the_table_once() {
        let mut ids: Vec<&str> = Weights::get().rows.iter().map(|r| r.id).collect();
        ids.sort_unstable();
        let all = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), all);
    }
}
