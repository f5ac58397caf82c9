//! Causes by probability: how often each happens, times how likely it would look as it does.

use crate::look::Look;
use crate::questions::{Choice, Question};
use crate::signs::{KeyKind, Server, Signs};
use crate::weights::{Model, Need, Row};

/// A cause and how likely it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ranked {
    /// The cause's id.
    pub id: &'static str,
    /// From 0 to 1.
    pub probability: f64,
    /// Its group: causes of one group are told apart by the same look at the server.
    pub group: &'static str,
}

/// The share that is kept for what no cause of the catalogue is.
const NONE_OF_THESE: f64 = 0.02;

/// From here on a cause counts as listed; a hair above 2 %, so that rounding takes nothing off.
const LISTED: f64 = 0.0201;

/// The causes that are left, the likeliest first. Their probabilities sum to less than 1.
#[must_use]
pub fn rank(signs: &Signs) -> Vec<Ranked> {
    Model::built_in().rank(signs)
}

impl Model {
    /// [`rank`] by this model.
    #[must_use]
    pub fn rank(&self, signs: &Signs) -> Vec<Ranked> {
        let mut out = posterior(self, signs);
        self.lift(&mut out);
        out.retain(|c| c.probability >= 0.0005);
        out
    }
}

impl Model {
    /// Lifts causes that are not much less likely than [`LISTED`] to it, as far as there is room:
    /// what they get, those above it give, each in proportion to what it has above it. The order
    /// and the sum stay.
    fn lift(&self, causes: &mut [Ranked]) {
        let above = |c: &Ranked| (c.probability - LISTED).max(0.0);
        let all: f64 = causes.iter().map(above).sum();
        let room = all * self.room.clamp(0.0, 1.0);
        let mut given = 0.0;
        for cause in causes.iter_mut() {
            let lacks = LISTED - cause.probability;
            if lacks <= 0.0 {
                continue;
            }
            if cause.probability < self.least || given + lacks > room {
                break;
            }
            given += lacks;
            cause.probability = LISTED;
        }
        if all > 0.0 {
            for cause in causes.iter_mut().filter(|c| c.probability > LISTED) {
                cause.probability -= (cause.probability - LISTED) * given / all;
            }
        }
    }
}

/// All causes, the likeliest first.
pub(crate) fn posterior(weights: &Model, signs: &Signs) -> Vec<Ranked> {
    let scores: Vec<f64> = weights
        .rows
        .iter()
        .map(|r| score(weights, r, signs))
        .collect();
    let all: f64 = scores.iter().sum();
    let mut out: Vec<Ranked> = weights
        .rows
        .iter()
        .zip(scores)
        .map(|(row, score)| Ranked {
            id: row.id,
            group: row.group,
            probability: if all > 0.0 {
                score / all * (1.0 - NONE_OF_THESE)
            } else {
                0.0
            },
        })
        .collect();
    out.sort_by(|a, b| b.probability.total_cmp(&a.probability).then(a.id.cmp(b.id)));
    out
}

/// How likely an answer is, by what is known so far.
pub(crate) fn answered(weights: &Model, signs: &Signs, question: Question, choice: Choice) -> f64 {
    let (mut some, mut all) = (0.0, 0.0);
    for row in &weights.rows {
        let score = score(weights, row, signs);
        all += score;
        some += score * likelihood(weights, row, question, choice);
    }
    if all > 0.0 { some / all } else { 0.0 }
}

fn score(weights: &Model, row: &Row, signs: &Signs) -> f64 {
    // What was counted is a sample; a part of it is spread over all causes alike.
    let mean = 0.75;
    let prior = row.cases * (1.0 - weights.spread) + mean * weights.spread;
    let mut out = prior * weights.at(row, Look::of(signs));
    out *= key(row, signs) * who(row, signs) * software(row, signs) * other(row, signs);
    for (question, choice) in &signs.answers {
        out *= likelihood(weights, row, *question, *choice);
    }
    out
}

/// How likely an answer is where a cause is the true one.
fn likelihood(weights: &Model, row: &Row, question: Question, choice: Choice) -> f64 {
    let count = question.choices().len().max(2) as f64;
    let said = row.answers.iter().find(|(q, _)| *q == question);
    let table = match said.map_or(Some(question.ordinary()), |(_, c)| *c) {
        None => 1.0 / count,
        Some(expected) if expected == choice => weights.answer,
        Some(_) => (1.0 - weights.answer) / (count - 1.0),
    };
    // What was counted goes before what the table has, the more of it there is.
    const TRUST: f64 = 1.5;
    let (mut so, mut all) = (0.0, 0.0);
    for (asked, answer, n) in &row.told {
        if *asked == question {
            all += n;
            if *answer == choice {
                so += n;
            }
        }
    }
    (so + TRUST * table) / (all + TRUST)
}

