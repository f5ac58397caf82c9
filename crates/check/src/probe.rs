//! One connection: what the server says, and what becomes of each key.

use crate::hosts::{self, Standing};
use crate::identity::{From, Identity, Passphrase, Secret, unlock};
use crate::names::OtherName;
use crate::reach::{self, Link, Unreached};
use crate::signer::destinations;
use crate::target::{Habits, Target};
use sshwhy_keys::{KeyType, PublicKey, SigAlg};
use sshwhy_rank::Place;
use sshwhy_wire::auth::AuthReply;
use sshwhy_wire::{
    AfterSuccess, Attempt, ChannelOutput, ChannelRequest, End, LoginReport, Session, SignError,
    Signer, Step, StepOutcome, TransportConfig,
};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// What may be spent on one connection.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Time to connect, and for each answer.
    pub answer: Duration,
    /// Time for all of it.
    pub total: Duration,
    /// Most refused keys: sshd ends the connection at MaxAuthTries, 6 unless set.
    pub refusals: usize,
    /// Open a shell once let in, and read what comes for 5 s.
    pub session: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            answer: Duration::from_secs(10),
            total: Duration::from_secs(60),
            refusals: 5,
            session: false,
        }
    }
}

/// The host keys that are known.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// known_hosts files.
    pub files: Vec<hosts::File>,
    /// Blobs that PuTTY has for this host.
    pub putty: Vec<Vec<u8>>,
    /// A fingerprint that was given.
    pub given: Option<String>,
}

/// What a request came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// PK_OK.
    PkOk,
    /// FAILURE, and the methods that can continue.
    Refused(Vec<u8>),
    /// FAILURE with partial success, and the methods that can continue.
    Partial(Vec<u8>),
    /// SUCCESS.
    Success,
    /// The connection ended.
    Ended(End),
    /// Something that is no answer to it.
    Odd,
}

/// Why no signature was sent after PK_OK.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unsigned {
    /// There is no private half.
    NoPrivateHalf,
    /// It is encrypted, and nobody gave the passphrase.
    NoPassphrase,
    /// The passphrase does not open it, or the file is damaged.
    NotUnlocked(sshwhy_keyfile::UnlockError),
    /// The agent, or the key, refused.
    Refused(String),
    /// The agent keeps the key for these destinations alone; empty where it does not tell them. A
    /// connection of this program is bound to none, which OpenSSH's own client binds.
    Elsewhere(Vec<Vec<u8>>),
}

/// What became of one key.
#[derive(Clone, Debug)]
pub struct Tried {
    /// Its place among the identities.
    pub identity: usize,
    /// The public key algorithm named; empty where none fits both sides.
    pub algorithm: Vec<u8>,
    /// The query's answer; `None`: it was not offered.
    pub query: Option<Answer>,
    /// The signed attempt's answer.
    pub signed: Option<Answer>,
    /// Why there was none.
    pub unsigned: Option<Unsigned>,
    /// The algorithm that the signature names.
    pub signed_with: Option<Vec<u8>>,
    /// The signature verifies with the public half.
    pub checked: bool,
}

/// What ended the probe before its keys were through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The host key is not the one that is known, or is revoked, or not the one given.
    HostKey,
    /// As many keys were refused as may be.
    Refusals,
    /// The connection ended.
    End(End),
}

/// Everything one connection showed.
#[derive(Default)]
pub struct Report {
    /// Where it went.
    pub addr: Option<SocketAddr>,
    /// Why no connection came about.
    pub unreached: Option<Unreached>,
    /// The wire, raw.
    pub wire: LoginReport,
    /// How the host key stands.
    pub host_key: Option<Standing>,
    /// Methods that can continue, as `none` was answered.
    pub methods: Option<Vec<u8>>,
    /// `none` alone let us in.
    pub open: bool,
    /// Each key.
    pub tried: Vec<Tried>,
    /// What was said of further keys, by their place: whether one would be looked at.
    pub others: Vec<(usize, bool)>,
    /// Another name for which the server was asked about the key, and whether it would take it.
    pub other_name: Option<(OtherName, bool)>,
    /// Which one let us in.
    pub accepted: Option<usize>,
    /// How the connection stood then.
    pub after: Option<AfterSuccess>,
    /// What came of the shell, with [`Limits::session`].
    pub session: Option<ChannelOutput>,
    /// What ended it early.
    pub stop: Option<Stop>,
    /// Failing connections of ours that this server had seen lately, before this one.
    pub failures_before: usize,
}

