//! All logins of a machine, in two worlds: who is let in before and after.
//!
//! A login is an account, a way in (a key that some file of the account lists, a certificate of a
//! CA that it trusts, a password) and a class of addresses. The classes are those of both worlds.

use sshwhy_authfile::{CaLine, Line, LineKind, Options};
use sshwhy_causes::{Finding, Stage};
use sshwhy_config::{Connection, Fact as Looked, Host, Kw, Origin, PermitRootLogin, Tri, Value};
use sshwhy_keys::wire::put_string;
use sshwhy_keys::{PublicKey, fingerprint};
use sshwhy_verdict::{
    Server, Verdict, address_classes, key_files, listed_keys, local_ends, verdict_only,
};
use sshwhy_world::account::PasswordField;
use sshwhy_world::resolve::resolve;
use sshwhy_world::{
    Account, Attempt, Cred, Fact, Local, OfferedKey, Peer, Reader, Software, World, read_all,
};
use std::collections::BTreeMap;

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

/// A key or CA that an account could come with.
struct Candidate {
    means: Means,
    source: Vec<u8>,
    key: Option<OfferedKey>,
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
struct Said {
    verdict: Verdict,
    because: Option<Finding>,
    setting: Option<Vec<u8>>,
}

impl Said {
    fn refused(because: Option<Finding>, setting: Option<Vec<u8>>) -> Said {
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

/// What the account could come with, in either world, each once.
fn candidates(before: Side<'_>, after: Side<'_>, user: &[u8], more: &More) -> Vec<Candidate> {
    let mut keys: BTreeMap<Vec<u8>, (Vec<u8>, OfferedKey)> = BTreeMap::new();
    let mut cas: BTreeMap<Vec<u8>, (Vec<u8>, Vec<Vec<u8>>)> = BTreeMap::new();
    for side in [after, before] {
        for key in listed_keys(side.server, side.world, user) {
            let mut source = key.file;
            source.extend_from_slice(format!(":{}", key.line).as_bytes());
            keys.entry(key.key.blob.clone())
                .or_insert((source, key.key));
        }
        authorities(side, user, &mut cas);
    }
    for (owner, key) in &more.keys {
        if owner == user {
            let source = b"the key asked for".to_vec();
            keys.entry(key.blob.clone())
                .or_insert((source, key.clone()));
        }
    }
    let mut out: Vec<Candidate> = keys
        .into_iter()
        .map(|(blob, (source, key))| Candidate {
            means: Means::Key {
                fingerprint: match &key.key {
                    Ok(k) => k.fingerprint(),
                    Err(_) => fingerprint::sha256(&blob),
                },
                blob,
            },
            source,
            key: Some(key),
        })
        .collect();
    for (ca, (source, principals)) in cas {
        if let Some(key) = certificate_by(&ca, user, &principals) {
            out.push(Candidate {
                means: Means::Certificate {
                    ca: fingerprint::sha256(&ca),
                },
                source,
                key: Some(key),
            });
        }
    }
    out.push(Candidate {
        means: Means::Password,
        source: b"the account's password".to_vec(),
        key: None,
    });
    out
}

/// Most bytes of a file of CA keys.
const CA_LIMIT: usize = 1 << 20;

/// The CAs that an account could trust: TrustedUserCAKeys wherever it is set, and lines of its key
/// files with `cert-authority`, each with the principals that the line asks for.
fn authorities(side: Side<'_>, user: &[u8], out: &mut BTreeMap<Vec<u8>, (Vec<u8>, Vec<Vec<u8>>)>) {
    for line in side.server.config.lines() {
        if line.kw != Kw::TrustedUserCAKeys {
            continue;
        }
        let path = match &line.value {
            Value::Text(path) => path.clone(),
            Value::Words(words) => words.first().cloned().unwrap_or_default(),
            _ => continue,
        };
        let Some(text) = text_of(side.world, &path, None) else {
            continue;
        };
        for (i, raw) in text.split(|&b| b == b'\n').enumerate() {
            match CaLine::read(raw, &side.server.rules) {
                CaLine::Key(blob) => {
                    let source = format!("{}:{}", path.escape_ascii(), i + 1);
                    out.entry(blob).or_insert((source.into_bytes(), Vec::new()));
                }
                CaLine::Stops(_) => break,
                CaLine::Skipped | CaLine::TooShort { .. } => {}
            }
        }
    }
    let Fact::Known(Some(account)) = side.world.account(user) else {
        return;
    };
    let Fact::Known(groups) = side.world.groups_of(&account) else {
        return;
    };
    let cred = Cred {
        uid: account.uid,
        gid: account.gid,
        groups,
    };
    for path in key_files(side.server, &account) {
        let Some(text) = text_of(side.world, &path, Some(&cred)) else {
            continue;
        };
        if !text
            .windows(14)
            .any(|w| w.eq_ignore_ascii_case(b"cert-authority"))
        {
            continue;
        }
        for (i, raw) in text.split(|&b| b == b'\n').enumerate() {
            let line = Line::read(raw, &side.server.rules);
            let LineKind::Candidate(c) = &line.kind else {
                continue;
            };
            let Some(span) = c.options else { continue };
            let (options, read) = Options::parse(span.of(raw), &side.server.rules);
            if read.is_err() || !options.cert_authority {
                continue;
            }
            let principals = options.principals.map(|p| {
                p.bytes
                    .split(|&b| b == b',')
                    .map(|e| e.trim_ascii().to_vec())
                    .collect::<Vec<_>>()
            });
            let source = format!("{}:{}", path.escape_ascii(), i + 1).into_bytes();
            let entry = out.entry(c.blob.clone()).or_insert((source, Vec::new()));
            entry.1.extend(principals.unwrap_or_default());
        }
    }
}

fn text_of(world: &dyn World, path: &[u8], cred: Option<&Cred>) -> Option<Vec<u8>> {
    let found = resolve(world, path, cred).ok()?.ok()?;
    if !found.node.is_file() {
        return None;
    }
    let reader = match cred {
        Some(cred) => Reader::User(cred),
        None => Reader::Root,
    };
    match read_all(world, &found.real, reader, CA_LIMIT) {
        Fact::Known(Ok((text, _))) => Some(text),
        _ => None,
    }
}

/// A certificate as this CA could sign one for the account: every gate but the signature's own
/// mathematics can be asked about it.
fn certificate_by(ca: &[u8], user: &[u8], more: &[Vec<u8>]) -> Option<OfferedKey> {
    let ca_key = PublicKey::from_blob(ca).ok()?;
    let algorithm: &[u8] = match ca_key.key_type().name() {
        b"ssh-rsa" => b"rsa-sha2-512",
        name => name,
    };
    let mut names = Vec::new();
    put_string(&mut names, user);
    for name in more.iter().filter(|n| n.as_slice() != user) {
        put_string(&mut names, name);
    }
    let mut signature = Vec::new();
    put_string(&mut signature, algorithm);
    put_string(&mut signature, &[0; 64]);
    let mut blob = Vec::new();
    put_string(&mut blob, b"ssh-ed25519-cert-v01@openssh.com");
    put_string(&mut blob, &[0; 32]);
    // The base point of the curve: a key that is well-formed and nobody's.
    let mut point = [0x66; 32];
    point[0] = 0x58;
    put_string(&mut blob, &point);
    blob.extend_from_slice(&0u64.to_be_bytes());
    blob.extend_from_slice(&1u32.to_be_bytes());
    put_string(&mut blob, b"any");
    put_string(&mut blob, &names);
    blob.extend_from_slice(&0u64.to_be_bytes());
    blob.extend_from_slice(&u64::MAX.to_be_bytes());
    put_string(&mut blob, b"");
    put_string(&mut blob, b"");
    put_string(&mut blob, b"");
    put_string(&mut blob, ca);
    put_string(&mut blob, &signature);
    let key = PublicKey::from_blob(&blob).ok()?;
    let mut offered = OfferedKey::new(blob, Vec::new());
    offered.key = Ok(key);
    offered.ca_unchecked = None;
    Some(offered)
}

/// Whether a password could let the account in: the gates before the methods, the method itself,
/// and root's own policy. Whether a password fits is nobody's business here.
fn password(side: Side<'_>, attempt: &Attempt) -> Said {
    let without_key = Attempt {
        key: None,
        ..attempt.clone()
    };
    let (_, refusal) = verdict_only(side.server, side.world, &without_key);
    if let Some(refusal) = refusal
        && matches!(
            refusal.cause.stage,
            Stage::Connect | Stage::Transport | Stage::Account
        )
    {
        return Said::refused(Some(refusal), None);
    }
    let Fact::Known(Some(account)) = side.world.account(&attempt.user) else {
        return Said::refused(None, None);
    };
    if side.world.build().software == Software::Dropbear || !has_password(side.world, &account) {
        return Said::refused(None, None);
    }
    match password_method(side, attempt, &account) {
        Ok(()) => Said {
            verdict: Verdict::Accept,
            because: None,
            setting: None,
        },
        Err(setting) => Said::refused(None, Some(setting)),
    }
}

fn has_password(world: &dyn World, account: &Account) -> bool {
    let field = match world.shadow(&account.name) {
        Fact::Known(Some(shadow)) if account.password == PasswordField::Shadowed => shadow.password,
        _ => account.password,
    };
    matches!(field, PasswordField::Set | PasswordField::Shadowed)
}

/// Whether the method is open to the account. The error is the setting that closes it.
fn password_method(side: Side<'_>, attempt: &Attempt, account: &Account) -> Result<(), Vec<u8>> {
    let mut names: Vec<Vec<u8>> = Vec::new();
    if let Fact::Known(gids) = side.world.groups_of(account) {
        for gid in gids {
            if let Fact::Known(Some(group)) = side.world.group(gid) {
                names.push(group.name);
            }
        }
    }
    let conf = side.server.config.evaluate(&Connection {
        user: &attempt.user,
        user_invalid: Tri::False,
        groups: Looked::Known(&names),
        host: Host::Address,
        addr: attempt.from.addr,
        laddr: Looked::Known(attempt.to.addr),
        lport: Looked::Known(attempt.to.port),
        rdomain: Looked::Known(b""),
    });
    let by_password = conf.flag(Kw::PasswordAuthentication);
    let password = by_password.value;
    let asked = conf.flag(Kw::KbdInteractiveAuthentication).value && conf.flag(Kw::UsePAM).value;
    if !password && !asked {
        return Err(origin("PasswordAuthentication", &by_password.origin));
    }
    let root = conf.permit_root_login();
    if account.uid == 0 && root.value != PermitRootLogin::Yes {
        return Err(origin("PermitRootLogin", &root.origin));
    }
    let lists = conf.words(Kw::AuthenticationMethods);
    let fits = |list: &&[u8]| {
        **list == *b"any"
            || list.split(|&b| b == b',').all(|m| {
                m == b"password" && password
                    || m.split(|&b| b == b':').next() == Some(b"keyboard-interactive") && asked
            })
    };
    if lists.value.is_empty() || lists.value.iter().any(fits) {
        return Ok(());
    }
    Err(origin("AuthenticationMethods", &lists.origin))
}

fn origin(keyword: &str, origin: &Origin<'_>) -> Vec<u8> {
    match origin {
        Origin::File { place, .. } => {
            let mut out = place.file.to_vec();
            out.extend_from_slice(format!(":{}", place.line).as_bytes());
            out
        }
        Origin::CommandLine { .. } => format!("{keyword} on sshd's command line").into_bytes(),
        Origin::Default { build } => format!("{keyword}: the default of {build}").into_bytes(),
    }
}