/// How likely the key is what it is.
fn key(row: &Row, signs: &Signs) -> f64 {
    let Some(kind) = signs.key else {
        return 1.0;
    };
    let needs = |n| row.needs.contains(&n);
    let mut out = 1.0;
    // A key of each kind is used so often, whatever is wrong.
    for (need, of, often) in [
        (Need::Rsa, KeyKind::Rsa, 0.35),
        (Need::Dsa, KeyKind::Dsa, 0.005),
        (Need::Ecdsa, KeyKind::Ecdsa, 0.08),
        (Need::Sk, KeyKind::Sk, 0.02),
    ] {
        if needs(need) {
            out *= if kind == of { 1.0 } else { 0.001 };
        } else if kind == of {
            out *= often;
        }
    }
    // A kind that is none of these is one that servers seldom know.
    if kind == KeyKind::Other && row.id != "key-type-unsupported-by-version" {
        out *= 0.01;
    }
    // What editors break and terminals cut is a line that is long: an RSA key's is five times as long
    // as an Ed25519 key's and more.
    if needs(Need::LongLine) || needs(Need::RatherRsa) {
        out *= if kind == KeyKind::Rsa { 2.3 } else { 0.5 };
    }
    out *= modulus(row, signs.bits);
    // Dropbear knows no certificates.
    let unknown = row.id == "key-type-unsupported-by-version"
        && matches!(signs.server, Some(Server::Dropbear));
    match (needs(Need::Cert), signs.certificate) {
        (true, None) => out *= 0.01,
        (false, Some(_)) if !unknown => out *= 0.03,
        _ => {}
    }
    if let Some(cert) = signs.certificate {
        for (need, seen) in [
            (Need::NoSuchPrincipal, cert.other_principals),
            (Need::NoPrincipals, cert.no_principals),
            (Need::Expired, cert.expired),
            (Need::NotYetValid, cert.not_yet_valid),
            (Need::HostCert, cert.host),
            (Need::OldFormat, cert.old_format),
        ] {
            if needs(need) {
                out *= if seen { 1.0 } else { 0.05 };
            } else if seen {
                out *= 0.1;
            }
        }
    }
    // Before 9.6 sshd names all that it knows, also what it does not accept.
    let honest = !matches!(signs.server, Some(Server::OpenSsh(a, b)) if (a, b) < (9, 6));
    match (needs(Need::Unlisted), signs.listed.filter(|l| honest || !l)) {
        (true, Some(true)) if !unknown => out *= 0.05,
        (false, Some(false)) => out *= 0.02,
        _ => {}
    }
    if row.id == "rsa-sha1-only-client" {
        out *= match signs.sha1_only {
            Some(true) => 10.0,
            Some(false) => 0.02,
            None => 1.0,
        };
    }
    out
}

/// How likely another key of the user's, and the key for another name, are answered as they are.
fn other(row: &Row, signs: &Signs) -> f64 {
    other_key(row, signs) * other_name(row, signs)
}

fn other_name(row: &Row, signs: &Signs) -> f64 {
    let by_itself = row.id == "client-wrong-user";
    match signs.other_name {
        None => 1.0,
        Some(true) if by_itself => 20.0,
        // The key, its signature and the server are in order then.
        Some(true) => match row.group {
            "algorithm" | "daemon" | "revocation" => 0.02,
            _ => 1.0,
        },
        Some(false) if by_itself => 0.5,
        Some(false) => 1.0,
    }
}

fn other_key(row: &Row, signs: &Signs) -> f64 {
    // One story, told from the client's side and from the server's.
    let by_itself = ["client-wrong-identity", "other-key-offered"].contains(&row.id);
    match signs.other_key {
        None => 1.0,
        // Who has another key that is taken has most often named the wrong one.
        Some(true) if by_itself => 20.0,
        // What stops an account, or all that its file lists, stops that key, too.
        Some(true) => match row.group {
            "access" | "account" | "rights" | "policy" | "missing" | "daemon" | "pam" => 0.02,
            _ => 1.0,
        },
        Some(false) if by_itself => 0.2,
        Some(false) => 1.0,
    }
}

/// How likely the key has so many bits. sshd refuses below RequiredRSASize: 1024 where nobody says
/// otherwise, 2048 or 3072 by a policy.
fn modulus(row: &Row, bits: Option<u32>) -> f64 {
    match (row.id, bits) {
        (_, None) => 1.0,
        ("rsa-key-below-1024", Some(..1024)) => 20.0,
        ("rsa-key-below-1024", Some(_)) => 0.001,
        ("rsa-key-too-short", Some(..2048)) => 5.0,
        ("rsa-key-too-short", Some(..3072)) => 1.0,
        ("rsa-key-too-short", Some(..4096)) => 0.3,
        ("rsa-key-too-short", Some(_)) => 0.05,
        // Few keys are so short, whatever is wrong.
        (_, Some(..2048)) => 0.1,
        _ => 1.0,
    }
}

