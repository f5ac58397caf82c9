//! What is known of each cause beforehand: `data/causes.txt`, and `data/fitted.txt`.

use crate::look::Look;
use crate::questions::{Choice, Question};
use crate::{Place, Server, Signs};
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
    /// The certificate's time is over.
    Expired,
    /// The certificate's time has not begun.
    NotYetValid,
    /// The certificate is a host's.
    HostCert,
    /// The certificate is of the old format.
    OldFormat,
    /// Its system is one that rules its ciphers.
    SystemPolicy,
    /// The longer its line, the likelier.
    LongLine,
    /// It happens to RSA keys rather than to others: they alone have several signature algorithms.
    RatherRsa,
    /// More than one key was offered.
    ManyKeys,
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
            "expired" => Need::Expired,
            "not-yet-valid" => Need::NotYetValid,
            "host-cert" => Need::HostCert,
            "old-format" => Need::OldFormat,
            "system-policy" => Need::SystemPolicy,
            "rather-rsa" => Need::RatherRsa,
            "long-line" => Need::LongLine,
            "many-keys" => Need::ManyKeys,
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
    /// Where it is seen, as the catalogue has it.
    pub(crate) places: Vec<Place>,
    pub(crate) needs: Vec<Need>,
    /// `None`: either way.
    pub(crate) answers: Vec<(Question, Option<Choice>)>,
    /// How often it was seen to look how.
    pub(crate) seen: Vec<(Look, f64)>,
    /// How often it was seen on Dropbear, and how often on OpenSSH.
    pub(crate) on: (f64, f64),
    /// How often a question was answered how where it was the true one.
    pub(crate) told: Vec<(Question, Choice, f64)>,
}

/// What is known beforehand: the table of causes, and what was fitted.
#[derive(Clone, Debug)]
pub struct Model {
    pub(crate) rows: Vec<Row>,
    /// The share of how often a cause happens that is spread over all causes alike: what was
    /// counted is a sample.
    pub spread: f64,
    /// How often an answer is what the table says.
    pub answer: f64,
    /// Which share of what the likely causes have above 2 % goes to those that are lifted to it.
    pub room: f64,
    /// A cause less likely than this is not lifted.
    pub least: f64,
}

