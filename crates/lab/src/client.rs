//! What a client sees of a world: signs for ranking, and true answers to its questions.

use sshwhy_keys::base64;
use sshwhy_keys::{CertType, PublicKey};
use sshwhy_rank::{Certificate, Choice, KeyKind, Place, Question, SLOW, Session, Signs};
use sshwhy_scenario::{Change, Embedded, Scene, Session as Asked, Sign, Spec};

use std::time::{SystemTime, UNIX_EPOCH};

use crate::outcome::{Answer, Outcome, Wire};

/// Where the login stopped, from what came over the wire alone.
#[must_use]
pub fn place(wire: &Wire) -> Place {
    let named = |list: &str| list.split(',').any(|m| m == "publickey");
    if wire.identification.is_none() {
        return Place::Identification;
    }
    match &wire.none {
        None => {
            return if wire.keys_agreed {
                Place::Disconnected
            } else {
                Place::KeyExchange
            };
        }
        Some(Answer::Ended(_)) => return Place::Disconnected,
        Some(Answer::Failure(methods, _)) if !named(methods) => return Place::Method,
        _ => {}
    }
    match &wire.sign {
        Some(Answer::Success) => {}
        Some(Answer::Failure(_, true)) => return Place::Partial,
        Some(Answer::Failure(_, false)) => return Place::Signature,
        Some(Answer::Ended(_)) => return Place::Closed,
        Some(Answer::NotSigned(_)) => return Place::Unsigned,
        Some(Answer::PkOk) => return Place::Unknown,
        None => {
            return match wire.query.last() {
                Some((_, Answer::Failure(..))) => Place::Query,
                Some((_, Answer::Ended(_))) => Place::Disconnected,
                _ => Place::NotOffered,
            };
        }
    }
    if wire.own_session && (wire.exit == Some(0)) {
        Place::Accepted
    } else {
        Place::Session
    }
}

/// All that a client sees.
#[must_use]
pub fn signs(spec: &Spec, scene: &Scene, outcome: &Outcome) -> Signs {
    let wire = &outcome.wire;
    let mut signs = Signs::at(place(wire));
    if let Some(identification) = &wire.identification {
        signs.identified(identification.as_bytes());
    }
    if let Some(ciphers) = &wire.ciphers {
        signs.enciphered(ciphers);
    }
    signs.slow_end = wire.silence.is_some_and(|s| s >= SLOW);
    signs.user = scene.attempt.user.clone();
    signs.banner = wire.banner.clone().into_bytes();
    let ended = wire.disconnect.as_deref().unwrap_or_default();
    signs.no_common = ended.contains("NoCommon");
    signs.preamble = wire.preamble.clone().into_bytes();
    signs.disconnect = wire.disconnect.as_ref().map(|d| d.clone().into_bytes());
    signs.offered = wire.query.len();
    signs.signature_good = spec.attempt.sign == Sign::Good;
    let used = wire.query.last().map(|(a, _)| a.as_str());
    if let Some(key) = &scene.attempt.key {
        let name = used.map_or_else(|| key.type_name().to_vec(), |a| a.as_bytes().to_vec());
        let (kind, cert) = KeyKind::of(&name);
        signs.key = Some(kind);
        signs.bits = key.key.as_ref().ok().and_then(PublicKey::rsa_bits);
        if cert {
            let fields = key.key.as_ref().ok().and_then(PublicKey::certificate);
            let fields = fields.map(|c| certificate(c, scene));
            signs.certificate = Some(Certificate {
                old_format: KeyKind::of_old_certificate(key.type_name()),
                ..fields.unwrap_or_default()
            });
        }
        let algorithms = key.offered_algorithms();
        signs.sha1_only = Some(
            kind == KeyKind::Rsa
                && !algorithms.is_empty()
                && algorithms
                    .iter()
                    .all(|a| !a.plain().name().starts_with(b"rsa-sha2")),
        );
        if let (Some(list), Some(first)) = (&wire.sig_algs, algorithms.first()) {
            let wanted =
                used.map_or_else(|| first.plain().name().to_vec(), |u| u.as_bytes().to_vec());
            let wanted = algorithms
                .iter()
                .find(|a| a.name() == wanted.as_slice())
                .map_or(wanted.clone(), |a| a.plain().name().to_vec());
            signs.listed = Some(list.split(|b| *b == b',').any(|a| a == wanted.as_slice()));
        }
    }
    if matches!(wire.sign, Some(Answer::Success)) {
        let mut said = wire.stdout.clone();
        said.extend_from_slice(&wire.stderr);
        signs.session = Some(Session {
            broken: wire.broken,
            refused: wire.exit.is_none() && said.is_empty() && !wire.broken,
            subsystem: matches!(spec.session, Asked::Subsystem(_)),
            exit: wire.exit,
            said,
        });
    }
    signs
}

