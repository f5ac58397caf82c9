//! All logins of a machine, in two worlds: who is let in before and after.
//!
//! A login is an account, a way in (a key that some file of the account lists, a certificate of a
//! CA that it trusts, a password) and a class of addresses. The classes are those of both worlds.

use crate::logins_candidates::{Candidate, candidates};
use crate::logins_password::password;
use sshwhy_causes::Finding;
use sshwhy_verdict::{Server, Verdict, address_classes, local_ends, verdict_only};
use sshwhy_world::{Attempt, Fact, Local, OfferedKey, Peer, World};

/// One of the two worlds, with its configuration read.
#[derive(Clone, Copy)]
pub struct Side<'a> {
    /// The facts.
    pub world: &'a dyn World,
    /// The configuration.
    pub server: &'a Server,
}

/// Logins that are looked at besides those that the files name.
#[derive(Clone, Debug, Default)]
pub struct More {
    /// Accounts that enumeration may not show.
    pub users: Vec<Vec<u8>>,
    /// Keys by account.
    pub keys: Vec<(Vec<u8>, OfferedKey)>,
    /// Peers that matter whoever logs in: that of the session in which this runs.
    pub peers: Vec<Peer>,
    /// The accounts to look at. Empty: all of them.
    pub only_users: Vec<Vec<u8>>,
    /// Plain keys and CAs that are taken for revoked afterwards.
    pub revoked: Vec<Vec<u8>>,
}

/// A way in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Means {
    /// A key.
    Key {
        /// Its blob.
        blob: Vec<u8>,
        /// `SHA256:…`
        fingerprint: String,
    },
    /// Any certificate for this account by a CA.
    Certificate {
        /// The CA's fingerprint.
        ca: String,
    },
    /// The password, or what PAM asks for.
    Password,
}

impl Means {
    /// The authentication method (RFC 4252).
    #[must_use]
    pub fn method(&self) -> &'static str {
        match self {
            Means::Key { .. } | Means::Certificate { .. } => "publickey",
            Means::Password => "password",
        }
    }
}

/// A login that ends otherwise in the other world.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The account.
    pub user: Vec<u8>,
    /// How.
    pub means: Means,
    /// Where the key or CA stands, in words: `/home/alice/.ssh/authorized_keys:3`.
    pub source: Vec<u8>,
    /// A peer of the class of addresses.
    pub peer: Peer,
    /// The pattern that names the class. `None`: any ordinary address.
    pub pattern: Option<Vec<u8>>,
    /// The end of the server.
    pub to: Local,
    /// Before.
    pub before: Verdict,
    /// After.
    pub after: Verdict,
    /// What refuses, in the world that does.
    pub because: Option<Finding>,
    /// The setting that decides, where no cause of the catalogue tells: passwords have none.
    pub setting: Option<Vec<u8>>,
    /// Another way into this account, from the same peer, is open afterwards.
    pub other_way: bool,
}

impl Difference {
    /// The line or setting that decides: `/etc/ssh/sshd_config:12`.
    #[must_use]
    pub fn decided_by(&self) -> Option<Vec<u8>> {
        decided_by(self.because.as_ref(), self.setting.as_ref())
    }
}

fn decided_by(because: Option<&Finding>, setting: Option<&Vec<u8>>) -> Option<Vec<u8>> {
    let Some(finding) = because else {
        return setting.cloned();
    };
    if let Some(origin) = finding.args.get("origin") {
        return Some(origin.to_vec());
    }
    let place = finding.evidence.iter().find(|e| e.path.is_some())?;
    let mut out = place.path.clone()?;
    if let Some(line) = place.line {
        out.extend_from_slice(format!(":{line}").as_bytes());
    }
    Some(out)
}

/// What changes between two worlds.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Logins that work before and not, or not for certain, after.
    pub lost: Vec<Difference>,
    /// Logins that work after and not, or not for certain, before.
    pub gained: Vec<Difference>,
    /// Accounts looked at.
    pub accounts: usize,
    /// Logins judged, in each world.
    pub logins: usize,
    /// Logins that are accepted afterwards.
    pub accepted: usize,
}

impl Changes {
    /// Accounts and peers that get in before and after, by another method.
    #[must_use]
    pub fn methods(&self) -> Vec<(&Difference, &Difference)> {
        let mut out = Vec::new();
        for lost in &self.lost {
            let now = self.gained.iter().find(|g| {
                g.user == lost.user
                    && g.peer == lost.peer
                    && g.to == lost.to
                    && g.means.method() != lost.means.method()
            });
            out.extend(now.map(|g| (lost, g)));
        }
        out
    }
}

/// One login of one world.
#[derive(Clone, Debug)]
pub struct Entry {
    /// How.
    pub means: Means,
    /// From where.
    pub peer: Peer,
    /// The answer.
    pub verdict: Verdict,
    /// What refuses.
    pub because: Option<Finding>,
    /// The setting that decides, where no cause of the catalogue tells.
    pub setting: Option<Vec<u8>>,
}

impl Entry {
    /// The line or setting that decides.
    #[must_use]
    pub fn decided_by(&self) -> Option<Vec<u8>> {
        decided_by(self.because.as_ref(), self.setting.as_ref())
    }
}