impl Model {
    /// The tables that were built in.
    #[must_use]
    pub fn built_in() -> &'static Model {
        static MODEL: OnceLock<Model> = OnceLock::new();
        MODEL.get_or_init(|| {
            Model::read(
                include_str!("../data/causes.txt"),
                include_str!("../data/fitted.txt"),
            )
        })
    }

    /// The table of causes alone, for fitting.
    #[must_use]
    pub fn unfitted() -> Model {
        Model::read(include_str!("../data/causes.txt"), "")
    }

    /// How often a cause was counted in public threads; `None`: it is not ranked.
    #[must_use]
    pub fn cases(&self, id: &str) -> Option<f64> {
        self.rows.iter().find(|r| r.id == id).map(|r| r.cases)
    }

    fn read(causes: &'static str, fitted: &'static str) -> Model {
        let lines = |text: &'static str| {
            text.lines()
                .filter(|l| !l.starts_with('#') && !l.trim().is_empty())
        };
        let mut out = Model {
            rows: lines(causes).filter_map(row).collect(),
            spread: 0.1,
            answer: 0.85,
            room: 0.0,
            least: 1.0,
        };
        for line in lines(fitted) {
            let words: Vec<&'static str> = line.split_whitespace().collect();
            match words.as_slice() {
                ["spread", n] => out.spread = n.parse().unwrap_or(out.spread),
                ["answer", n] => out.answer = n.parse().unwrap_or(out.answer),
                ["room", n] => out.room = n.parse().unwrap_or(out.room),
                ["least", n] => out.least = n.parse().unwrap_or(out.least),
                ["seen", id, look, n] => {
                    if let (Some(look), Ok(n)) = (Look::parse(look), n.parse()) {
                        out.looked(id, look, n);
                    }
                }
                ["on", id, dropbear, openssh] => {
                    if let (Ok(dropbear), Ok(openssh)) = (dropbear.parse(), openssh.parse())
                        && let Some(row) = out.rows.iter_mut().find(|r| r.id == *id)
                    {
                        row.on = (dropbear, openssh);
                    }
                }
                ["told", id, question, choice, n] => {
                    let question = Question::ALL.into_iter().find(|q| q.word() == *question);
                    let choice = question.and_then(|q| q.choice(choice));
                    if let (Some(question), Some(choice), Ok(n)) = (question, choice, n.parse()) {
                        out.heard(id, question, choice, n);
                    }
                }
                _ => {}
            }
        }
        out
    }

    /// Counts that a cause was seen so.
    pub fn saw(&mut self, id: &str, signs: &Signs, n: f64) {
        self.looked(id, Look::of(signs), n);
    }

    fn looked(&mut self, id: &str, look: Look, n: f64) {
        if let Some(row) = self.rows.iter_mut().find(|r| r.id == id) {
            match row.seen.iter_mut().find(|(l, _)| *l == look) {
                Some((_, known)) => *known += n,
                None => row.seen.push((look, n)),
            }
        }
    }

    /// Counts on which server a cause was seen.
    pub fn met(&mut self, id: &str, server: Option<Server>, n: f64) {
        if let Some(row) = self.rows.iter_mut().find(|r| r.id == id) {
            match server {
                Some(Server::Dropbear) => row.on.0 += n,
                Some(Server::OpenSsh(..) | Server::Sshwhy) => row.on.1 += n,
                _ => {}
            }
        }
    }

    /// Counts that a question was answered so where a cause was the true one.
    pub fn heard(&mut self, id: &str, question: Question, choice: Choice, n: f64) {
        if let Some(row) = self.rows.iter_mut().find(|r| r.id == id) {
            let known = row.told.iter_mut();
            match known
                .into_iter()
                .find(|(q, c, _)| (*q, *c) == (question, choice))
            {
                Some((_, _, known)) => *known += n,
                None => row.told.push((question, choice, n)),
            }
        }
    }

    /// What was counted and fitted, as `data/fitted.txt` has it.
    #[must_use]
    pub fn fitted(&self) -> String {
        let mut out = format!(
            "spread {}\nanswer {}\nroom {}\nleast {}\n",
            self.spread, self.answer, self.room, self.least
        );
        for row in &self.rows {
            for (look, n) in &row.seen {
                out.push_str(&format!("seen {} {} {n}\n", row.id, look.word()));
            }
            if row.on != (0.0, 0.0) {
                out.push_str(&format!("on {} {} {}\n", row.id, row.on.0, row.on.1));
            }
            for (question, choice, n) in &row.told {
                if let Some(answer) = question.choices().get(choice.0) {
                    let (id, question, word) = (row.id, question.word(), answer.word);
                    out.push_str(&format!("told {id} {question} {word} {n}\n"));
                }
            }
        }
        out
    }

    /// How likely a cause looks so: as it was counted, and where it was not, where the catalogue has it.
    pub(crate) fn at(&self, row: &Row, look: Look) -> f64 {
        const TRUST: f64 = 2.0;
        let (mut here, mut all) = (0.0, 0.0);
        for (at, n) in &row.seen {
            all += n;
            if *at == look {
                here += n;
            }
        }
        let own = if row.places.contains(&look.place) {
            0.97 / (row.places.len() * Look::ways(look.place)) as f64
        } else {
            0.0001
        };
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
        answers.push((question, question.choice(choice)));
    }
    Some(Row {
        id,
        cases: cases.parse().ok()?,
        group,
        places: place
            .split(',')
            .map(|word| Place::ALL.into_iter().find(|p| p.word() == word))
            .collect::<Option<_>>()?,
        needs: needs.split(',').filter_map(Need::parse).collect(),
        answers,
        seen: Vec::new(),
        on: (0.0, 0.0),
        told: Vec::new(),
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
        assert_eq!(lines.count(), Model::built_in().rows.len());
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
        let mut ids: Vec<&str> = Model::built_in().rows.iter().map(|r| r.id).collect();
        ids.sort_unstable();
        let all = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), all);
    }
}