fn certificate(cert: &sshwhy_keys::Certificate, scene: &Scene) -> Certificate {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.map_or(0, |d| d.as_secs());
    let user = &scene.attempt.user;
    Certificate {
        expired: now >= cert.valid_before,
        not_yet_valid: now < cert.valid_after,
        host: cert.cert_type == CertType::Host,
        no_principals: cert.principals.is_empty(),
        other_principals: !cert.principals.is_empty() && !cert.principals.contains(user),
        old_format: false,
    }
}

/// The true answer to a question, from the world, and of the log from what the server wrote there
/// at the default level; `None`: neither says.
#[must_use]
pub fn answer(
    question: Question,
    spec: &Spec,
    scene: &Scene,
    log: Option<&[String]>,
) -> Option<Choice> {
    let word = match question {
        Question::Log => {
            let lines = log?.iter().map(String::as_str);
            return Question::of_log(&scene.attempt.user, lines);
        }
        Question::Rights => match (account(spec, scene), rights(scene)) {
            ("none", _) => "nobody",
            ("locked", _) => "locked",
            ("home", "no") => "gone",
            ("shell", "no") => "shell",
            (_, rights) => rights,
        },
        Question::Listed => listed(scene),
        Question::Line => line(scene),
        Question::Account => account(spec, scene),
        Question::Config => config(spec),
    };
    let choices = question.choices();
    choices.iter().position(|c| c.word == word).map(Choice)
}

fn home(scene: &Scene) -> Vec<u8> {
    let user = &scene.attempt.user;
    let account = scene.accounts.iter().find(|a| a.name == *user);
    account.map_or_else(|| [&b"/home/"[..], user].concat(), |a| a.home.clone())
}

/// What `ls -ld` shows.
fn rights(scene: &Scene) -> &'static str {
    let home = home(scene);
    let ssh = [&home[..], b"/.ssh"].concat();
    let file = [&ssh[..], b"/authorized_keys"].concat();
    let user = scene.accounts.iter().find(|a| a.name == scene.attempt.user);
    let uid = user.map_or(0, |a| a.uid);
    let mut owner = false;
    let mut found = None;
    for (word, path) in [
        ("above", &b"/"[..]),
        ("above", b"/home"),
        ("home", &home),
        ("dir", &ssh),
        ("file", &file),
    ] {
        let Some(entry) = scene.lookup(path) else {
            continue;
        };
        // The group bits of a node with an ACL are its mask, and `ls` shows them so.
        // Of /tmp and its like nobody says so.
        let open = word == "above" && entry.node.mode & 0o1000 != 0;
        if entry.node.mode & 0o022 != 0 && !open {
            found = found.or(Some(word));
        }
        owner |= entry.node.uid != 0 && entry.node.uid != uid;
        owner |= word != "above" && entry.node.uid == 0 && uid != 0;
    }
    match found {
        Some(word) => word,
        None if owner => "owner",
        None => "no",
    }
}

fn keys_file(scene: &Scene) -> Option<Vec<u8>> {
    let file = [&home(scene)[..], b"/.ssh/authorized_keys"].concat();
    scene.lookup(&file).map(|e| e.content)
}

fn blob(scene: &Scene) -> Option<Vec<u8>> {
    let key = scene.attempt.key.as_ref()?;
    // What stands in the file is the plain key, whatever certificate is offered.
    let plain = key
        .key
        .as_ref()
        .map_or(&key.blob[..], PublicKey::plain_blob);
    Some(base64::encode(plain).into_bytes())
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    if part.is_empty() {
        return None;
    }
    text.windows(part.len()).position(|w| w == part)
}

/// What `ssh-keygen -lf` shows: lines that hold the whole key, and are none of its comments.
fn listed(scene: &Scene) -> &'static str {
    let (Some(file), Some(blob)) = (keys_file(scene), blob(scene)) else {
        return "no";
    };
    let whole = |l: &[u8]| {
        find(l, &blob).is_some_and(|at| {
            let before = l.get(..at).unwrap_or_default().trim_ascii_end();
            let kind = [&b"ssh-"[..], b"ecdsa-", b"sk-"];
            let word = before.rsplit(|b| *b == b' ' || *b == b'\t').next();
            word.is_some_and(|w| kind.iter().any(|k| w.starts_with(k)))
        }) && !l.trim_ascii_start().starts_with(b"#")
    };
    if file.split(|b| *b == b'\n').any(whole) {
        "yes"
    } else {
        "no"
    }
}