impl Report {
    /// Whether the list of methods has publickey.
    #[must_use]
    pub fn takes_keys(&self) -> Option<bool> {
        let methods = self.methods.as_ref()?;
        Some(methods.split(|b| *b == b',').any(|m| m == b"publickey"))
    }

    /// Whether the server was asked about a key or a name and let nobody in: what may cost a
    /// penalty.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.unreached.is_none() && self.accepted.is_none() && !self.open
    }

    /// Whether this server may lay a penalty for it: OpenSSH before 9.8 and Dropbear know none.
    #[must_use]
    pub fn may_be_penalised(&self) -> bool {
        let Some(id) = self.wire.identification() else {
            return true;
        };
        let after = |name: &[u8]| {
            let at = id.windows(name.len()).position(|w| w == name)?;
            id.get(at.saturating_add(name.len())..)
        };
        if after(b"dropbear").is_some() {
            return false;
        }
        let Some(version) = after(b"OpenSSH_") else {
            return true;
        };
        let mut numbers = version.split(|b| !b.is_ascii_digit()).map(|n| {
            std::str::from_utf8(n)
                .ok()
                .and_then(|t| t.parse::<u16>().ok())
        });
        match (numbers.next().flatten(), numbers.next().flatten()) {
            (Some(major), Some(minor)) => (major, minor) >= (9, 8),
            _ => true,
        }
    }

    /// What became of a key.
    #[must_use]
    pub fn of(&self, identity: usize) -> Option<&Tried> {
        self.tried.iter().find(|t| t.identity == identity)
    }

    /// The step at which the login with this key stopped; without a key, the login at all.
    #[must_use]
    pub fn place(&self, identity: Option<usize>) -> Place {
        if self.unreached.is_some() {
            return Place::Reach;
        }
        if self.accepted.is_some() || self.open {
            let ended = matches!(self.after, Some(AfterSuccess::Ended(_)));
            let of_this = identity.is_none() || identity == self.accepted;
            if of_this {
                return if ended {
                    Place::Session
                } else {
                    Place::Accepted
                };
            }
        }
        if let Some(tried) = identity.and_then(|i| self.of(i)) {
            return tried.place();
        }
        if self.stop == Some(Stop::HostKey) {
            return Place::HostKey;
        }
        if self.takes_keys() == Some(false) {
            return Place::Method;
        }
        if self.methods.is_some() {
            return match self.stop {
                Some(Stop::End(_)) => Place::Disconnected,
                _ => Place::NotOffered,
            };
        }
        if self.wire.timings.new_keys.is_some() {
            return Place::Disconnected;
        }
        if self.wire.identification().is_some() {
            return Place::KeyExchange;
        }
        Place::Identification
    }
}

impl Tried {
    /// The step at which this key stopped.
    #[must_use]
    pub fn place(&self) -> Place {
        match (&self.query, &self.signed) {
            (_, Some(Answer::Success)) => Place::Accepted,
            (_, Some(Answer::Partial(_))) => Place::Partial,
            (_, Some(Answer::Refused(_) | Answer::Odd)) => Place::Signature,
            (_, Some(Answer::Ended(_))) => Place::Closed,
            (Some(Answer::PkOk), _) => Place::Unsigned,
            (Some(Answer::Refused(_) | Answer::Odd), _) => Place::Query,
            // At MaxAuthTries sshd disconnects in place of the FAILURE.
            (Some(Answer::Ended(end)), _) if too_many(end) => Place::Query,
            (Some(Answer::Ended(_)), _) => Place::Disconnected,
            (Some(Answer::Partial(_)), _) => Place::Partial,
            (Some(Answer::Success), _) => Place::Accepted,
            (None, _) => Place::NotOffered,
        }
    }
}