/// How likely the user is who it is.
fn who(row: &Row, signs: &Signs) -> f64 {
    let root = signs.user == b"root";
    let mut out = 1.0;
    if row.needs.contains(&Need::Root) {
        out *= if root || signs.user.is_empty() {
            1.0
        } else {
            0.02
        };
    } else if root {
        out *= 0.2;
    }
    if row.needs.contains(&Need::PlainUser) && root {
        out *= 0.01;
    }
    out
}

/// Since RHEL 8, which came with this release of OpenSSH, the system rules the ciphers of its sshd.
const CRYPTO_POLICIES: u16 = 8;

/// How likely the server is which it is.
fn software(row: &Row, signs: &Signs) -> f64 {
    let mut out = 1.0;
    // Debian and Ubuntu come without SELinux.
    if signs.debian && row.id == "selinux-label" {
        out *= 0.02;
    }
    // What was looked for on both, and was seen on the other alone. Of 112 counted cases four were on
    // Dropbear: what happens on both is seen on OpenSSH that much more seldom than it happens.
    const ENOUGH: f64 = 3.0;
    const OPENSSH: f64 = 108.0 / 112.0;
    let (dropbear, openssh) = row.on;
    out *= match signs.server {
        Some(Server::Dropbear) if dropbear == 0.0 && openssh >= ENOUGH => 0.05,
        Some(Server::OpenSsh(..) | Server::Sshwhy) if openssh == 0.0 && dropbear >= ENOUGH => 0.05,
        Some(Server::OpenSsh(..) | Server::Sshwhy) if dropbear > 0.0 => OPENSSH,
        _ => 1.0,
    };
    for need in &row.needs {
        out *= match (need, signs.server) {
            (Need::ManyKeys, _) if signs.offered < 2 => 0.01,
            (Need::Rare, _) => 0.2,
            (_, None) => 1.0,
            (Need::OpenSsh, Some(Server::Dropbear)) => 0.01,
            (Need::Dropbear, Some(Server::OpenSsh(..) | Server::Windows | Server::Sshwhy)) => 0.01,
            (Need::SystemPolicy, Some(Server::OpenSsh(major, _)))
                if major >= CRYPTO_POLICIES && signs.stock_ciphers == Some(true) =>
            {
                0.05
            }
            (Need::OldOrDropbear, Some(Server::OpenSsh(major, minor)))
                if (major, minor) >= (7, 8) =>
            {
                0.01
            }
            (Need::Windows, Some(Server::Windows)) => 20.0,
            (Need::Windows, Some(_)) => 0.001,
            _ => 1.0,
        };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Place;

    #[test]
    fn probabilities_sum_to_less_than_one_at_every_place() {
        for place in Place::ALL {
            let sum: f64 = rank(&Signs::at(place)).iter().map(|c| c.probability).sum();
            assert!((0.0..1.0).contains(&sum), "{place:?}: {sum}");
        }
    }

    #[test]
    fn what_the_key_is_decides_among_what_looks_alike() {
        let first = |signs: &Signs| rank(signs)[0].id;
        let mut signs = Signs::at(Place::Query);
        signs.server = Some(Server::OpenSsh(9, 2));
        signs.key = Some(KeyKind::Ed25519);
        signs.listed = Some(true);
        assert!(!["dsa-key", "rsa-sha1-only-client"].contains(&first(&signs)));
        signs.key = Some(KeyKind::Dsa);
        signs.listed = Some(false);
        assert_eq!(first(&signs), "dsa-key");
        signs.key = Some(KeyKind::Rsa);
        signs.sha1_only = Some(true);
        assert_eq!(first(&signs), "rsa-sha1-only-client");
    }

    #[test]
    fn what_is_lifted_keeps_order_and_sum() {
        let mut model = Model::unfitted();
        let signs = Signs::at(Place::Query);
        let listed = |all: &[Ranked]| all.iter().filter(|c| c.probability >= 0.02).count();
        let before = posterior(&model, &signs);
        (model.room, model.least) = (0.8, 0.004);
        let mut after = before.clone();
        model.lift(&mut after);
        let sum = |all: &[Ranked]| all.iter().map(|c| c.probability).sum::<f64>();
        assert!((sum(&before) - sum(&after)).abs() < 1e-9);
        assert!(listed(&after) > listed(&before));
        assert!(
            after
                .windows(2)
                .all(|w| w[0].probability >= w[1].probability - 1e-12)
        );
    }

    #[test]
    fn windows_has_its_own_likeliest_cause() {
        let mut signs = Signs::at(Place::Query);
        signs.server = Some(Server::Windows);
        assert_eq!(rank(&signs)[0].id, "windows-admin-keys-file");
    }
}
