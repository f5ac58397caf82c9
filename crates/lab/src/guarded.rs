//! Logins that a change is said to take or to give, put to a real server before and after.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};

use sshwhy_keys::{base64, fingerprint};
use sshwhy_mend::logins::{Changes, Difference, Means, More, Side, compare};
use sshwhy_scenario::{Embedded, KeyMaterial, Spec};
use sshwhy_verdict::{Server, Verdict};
use sshwhy_world::{Build, MemWorld};

use crate::lab::{Judged, Lab};
use crate::outcome::Truth;
use crate::predict::CONFIG;

/// The server's address for those who come by IPv6, which every lab has. No Match line speaks of it.
const SERVER_V6: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);

/// Two states of one machine.
#[derive(Clone, Debug)]
pub struct Pair {
    /// What happens between them.
    pub what: String,
    /// Before.
    pub before: Spec,
    /// After.
    pub after: Spec,
}

/// A login of the client's, as a server can be asked for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// The two states.
    pub pair: usize,
    /// Who, with which key of `vectors/lab`, from where to where.
    pub attempt: sshwhy_scenario::AttemptSpec,
    /// Whether it is said to be accepted before.
    pub before: bool,
    /// Whether it is said to be accepted after.
    pub after: bool,
}

impl Login {
    fn words(&self) -> String {
        format!(
            "{} with {} from {}",
            self.attempt.user.escape_ascii(),
            self.attempt.key.as_deref().unwrap_or("no key"),
            self.attempt.from
        )
    }
}

/// The keys and certificates that the client can sign with.
#[derive(Clone, Debug)]
pub struct Ring {
    names: BTreeMap<Vec<u8>, String>,
    ca: String,
}

impl Default for Ring {
    fn default() -> Self {
        let blob = |name: &str| {
            let line = Embedded.file(&format!("{name}.pub"))?;
            base64::decode(line.split(|&b| b == b' ').nth(1)?).ok()
        };
        let names = Embedded::names()
            .filter(|n| !n.contains('.') && !n.starts_with("host-") && !n.starts_with("sk-"))
            .filter_map(|n| Some((blob(n)?, n.to_string())))
            .collect();
        Ring {
            names,
            ca: blob("ca-ed25519").map_or_else(String::new, |b| fingerprint::sha256(&b)),
        }
    }
}

impl Ring {
    /// The file of `vectors/lab` for a way in; a certificate of the account's own name.
    #[must_use]
    pub fn name(&self, user: &[u8], means: &Means) -> Option<String> {
        match means {
            Means::Key { blob, .. } => self.names.get(blob).cloned(),
            Means::Certificate { ca } if *ca == self.ca => {
                let name = format!("{}-cert", std::str::from_utf8(user).ok()?);
                Embedded.file(&format!("{name}.pub"))?;
                Some(name)
            }
            Means::Certificate { .. } | Means::Password => None,
        }
    }

    /// The difference as a login, where the client can make it and both answers are certain.
    #[must_use]
    pub fn login(&self, pair: usize, spec: &Spec, d: &Difference) -> Option<Login> {
        let certain = |v: Verdict| match v {
            Verdict::Accept => Some(true),
            Verdict::Refuse => Some(false),
            Verdict::Undetermined => None,
        };
        let mut attempt = spec.attempt.clone();
        attempt.user.clone_from(&d.user);
        attempt.key = Some(self.name(&d.user, &d.means)?);
        (attempt.from, attempt.host) = (d.peer.addr, d.peer.host.clone());
        (attempt.to, attempt.port) = (d.to.addr, d.to.port);
        // The server's end is named by a port, or by a Match line. Who comes by IPv6 arrives at an
        // address of that family.
        if attempt.from.is_ipv6() && attempt.to.is_ipv4() {
            attempt.to = IpAddr::V6(SERVER_V6);
        }
        Some(Login {
            pair,
            attempt,
            before: certain(d.before)?,
            after: certain(d.after)?,
        })
    }
}

/// The world of a state, run as the lab runs it: a server for each connection.
fn world(spec: &Spec, build: &Build) -> Result<MemWorld, String> {
    let mut scene = spec
        .scene(&Embedded)
        .map_err(|p| format!("{}: {p:?}", spec.name))?;
    if let Some(daemon) = &mut scene.daemon {
        daemon.per_connection = true;
    }
    let mut world = scene.world();
    world.build = build.clone();
    Ok(world)
}

impl Pair {
    /// Every login of either state that ends otherwise in the other.
    ///
    /// # Errors
    /// A state that cannot be made.
    pub fn changes(&self, build: &Build) -> Result<Changes, String> {
        let (old, new) = (world(&self.before, build)?, world(&self.after, build)?);
        let (was, is) = (Server::read(&old, CONFIG), Server::read(&new, CONFIG));
        let before = Side {
            world: &old,
            server: &was,
        };
        let after = Side {
            world: &new,
            server: &is,
        };
        Ok(compare(before, after, &More::default()))
    }
}

/// Puts every login to the server in both states. What it says otherwise comes back.
#[must_use]
pub fn ask(lab: &Lab, pairs: &[Pair], logins: &[Login]) -> Vec<String> {
    let state = |pair: Option<&Pair>, login: &Login, after: bool| {
        pair.map(|p| {
            let mut spec = if after { &p.after } else { &p.before }.clone();
            spec.attempt = login.attempt.clone();
            spec
        })
    };
    let mut wrong = Vec::new();
    let (mut specs, mut said) = (Vec::new(), Vec::new());
    for login in logins {
        for (after, want) in [(false, login.before), (true, login.after)] {
            if let Some(spec) = state(pairs.get(login.pair), login, after) {
                specs.push(spec);
                said.push((login, after, want));
            } else {
                wrong.push(format!("{}: of no pair", login.words()));
            }
        }
    }
    for (judged, (login, after, want)) in lab.run(specs).into_iter().zip(said) {
        let what = pairs.get(login.pair).map_or("", |p| p.what.as_str());
        let when = if after { "after" } else { "before" };
        let Judged { outcome, .. } = judged;
        match outcome {
            Ok(outcome) if matches!(outcome.truth, Truth::Refused(_)) != want => {}
            Ok(outcome) => wrong.push(format!(
                "{what}: {} {when}: said to be {}, and the server says {}\n    {}",
                login.words(),
                if want { "accepted" } else { "refused" },
                outcome.truth,
                outcome.log.join("\n    ")
            )),
            Err(e) => wrong.push(format!("{what}: {} {when}: not run: {e}", login.words())),
        }
    }
    wrong
}