/// What the key looks like in the file, to somebody who looks at it.
fn line(scene: &Scene) -> &'static str {
    let Some(mut file) = keys_file(scene) else {
        return "nofile";
    };
    let Some(blob) = blob(scene) else {
        return "none";
    };
    if file.iter().all(u8::is_ascii_whitespace) {
        return "empty";
    }
    // An editor shows UTF-16 as text, no byte order mark, and lines at any kind of line end.
    if file.starts_with(&[0xff, 0xfe]) || file.starts_with(&[0xfe, 0xff]) || file.contains(&0) {
        file.retain(|b| *b != 0 && *b != 0xff && *b != 0xfe);
    }
    let file = String::from_utf8_lossy(&file)
        .replace('\u{feff}', "")
        .replace('\u{a0}', " ")
        .replace('\r', "\n");
    let blob = String::from_utf8_lossy(&blob).into_owned();
    let lines: Vec<&str> = file.lines().filter(|l| !l.trim().is_empty()).collect();
    if file.contains("BEGIN ") || file.contains("PuTTY-User-Key-File") {
        return "foreign";
    }
    for line in &lines {
        let Some(at) = line.find(&blob) else {
            continue;
        };
        // The blob of a key begins so, and not only there: what counts is a word that does.
        if line.matches(" AAAA").count() > 1 {
            return "joined";
        }
        let before = line.get(..at).unwrap_or_default().trim();
        let is_type = |w: &str| {
            ["ssh-", "ecdsa-", "sk-"]
                .iter()
                .any(|k| w.to_ascii_lowercase().starts_with(k))
        };
        return match before.split_whitespace().collect::<Vec<_>>().as_slice() {
            [] => "cut",
            [one] if is_type(one) => "plain",
            [first, .., last]
                if is_type(last) && first.starts_with(|c: char| c.is_ascii_lowercase()) =>
            {
                let option = first.contains('=') || first.contains('-') || first.contains(',');
                match option {
                    true if before.contains("expiry-time") => "expiry",
                    true if before.contains("from=") => "from",
                    true => "options",
                    false => "marked",
                }
            }
            [_, .., last] if is_type(last) => "marked",
            [one] if one.starts_with(|c: char| !c.is_ascii_alphanumeric()) => "marked",
            _ => "cut",
        };
    }
    let joined: String = file.split_whitespace().collect();
    let bare: String = joined.replace('\\', "");
    if bare.contains(&blob) {
        return "broken";
    }
    // Any long part of the key.
    let bytes = blob.as_bytes();
    let part = |n: usize| {
        bytes
            .get(n..n + 24)
            .and_then(|p| std::str::from_utf8(p).ok())
    };
    let some =
        (20..bytes.len().saturating_sub(24)).any(|n| part(n).is_some_and(|p| file.contains(p)));
    if some { "cut" } else { "none" }
}

fn account(spec: &Spec, scene: &Scene) -> &'static str {
    let user = &scene.attempt.user;
    let Some(account) = scene.accounts.iter().find(|a| a.name == *user) else {
        return "none";
    };
    for (_, change) in &spec.changes {
        if let Change::Shadow { name, fields } = change
            && name == user
        {
            let locked = fields
                .password
                .as_ref()
                .is_some_and(|p| p.starts_with(b"!"));
            if locked || fields.expire.is_some() || fields.inactive.is_some() {
                return "locked";
            }
        }
    }
    let shell = if account.shell.is_empty() {
        &b"/bin/sh"[..]
    } else {
        &account.shell
    };
    let odd = [&b"nologin"[..], b"/false"]
        .iter()
        .any(|n| shell.ends_with(n));
    let there = scene
        .lookup(shell)
        .is_some_and(|e| e.node.mode & 0o111 != 0);
    let usual = [&b"/bin/bash"[..], b"/bin/sh", b"/usr/bin/bash"].contains(&shell);
    if scene.lookup(&account.home).is_none() {
        "home"
    } else if odd || !(there || usual) {
        "shell"
    } else {
        "ok"
    }
}

fn config(spec: &Spec) -> &'static str {
    let mut text = Vec::new();
    for (_, change) in &spec.changes {
        if let Change::Config(c) | Change::ConfigFirst(c) | Change::ConfigIs(c) = change {
            text.extend(c.expand(&Embedded).unwrap_or_default().to_ascii_lowercase());
            text.push(b'\n');
        }
    }
    const WORDS: [(&str, &[&[u8]]); 6] = [
        (
            "allow",
            &[b"allowusers", b"denyusers", b"allowgroups", b"denygroups"],
        ),
        ("command", &[b"authorizedkeyscommand"]),
        ("where", &[b"authorizedkeysfile"]),
        (
            "certificates",
            &[b"trustedusercakeys", b"authorizedprincipals"],
        ),
        (
            "algorithms",
            &[
                b"pubkeyaccepted",
                b"requiredrsasize",
                b"revokedkeys",
                b"casignature",
                b"pubkeyauthoptions",
            ],
        ),
        (
            "methods",
            &[
                b"pubkeyauthentication",
                b"authenticationmethods",
                b"permitrootlogin",
                b"maxauthtries",
            ],
        ),
    ];
    let has = |words: &[&[u8]]| words.iter().any(|w| find(&text, w).is_some());
    match WORDS.iter().find(|(_, words)| has(words)) {
        Some((word, _)) => word,
        None if text.iter().any(|b| !b.is_ascii_whitespace()) => "other",
        None => "no",
    }
}