/// Every login of one world.
#[must_use]
pub fn table(side: Side<'_>, more: &More) -> Vec<Entry> {
    let mut out = Vec::new();
    let ends = local_ends(side.server);
    for user in users(side.world, side.world, more) {
        let candidates = candidates(side, side, &user, more);
        for (peer, _) in classes(side, side, &user, more) {
            for candidate in &candidates {
                for to in &ends {
                    let attempt = Attempt {
                        user: user.clone(),
                        key: candidate.key.clone(),
                        from: peer.clone(),
                        to: *to,
                    };
                    let said = if revoked(more, candidate) {
                        Said::refused(None, Some(b"the key to be revoked".to_vec()))
                    } else {
                        ask(side, &attempt, &candidate.means)
                    };
                    out.push(Entry {
                        means: candidate.means.clone(),
                        peer: peer.clone(),
                        verdict: said.verdict,
                        because: said.because,
                        setting: said.setting,
                    });
                }
            }
        }
    }
    out
}

/// How far a verdict lets in.
fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Refuse => 0,
        Verdict::Undetermined => 1,
        Verdict::Accept => 2,
    }
}

/// Judges every login in both worlds.
#[must_use]
pub fn compare(before: Side<'_>, after: Side<'_>, more: &More) -> Changes {
    let mut out = Changes::default();
    let mut locals = local_ends(before.server);
    for end in local_ends(after.server) {
        if !locals.contains(&end) {
            locals.push(end);
        }
    }
    let users = users(before.world, after.world, more);
    out.accounts = users.len();
    for user in users {
        let candidates = candidates(before, after, &user, more);
        let classes = classes(before, after, &user, more);
        for (peer, pattern) in &classes {
            for to in &locals {
                let first = (out.lost.len(), out.gained.len());
                let mut open = 0usize;
                for candidate in &candidates {
                    let attempt = Attempt {
                        user: user.clone(),
                        key: candidate.key.clone(),
                        from: peer.clone(),
                        to: *to,
                    };
                    let Said {
                        verdict: was,
                        because: because_was,
                        setting: setting_was,
                    } = ask(before, &attempt, &candidate.means);
                    let Said {
                        verdict: is,
                        because: because_is,
                        setting: setting_is,
                    } = if revoked(more, candidate) {
                        Said::refused(None, Some(b"the key to be revoked".to_vec()))
                    } else {
                        ask(after, &attempt, &candidate.means)
                    };
                    out.logins += 1;
                    if is == Verdict::Accept {
                        out.accepted += 1;
                        open += 1;
                    }
                    let gained = rank(is) > rank(was);
                    let list = match rank(is).cmp(&rank(was)) {
                        std::cmp::Ordering::Less => &mut out.lost,
                        std::cmp::Ordering::Greater => &mut out.gained,
                        std::cmp::Ordering::Equal => continue,
                    };
                    list.push(Difference {
                        user: user.clone(),
                        means: candidate.means.clone(),
                        source: candidate.source.clone(),
                        peer: peer.clone(),
                        pattern: pattern.clone(),
                        to: *to,
                        before: was,
                        after: is,
                        because: because_is.or(because_was),
                        setting: if gained { setting_was } else { setting_is },
                        other_way: false,
                    });
                }
                for d in out.lost.iter_mut().skip(first.0) {
                    d.other_way = open > 0;
                }
                for d in out.gained.iter_mut().skip(first.1) {
                    d.other_way = open > 1;
                }
            }
        }
    }
    out
}

fn revoked(more: &More, candidate: &Candidate) -> bool {
    let Some(Ok(key)) = candidate.key.as_ref().map(|k| &k.key) else {
        return false;
    };
    let ca = key.certificate().map(|c| c.ca_key().blob());
    more.revoked
        .iter()
        .any(|r| key.plain_blob() == r || ca == Some(r))
}

/// The answer to one login, and what stands behind it.
pub(crate) struct Said {
    pub(crate) verdict: Verdict,
    pub(crate) because: Option<Finding>,
    pub(crate) setting: Option<Vec<u8>>,
}

impl Said {
    pub(crate) fn refused(because: Option<Finding>, setting: Option<Vec<u8>>) -> Said {
        Said {
            verdict: Verdict::Refuse,
            because,
            setting,
        }
    }
}

fn ask(side: Side<'_>, attempt: &Attempt, means: &Means) -> Said {
    match means {
        Means::Password => password(side, attempt),
        Means::Key { .. } | Means::Certificate { .. } => {
            let (verdict, because) = verdict_only(side.server, side.world, attempt);
            Said {
                verdict,
                because,
                setting: None,
            }
        }
    }
}

/// The accounts of both worlds.
fn users(before: &dyn World, after: &dyn World, more: &More) -> Vec<Vec<u8>> {
    if !more.only_users.is_empty() {
        return more.only_users.clone();
    }
    let mut out: Vec<Vec<u8>> = more.users.clone();
    for world in [before, after] {
        if let Fact::Known(all) = world.accounts() {
            out.extend(all.into_iter().map(|a| a.name));
        }
    }
    out.extend(more.keys.iter().map(|(user, _)| user.clone()));
    out.sort();
    out.dedup();
    out
}

/// The classes of addresses that either world tells apart.
fn classes(
    before: Side<'_>,
    after: Side<'_>,
    user: &[u8],
    more: &More,
) -> Vec<(Peer, Option<Vec<u8>>)> {
    let mut out: Vec<(Peer, Option<Vec<u8>>)> = Vec::new();
    for peer in &more.peers {
        let text = peer.addr.to_string().into_bytes();
        out.push((peer.clone(), Some(text)));
    }
    for side in [before, after] {
        for class in address_classes(side.server, side.world, user) {
            if !out.iter().any(|(p, _)| p.addr == class.peer.addr) {
                out.push((class.peer, class.pattern));
            }
        }
    }
    out
}