/// The server ended the connection for as many failures as MaxAuthTries allows.
#[must_use]
pub fn too_many(end: &End) -> bool {
    const WORDS: &[u8] = b"Too many authentication failures";
    matches!(end, End::Disconnected(d) if d.text.windows(WORDS.len()).any(|w| w == WORDS))
}

/// What a probe needs besides the target.
pub struct Question<'a> {
    /// The keys, in the client's order.
    pub identities: &'a [Identity],
    /// Those to offer, by their place.
    pub order: &'a [usize],
    /// Known host keys.
    pub known: &'a Known,
    /// Limits.
    pub limits: Limits,
    /// Passphrases.
    pub passphrase: Passphrase<'a>,
    /// Further keys of the user's, to ask about where all of these are refused.
    pub others: &'a [Identity],
}

/// Makes one connection and offers the keys. Never fails: what went wrong is in the report.
#[must_use]
pub fn probe(target: &Target, question: &Question<'_>) -> Report {
    match reach::connect(target, question.limits.answer) {
        Ok((link, addr)) => Report {
            addr,
            ..probe_over(link, target, question)
        },
        Err(unreached) => Report {
            unreached: Some(unreached),
            ..Report::default()
        },
    }
}

/// [`probe`] on a connection that is there already.
#[must_use]
pub fn probe_over(link: Link, target: &Target, question: &Question<'_>) -> Report {
    let began = Instant::now();
    let (mut report, session) = begin_over(link, target, question);
    let Some(mut session) = session else {
        return report;
    };
    if !matches!(report.stop, Some(Stop::End(_))) {
        // SSH_DISCONNECT_BY_APPLICATION
        let _ = session.disconnect(11, b"checked");
    }
    report.wire = std::mem::take(&mut session.report);
    report.wire.timings.total = began.elapsed();
    report
}

/// [`probe`], with the connection left as it is, and what it saw still with it.
pub(crate) fn begin(target: &Target, question: &Question<'_>) -> (Report, Option<Session<Link>>) {
    match reach::connect(target, question.limits.answer) {
        Ok((link, addr)) => {
            let (mut report, session) = begin_over(link, target, question);
            report.addr = addr;
            (report, session)
        }
        Err(unreached) => {
            let report = Report {
                unreached: Some(unreached),
                ..Report::default()
            };
            (report, None)
        }
    }
}

fn begin_over(
    link: Link,
    target: &Target,
    question: &Question<'_>,
) -> (Report, Option<Session<Link>>) {
    let mut report = Report::default();
    let limits = question.limits;
    let mut session = match Session::new(
        link,
        TransportConfig::default(),
        limits.answer,
        limits.total,
    ) {
        Ok(session) => session,
        Err(end) => {
            report.stop = Some(Stop::End(end));
            return (report, None);
        }
    };
    if let Err(stop) = talk(&mut session, target, question, &mut report) {
        report.stop = Some(stop);
    }
    (report, Some(session))
}

fn talk(
    session: &mut Session<Link>,
    target: &Target,
    question: &Question<'_>,
    report: &mut Report,
) -> Result<(), Stop> {
    session.handshake().map_err(Stop::End)?;
    if let Some(blob) = session.report.host_key().map(|k| k.blob.clone()) {
        let standing = stand(target, question.known, &blob);
        let stops = matches!(
            standing,
            Standing::Changed { .. } | Standing::Revoked { .. }
        );
        report.host_key = Some(standing);
        if stops {
            return Err(Stop::HostKey);
        }
    }
    session
        .begin_auth()
        .map_err(Stop::End)
        .and_then(|reply| match reply {
            AuthReply::ServiceAccept(_) => Ok(()),
            AuthReply::Disconnected(d) => Err(Stop::End(End::Disconnected(d))),
            _ => Err(Stop::End(End::Closed)),
        })?;
    match answer(session.step(&target.user, &Step::None).outcome) {
        Answer::Refused(methods) | Answer::Partial(methods) => report.methods = Some(methods),
        Answer::Success => {
            report.open = true;
            return finish(session, question.limits, report);
        }
        Answer::Ended(end) => return Err(Stop::End(end)),
        Answer::PkOk | Answer::Odd => {}
    }
    if report.takes_keys() == Some(false) {
        return Ok(());
    }
    let mut refused = 0usize;
    for &index in question.order {
        let Some(identity) = question.identities.get(index) else {
            continue;
        };
        if identity.blob.is_empty() {
            continue;
        }
        if refused >= question.limits.refusals {
            return Err(Stop::Refusals);
        }
        let tried = offer(session, target, question, index, identity);
        let last = tried.signed.clone().or_else(|| tried.query.clone());
        report.tried.push(tried);
        match last {
            Some(Answer::Success) => {
                report.accepted = Some(index);
                return finish(session, question.limits, report);
            }
            Some(Answer::Ended(end)) => return Err(Stop::End(end)),
            // More is asked for: that is the answer.
            Some(Answer::Partial(_)) => return Ok(()),
            Some(Answer::Refused(_) | Answer::Odd) => refused = refused.saturating_add(1),
            // The key is welcome and nothing signs with it: another key says no more about it.
            Some(Answer::PkOk) if identity.is_named() => return Ok(()),
            Some(Answer::PkOk) | None => {}
        }
    }
    if report.tried.iter().all(|t| t.place() <= Place::Query) {
        about_others(session, target, question, report, refused);
    }
    Ok(())
}

