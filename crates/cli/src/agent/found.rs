//! An agent, asked for all that it tells.

use super::who::{self, Kind};
use sshwhy_agent::Client;
use sshwhy_agent::extension::{self, ConstrainedKey, SessionBind};
use sshwhy_agent::find::{self, Origin, Place, State};
use sshwhy_keys::{PublicKey, SigAlg, fingerprint};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::Duration;

/// An agent that does not answer a list in this time does not answer.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
/// How long an agent may ask its person: for a passphrase, a touch, a yes.
pub(super) const PERSON: Duration = Duration::from_secs(300);

/// What came of a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Answers,
    Absent,
    Stale,
    NotASocket,
    Denied,
    Silent(String),
}

impl Standing {
    pub(super) fn word(&self) -> &'static str {
        match self {
            Standing::Answers => "answers",
            Standing::Absent => "absent",
            Standing::Stale => "stale",
            Standing::NotASocket => "not-a-socket",
            Standing::Denied => "denied",
            Standing::Silent(_) => "silent",
        }
    }
}

/// What came of a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trial {
    /// It verifies, and is of the algorithm that was asked for.
    Good,
    /// It is of another algorithm, or of SHA-1 under another name.
    Sha1(String),
    /// It does not verify.
    Bad(String),
    /// None was made.
    Refused(String),
    /// Not tried, and why.
    Skipped(&'static str),
    /// It was made; this program cannot check its kind.
    Unchecked,
}

impl Trial {
    pub(super) fn word(&self) -> &'static str {
        match self {
            Trial::Good => "good",
            Trial::Sha1(_) => "sha1",
            Trial::Bad(_) => "bad",
            Trial::Refused(_) => "refused",
            Trial::Skipped(_) => "skipped",
            Trial::Unchecked => "unchecked",
        }
    }

    pub(super) fn detail(&self) -> String {
        match self {
            Trial::Sha1(text) | Trial::Bad(text) | Trial::Refused(text) => text.clone(),
            Trial::Skipped(why) => (*why).to_owned(),
            Trial::Good | Trial::Unchecked => String::new(),
        }
    }
}

/// A signature that was asked for.
#[derive(Clone, Debug)]
pub(super) struct Tried {
    pub(super) algorithm: SigAlg,
    pub(super) outcome: Trial,
}

/// A key of an agent.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub(super) blob: Vec<u8>,
    pub(super) comment: Vec<u8>,
    /// `None`: the blob is none that is known here.
    pub(super) public: Option<PublicKey>,
    pub(super) encrypted: Option<bool>,
    pub(super) limits: Option<ConstrainedKey>,
    /// Whether it is for certain destinations alone. `None`: it cannot be told.
    pub(super) bound: Option<bool>,
    pub(super) trials: Vec<Tried>,
}

impl Key {
    pub(super) fn fingerprint(&self) -> String {
        match &self.public {
            Some(key) => key.fingerprint(),
            None => fingerprint::sha256(&self.blob),
        }
    }

    pub(super) fn type_name(&self) -> String {
        match &self.public {
            Some(key) => key.key_type().to_string(),
            None => "unknown".into(),
        }
    }
}

/// An agent and what it told.
pub(super) struct Found {
    pub(super) origin: Origin,
    pub(super) path: PathBuf,
    pub(super) state: Standing,
    pub(super) kind: Kind,
    pub(super) process: Option<Vec<u8>>,
    pub(super) pid: Option<i32>,
    /// `None`: it cannot be told.
    pub(super) locked: Option<bool>,
    pub(super) keys: Vec<Key>,
}