/// Many servers hear four keys alone (MaxAuthTries 4, as hardening guides have it): the fourth refusal ends
/// the connection there, and is logged as too many, which what watches the log may take for an attack.
const GENTLE: usize = 3;

/// Asks about further keys, up to [`GENTLE`] refusals in all. Whatever ends it, what was to be learnt of
/// the keys that are offered is learnt.
fn about_others(
    session: &mut Session<Link>,
    target: &Target,
    question: &Question<'_>,
    report: &mut Report,
    mut refused: usize,
) {
    let most = question.limits.refusals.min(GENTLE);
    for (index, identity) in question.others.iter().enumerate() {
        if refused >= most {
            return;
        }
        match query(session, target, identity) {
            None => {}
            Some((_, Answer::PkOk)) => {
                report.others.push((index, true));
                return;
            }
            Some((_, Answer::Refused(_))) => {
                report.others.push((index, false));
                refused = refused.saturating_add(1);
            }
            Some(_) => return,
        }
    }
}

/// Asks about one key: the algorithm that the client would name, and the answer. `None`: the client
/// passes over the key.
fn query(
    session: &mut Session<Link>,
    target: &Target,
    identity: &Identity,
) -> Option<(Vec<u8>, Answer)> {
    let listed = session.report.server_sig_algs().map(<[u8]>::to_vec);
    let algorithm = algorithm(identity, listed.as_deref(), target)?;
    let query = Step::Query {
        algorithm: algorithm.clone(),
        blob: identity.blob.clone(),
    };
    let said = answer(session.step(&target.user, &query).outcome);
    Some((algorithm, said))
}

/// How a host key stands, with all that is known.
#[must_use]
pub fn stand(target: &Target, known: &Known, blob: &[u8]) -> Standing {
    if let Some(given) = &known.given {
        let fingerprint = PublicKey::from_blob(blob).map_or_else(
            |_| sshwhy_keys::fingerprint::sha256(blob),
            |k| k.fingerprint(),
        );
        let at = (b"--host-key".to_vec(), 0);
        return if *given == fingerprint {
            Standing::Known { at }
        } else {
            Standing::Changed {
                at,
                expected: given.clone(),
            }
        };
    }
    match target.habits {
        Habits::OpenSsh => {
            let (name, port) = target.known_as();
            hosts::standing(&known.files, &name, port, blob)
        }
        Habits::Putty => {
            let at = (b"PuTTY's host keys".to_vec(), 0);
            let kind = |b: &[u8]| PublicKey::from_blob(b).ok().map(|k| k.key_type().clone());
            if known.putty.iter().any(|k| k == blob) {
                Standing::Known { at }
            } else if let Some(other) = known.putty.iter().find(|k| kind(k) == kind(blob)) {
                let expected = sshwhy_keys::fingerprint::sha256(other);
                Standing::Changed { at, expected }
            } else if known.putty.is_empty() {
                Standing::Unknown
            } else {
                Standing::OtherTypes { at }
            }
        }
    }
}