/// Asks the agent at a place.
pub(super) fn ask(place: &Place) -> Found {
    let mut found = Found {
        origin: place.origin,
        path: place.path.clone(),
        state: Standing::Absent,
        kind: Kind::Other,
        process: None,
        pid: None,
        locked: None,
        keys: Vec::new(),
    };
    let stream = match find::open(&place.path, Some(PATIENCE)) {
        State::Listens(stream) => stream,
        State::Stale => {
            found.state = Standing::Stale;
            return found;
        }
        State::NotASocket => {
            found.state = Standing::NotASocket;
            return found;
        }
        State::Denied => {
            found.state = Standing::Denied;
            return found;
        }
        State::Failed(e) => {
            found.state = Standing::Silent(e.to_string());
            return found;
        }
        _ => return found,
    };
    let peer = rustix::net::sockopt::socket_peercred(&stream).ok();
    let process = who::process(&place.path, peer.map(|p| p.pid));
    found.kind = who::kind(&place.path, process.as_ref());
    if let Some(process) = process {
        found.pid = Some(process.pid.as_raw_nonzero().get());
        found.process = Some(process.name);
    }
    let mut client = Client::new(stream).patient(PATIENCE);
    match client.identities() {
        Ok(keys) => {
            found.state = Standing::Answers;
            found.keys = keys
                .into_iter()
                .map(|key| Key {
                    public: PublicKey::from_blob(&key.blob).ok(),
                    blob: key.blob,
                    comment: key.comment,
                    encrypted: None,
                    limits: None,
                    bound: None,
                    trials: Vec::new(),
                })
                .collect();
        }
        Err(e) => {
            found.state = Standing::Silent(e.to_string());
            return found;
        }
    }
    details(&mut found, &mut client);
    // From here on by connections of their own: some agents serve one at a time.
    if found.keys.is_empty() {
        found.locked = is_locked(place, found.kind, client);
    } else {
        drop(client);
        if found.keys.iter().all(|k| k.bound.is_none()) {
            bound(&mut found);
        }
        found.locked = Some(false);
    }
    found
}

/// What only some agents tell.
fn details(found: &mut Found, client: &mut Client<UnixStream>) {
    if let Ok(Some(keys)) = client.list_extended() {
        for key in &mut found.keys {
            let same = keys.iter().find(|k| k.blob == key.blob);
            key.encrypted = same.map(|k| k.is_encrypted);
        }
    }
    if let Ok(Some(keys)) = client.list_constraints() {
        for key in &mut found.keys {
            key.limits = keys.iter().find(|k| k.blob == key.blob).cloned();
        }
        for key in &mut found.keys {
            key.bound = key.limits.as_ref().map(|l| !l.destinations.is_empty());
        }
    }
}

/// Which keys have destinations, of an agent that does not tell: to a connection that is bound to a
/// host it shows those alone that may go there (ssh-agent from 8.9 on). That connection is used for
/// nothing else.
fn bound(found: &mut Found) {
    let State::Listens(stream) = find::open(&found.path, Some(PATIENCE)) else {
        return;
    };
    let mut client = Client::new(stream).patient(PATIENCE);
    let bind = client.request(&SessionBind::of_nothing().request());
    if !matches!(bind, Ok(sshwhy_agent::Response::Success)) {
        return;
    }
    if let Ok(shown) = client.identities() {
        for key in &mut found.keys {
            key.bound = Some(!shown.iter().any(|s| s.blob == key.blob));
        }
    }
}

/// Whether an agent that shows no key is locked. A locked one refuses what an open one grants: to
/// bind a connection to a session. That connection is used for nothing else.
fn is_locked(place: &Place, kind: Kind, mut client: Client<UnixStream>) -> Option<bool> {
    if let Ok(Some(names)) = client.extensions()
        && names.iter().any(|n| n == extension::LIST_CONSTRAINTS)
    {
        return Some(false);
    }
    drop(client);
    if matches!(kind, Kind::Gpg | Kind::Pageant) {
        // They have no lock.
        return Some(false);
    }
    let State::Listens(stream) = find::open(&place.path, Some(PATIENCE)) else {
        return None;
    };
    let answer = Client::new(stream)
        .patient(PATIENCE)
        .request(&SessionBind::of_nothing().request());
    match answer {
        Ok(sshwhy_agent::Response::Success) => Some(false),
        // Ours knows the request, and so does ssh-agent from 8.9 on.
        Ok(_) if matches!(kind, Kind::Ours | Kind::OpenSsh) => Some(true),
        _ => None,
    }
}