fn answer(outcome: StepOutcome) -> Answer {
    match outcome {
        StepOutcome::PkOk { .. } => Answer::PkOk,
        StepOutcome::Failure {
            methods,
            partial: false,
        } => Answer::Refused(methods),
        StepOutcome::Failure {
            methods,
            partial: true,
        } => Answer::Partial(methods),
        StepOutcome::Success => Answer::Success,
        StepOutcome::Ended(end) => Answer::Ended(end),
        StepOutcome::Unexpected(AuthReply::Disconnected(d)) => Answer::Ended(End::Disconnected(d)),
        _ => Answer::Odd,
    }
}

/// Queries a key, and signs where the server welcomes it.
pub(crate) fn offer(
    session: &mut Session<Link>,
    target: &Target,
    question: &Question<'_>,
    index: usize,
    identity: &Identity,
) -> Tried {
    let mut tried = Tried {
        identity: index,
        algorithm: Vec::new(),
        query: None,
        signed: None,
        unsigned: None,
        signed_with: None,
        checked: false,
    };
    let Some((algorithm, said)) = query(session, target, identity) else {
        return tried;
    };
    tried.algorithm.clone_from(&algorithm);
    tried.query = Some(said.clone());
    if said != Answer::PkOk {
        return tried;
    }
    let signer = match signer(identity, question.passphrase) {
        Ok(signer) => signer,
        Err(why) => {
            tried.unsigned = Some(why);
            return tried;
        }
    };
    let signer = Arc::new(Noted {
        signer,
        public: identity.public.clone(),
        seen: Mutex::new(None),
    });
    let attempt = Attempt::new(
        &algorithm,
        &identity.blob,
        Arc::clone(&signer) as Arc<dyn Signer>,
    );
    match session.step(&target.user, &Step::Sign(attempt)).outcome {
        StepOutcome::NotSigned(SignError::Failed(why) | SignError::Format(why)) => {
            tried.unsigned = Some(match bound(identity) {
                Some(to) => Unsigned::Elsewhere(to),
                None => Unsigned::Refused(why),
            });
        }
        StepOutcome::NotSigned(other) => {
            tried.unsigned = Some(Unsigned::Refused(other.to_string()));
        }
        outcome => tried.signed = Some(answer(outcome)),
    }
    if let Some((label, checked)) = signer.seen.lock().ok().and_then(|mut s| s.take()) {
        tried.signed_with = Some(label);
        tried.checked = checked;
    }
    tried
}

/// The destinations of a key of an agent, where it has any.
fn bound(identity: &Identity) -> Option<Vec<Vec<u8>>> {
    match &identity.from {
        From::Agent { socket, .. } => destinations(socket, &identity.blob),
        From::File { .. } => None,
    }
}

/// Keeps what a signature says of itself, and whether it holds.
struct Noted {
    signer: Arc<dyn Signer>,
    public: Option<PublicKey>,
    seen: Mutex<Option<(Vec<u8>, bool)>>,
}

impl Signer for Noted {
    fn public_blob(&self) -> Vec<u8> {
        self.signer.public_blob()
    }

    fn sign(&self, algorithm: &[u8], message: &[u8]) -> Result<Vec<u8>, SignError> {
        let blob = self.signer.sign(algorithm, message)?;
        let key = self.public.as_ref();
        let holds = key.is_some_and(|k| sshwhy_keys::verify(k, &blob, message).is_ok());
        if let Ok(mut seen) = self.seen.lock() {
            *seen = Some((first_string(&blob), holds));
        }
        Ok(blob)
    }
}

fn signer(identity: &Identity, passphrase: Passphrase<'_>) -> Result<Arc<dyn Signer>, Unsigned> {
    match &identity.secret {
        Secret::Ready(signer) => Ok(Arc::clone(signer)),
        Secret::Missing => Err(Unsigned::NoPrivateHalf),
        Secret::Locked(file) => {
            use std::os::unix::ffi::OsStrExt;
            let source = identity.source();
            let path = Path::new(std::ffi::OsStr::from_bytes(&source));
            let word = passphrase(path).ok_or(Unsigned::NoPassphrase)?;
            unlock(file, &word).map_err(Unsigned::NotUnlocked)
        }
    }
}

/// The public key algorithm that the client names for a key: `key_sig_algorithm` of OpenSSH; PuTTY
/// takes SHA-1 where the server lists nothing. `None`: the client passes over the key.
#[must_use]
pub fn algorithm(identity: &Identity, listed: Option<&[u8]>, target: &Target) -> Option<Vec<u8>> {
    let kind = match &identity.public {
        Some(key) => key.key_type().clone(),
        None => return Some(first_string(&identity.blob)),
    };
    let allowed = |name: &[u8]| {
        target
            .config
            .as_ref()
            .is_none_or(|c| client_allows(c, name))
    };
    let of_rsa = kind.plain() == KeyType::from_name(b"ssh-rsa");
    if !of_rsa {
        return allowed(kind.name()).then(|| kind.name().to_vec());
    }
    let names: [&[u8]; 3] = if kind.is_cert() {
        [
            b"rsa-sha2-512-cert-v01@openssh.com",
            b"rsa-sha2-256-cert-v01@openssh.com",
            b"ssh-rsa-cert-v01@openssh.com",
        ]
    } else {
        [b"rsa-sha2-512", b"rsa-sha2-256", b"ssh-rsa"]
    };
    let [_, _, sha1] = names;
    let openssh = target.habits == Habits::OpenSsh;
    match listed {
        // Lists name the plain algorithm; a certificate's goes with it.
        Some(list) => names.into_iter().find(|name| {
            let plain = SigAlg::from_name(name).plain();
            let by_server = list
                .split(|b| *b == b',')
                .any(|l| l == plain.name() || l == *name);
            let by_us = if *name == sha1 && openssh {
                asks_for_sha1(target)
            } else {
                allowed(name)
            };
            by_server && by_us
        }),
        None => (!openssh || asks_for_sha1(target)).then_some(sha1),
    }
    .map(<[u8]>::to_vec)
}

/// OpenSSH since 8.8 signs with SHA-1 only where ssh_config says so.
fn asks_for_sha1(target: &Target) -> bool {
    let config = target.config.as_ref();
    let list = config.and_then(|c| c.first("pubkeyacceptedalgorithms"));
    list.is_some_and(|l| {
        !l.starts_with(b"-")
            && l.split(|b| matches!(b, b',' | b'+' | b'^'))
                .any(|n| n == b"ssh-rsa")
    })
}

/// PubkeyAcceptedAlgorithms of ssh_config: a whole list, or one that takes away.
fn client_allows(config: &sshwhy_config::client::ClientConfig, name: &[u8]) -> bool {
    let Some(list) = config.first("pubkeyacceptedalgorithms") else {
        return true;
    };
    let hits = |list: &[u8]| {
        list.split(|b| *b == b',')
            .any(|p| sshwhy_config::glob_match(p, name))
    };
    match list {
        [b'+' | b'^', ..] => true,
        [b'-', rest @ ..] => !hits(rest),
        whole => hits(whole),
    }
}

/// The name that a blob begins with.
fn first_string(blob: &[u8]) -> Vec<u8> {
    let len = blob
        .first_chunk::<4>()
        .map_or(0, |n| u32::from_be_bytes(*n));
    let len = usize::try_from(len).unwrap_or(0);
    blob.get(4..)
        .and_then(|rest| rest.get(..len))
        .unwrap_or_default()
        .to_vec()
}

/// After SUCCESS: is it real, and with `session` what does a shell say.
fn finish(session: &mut Session<Link>, limits: Limits, report: &mut Report) -> Result<(), Stop> {
    let alive = session.prove_alive();
    report.after = Some(match &alive {
        Ok(()) => AfterSuccess::Alive,
        Err(end) => AfterSuccess::Ended(end.clone()),
    });
    alive.map_err(Stop::End)?;
    if limits.session {
        let (output, end) = session.run(ChannelRequest::Shell, Vec::new(), 64 * 1024);
        report.session = Some(output);
        if let Some(end) = end {
            return Err(Stop::End(end));
        }
    }
    Ok(())
}
