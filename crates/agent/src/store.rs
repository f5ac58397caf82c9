//! The keys of an agent and what may be done with them. No transport, no thread, no clock: time
//! comes in as an argument, and whatever takes long goes out as a [`Job`].

use crate::ask::{Client, Question, Topic};
use crate::constraint::{Constraint, Destination};
use crate::extension::{self, ConstrainedKey, ExtendedKey, SessionBind};
use crate::identity::Identity;
use crate::job::{self, Done, FileBytes, Job, Kind, Outcome, Task};
use crate::lock::Sealed;
use crate::protocol::{MAX_MESSAGE, Request, Response, msg};
use crate::session::Session;
use sshwhy_keyfile::{PrivateKey, Protection, Secret};
use sshwhy_keys::PublicKey;
use sshwhy_keys::wire::{Reader, put_string};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// Most keys; clients take no longer lists (`MAX_AGENT_IDENTITIES` of OpenSSH).
pub const MAX_KEYS: usize = 2048;

/// The moment of a request.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// For lifetimes.
    pub instant: Instant,
    /// Seconds since 1970-01-01T00:00:00Z, for host certificates.
    pub unix: u64,
}

/// How an agent is set up.
#[derive(Clone, Copy, Debug, Default)]
pub struct Settings {
    /// The lifetime of keys that come without one.
    pub lifetime: Option<Duration>,
    /// Forget the decrypted form of a key whose encrypted file is held when it was not used for
    /// so long.
    pub reencrypt: Option<Duration>,
}

struct Entry {
    public: PublicKey,
    comment: Vec<u8>,
    /// Absent while encrypted or locked.
    key: Option<Arc<PrivateKey>>,
    file: Option<FileBytes>,
    expires: Option<Instant>,
    confirm: bool,
    destinations: Vec<Destination>,
    last_used: Instant,
}

enum Lock {
    Open,
    /// The keys are being encrypted.
    Closing,
    Closed(Arc<Sealed>),
}

/// What comes of a request.
pub enum Step {
    /// The answer.
    Reply(Response),
    /// The message is malformed: the answer, and the end of the connection.
    End(Response),
    /// The answer takes work; its result goes to [`Store::finish`].
    Work(Job),
}

/// The keys of an agent.
pub struct Store {
    entries: Vec<Entry>,
    lock: Lock,
    wrong: u32,
    not_before: Option<Instant>,
    settings: Settings,
}

/// Limits of a key: lifetime, confirmation, destinations.
#[derive(Default)]
struct Limits {
    lifetime: Option<Duration>,
    confirm: bool,
    destinations: Vec<Destination>,
}

impl Limits {
    /// `None`: a constraint that a key of this kind cannot have, or that is not kept here.
    fn of(constraints: Vec<Constraint>) -> Option<Limits> {
        let mut limits = Limits::default();
        for constraint in constraints {
            match constraint {
                Constraint::Lifetime(0) => {}
                Constraint::Lifetime(s) => limits.lifetime = Some(Duration::from_secs(s.into())),
                Constraint::Confirm => limits.confirm = true,
                Constraint::Destinations(list) => limits.destinations = list,
                _ => return None,
            }
        }
        Some(limits)
    }
}

impl Store {
    /// No keys yet.
    #[must_use]
    pub fn new(settings: Settings) -> Store {
        Store {
            entries: Vec::new(),
            lock: Lock::Open,
            wrong: 0,
            not_before: None,
            settings,
        }
    }

    /// Takes one message of a client.
    pub fn message(
        &mut self,
        message: &[u8],
        session: &mut Session,
        client: &Client,
        now: Now,
    ) -> Step {
        match Request::parse(message) {
            Ok(request) => self.request(request, session, client, now),
            Err(_) => Step::End(Response::Failure),
        }
    }

    /// Takes one request of a client.
    pub fn request(
        &mut self,
        request: Request,
        session: &mut Session,
        client: &Client,
        now: Now,
    ) -> Step {
        self.expire(now.instant);
        let done = |ok: bool| {
            Step::Reply(if ok {
                Response::Success
            } else {
                Response::Failure
            })
        };
        if !matches!(self.lock, Lock::Open) {
            return match request {
                Request::Unlock(passphrase) => self.unlock(passphrase),
                Request::Identities => Step::Reply(Response::Identities(Vec::new())),
                Request::Protocol1Identities => Step::Reply(Response::Protocol1Identities),
                _ => done(false),
            };
        }
        match request {
            Request::Protocol1Identities => Step::Reply(Response::Protocol1Identities),
            Request::Identities => {
                let keys = self.visible(session, now);
                let keys = keys.map(|e| (e.public.blob().to_vec(), e.comment.clone()));
                Step::Reply(Response::Identities(keys.collect()))
            }
            Request::Sign { blob, data, flags } => {
                let task = Task { data, flags, blob };
                self.sign(task, session, client, now)
            }
            Request::Add {
                identity: Identity::Known(key),
                constraints,
            } => {
                let limits = Limits::of(constraints);
                done(limits.is_some_and(|limits| self.add(key, limits, now)))
            }
            Request::Remove { blob } => {
                let at = self.entries.iter().position(|e| e.public.blob() == blob);
                let at = at.filter(|&at| {
                    self.entries
                        .get(at)
                        .is_some_and(|e| session.may_see(&e.destinations, now.unix).is_ok())
                });
                if let Some(at) = at {
                    self.entries.remove(at);
                }
                done(at.is_some())
            }
            Request::RemoveAll => {
                self.remove_all();
                done(true)
            }
            Request::Lock(passphrase) => self.close(passphrase),
            Request::Extension { name, body } => self.extension(&name, &body, session, now),
            // None are held, so that all of them are removed.
            Request::Other { number, .. } if number == msg::REMOVE_ALL_RSA_IDENTITIES => done(true),
            // Unlocking what is not locked; keys of unknown types, of tokens; unknown messages.
            _ => done(false),
        }
    }

    fn visible<'a>(
        &'a self,
        session: &'a Session,
        now: Now,
    ) -> impl Iterator<Item = &'a Entry> + 'a {
        let shown = move |e: &&Entry| session.may_see(&e.destinations, now.unix).is_ok();
        self.entries.iter().filter(shown)
    }

    fn sign(&mut self, task: Task, session: &Session, client: &Client, now: Now) -> Step {
        let found = |e: &&mut Entry| e.public.blob() == task.blob;
        let Some(entry) = self.entries.iter_mut().find(found) else {
            return Step::Reply(Response::Failure);
        };
        let allowed = session.may_sign(&entry.destinations, &entry.public, &task.data, now.unix);
        if allowed.is_err() {
            return Step::Reply(Response::Failure);
        }
        entry.last_used = now.instant;
        let kind = match (&entry.key, &entry.file) {
            (Some(key), _) if !entry.confirm => Kind::Sign {
                key: Arc::clone(key),
                task,
            },
            (None, None) => return Step::Reply(Response::Failure),
            (key, file) => Kind::Ask {
                question: Question {
                    topic: if entry.confirm {
                        Topic::Confirm
                    } else {
                        Topic::Passphrase
                    },
                    comment: entry.comment.clone(),
                    key_type: entry.public.key_type().to_string(),
                    fingerprint: entry.public.fingerprint(),
                    client: client.clone(),
                },
                confirm: entry.confirm,
                key: match (key, file) {
                    (Some(key), _) => Ok(Arc::clone(key)),
                    (None, Some(file)) => Err(Arc::clone(file)),
                    (None, None) => return Step::Reply(Response::Failure),
                },
                task,
            },
        };
        Step::Work(work(kind))
    }

    fn add(&mut self, key: Arc<PrivateKey>, limits: Limits, now: Now) -> bool {
        // What could not sign later is refused now: the client can still say so.
        let signs = !matches!(key.secret(), Secret::Sk { .. } | Secret::Opaque(_));
        if !signs || key.check().is_err() {
            return false;
        }
        let public = key.public().clone();
        let comment = key.comment().to_vec();
        self.put(public, comment, Some(key), None, limits, now)
    }

    fn put(
        &mut self,
        public: PublicKey,
        comment: Vec<u8>,
        key: Option<Arc<PrivateKey>>,
        file: Option<FileBytes>,
        limits: Limits,
        now: Now,
    ) -> bool {
        let lifetime = limits.lifetime.or(self.settings.lifetime);
        let entry = Entry {
            public,
            comment,
            key,
            file,
            expires: lifetime.and_then(|l| now.instant.checked_add(l)),
            confirm: limits.confirm,
            destinations: limits.destinations,
            last_used: now.instant,
        };
        let same = |e: &&mut Entry| e.public.blob() == entry.public.blob();
        if let Some(old) = self.entries.iter_mut().find(same) {
            // The later request says what holds (as in ssh-agent).
            *old = entry;
            return true;
        }
        let room = |e: &Entry| e.public.blob().len() + e.comment.len() + 8;
        let list: usize = self.entries.iter().map(room).sum();
        if self.entries.len() >= MAX_KEYS || list + room(&entry) + 5 > MAX_MESSAGE {
            return false;
        }
        self.entries.push(entry);
        true
    }

    fn extension(&mut self, name: &[u8], body: &[u8], session: &mut Session, now: Now) -> Step {
        let reply = |ok: bool| {
            Step::Reply(if ok {
                Response::Success
            } else {
                Response::ExtensionFailure
            })
        };
        match name {
            extension::QUERY => Step::Reply(extension::query_response()),
            extension::SESSION_BIND => match SessionBind::parse(body) {
                // ssh looks for SUCCESS alone.
                Ok(bind) => match session.bind(&bind) {
                    Ok(()) => Step::Reply(Response::Success),
                    Err(_) => Step::Reply(Response::Failure),
                },
                Err(_) => {
                    session.bind_failed();
                    Step::Reply(Response::Failure)
                }
            },
            extension::ADD_PPK => match extension::parse_string(body) {
                Ok(file) => reply(self.add_file(file, Limits::default(), now)),
                Err(_) => Step::End(Response::ExtensionFailure),
            },
            extension::ADD_ENCRYPTED => match extension::parse_add_encrypted(body) {
                Ok((file, constraints)) => {
                    let limits = Limits::of(constraints);
                    reply(limits.is_some_and(|limits| self.add_file(file, limits, now)))
                }
                Err(_) => Step::End(Response::ExtensionFailure),
            },
            extension::REENCRYPT => match extension::parse_string(body) {
                Ok(blob) => {
                    let found = self.entries.iter_mut().find(|e| e.public.blob() == blob);
                    reply(found.is_some_and(Entry::forget))
                }
                Err(_) => Step::End(Response::ExtensionFailure),
            },
            extension::REENCRYPT_ALL => {
                let all = self.entries.len();
                let forgotten = self
                    .entries
                    .iter_mut()
                    .filter_map(|e| e.forget().then_some(()));
                let left = all.saturating_sub(forgotten.count());
                if left == all && all > 0 {
                    return reply(false);
                }
                let left = u32::try_from(left).unwrap_or(u32::MAX);
                Step::Reply(Response::SuccessWith(left.to_be_bytes().to_vec()))
            }
            extension::LIST_EXTENDED => {
                let keys = self.visible(session, now).map(|e| ExtendedKey {
                    blob: e.public.blob().to_vec(),
                    comment: e.comment.clone(),
                    has_encrypted_file: e.file.is_some(),
                    is_encrypted: e.key.is_none(),
                });
                let keys: Vec<_> = keys.collect();
                Step::Reply(extension::list_extended_response(&keys))
            }
            extension::LIST_CONSTRAINTS => {
                let keys = self.visible(session, now).map(|e| e.constraints(now));
                let keys: Vec<_> = keys.collect();
                Step::Reply(extension::list_constraints_response(&keys))
            }
            _ => Step::Reply(Response::Failure),
        }
    }

    /// Takes a key file; an encrypted one is kept as it is until the key is used.
    fn add_file(&mut self, bytes: &[u8], limits: Limits, now: Now) -> bool {
        let Ok(file) = sshwhy_keyfile::read(bytes) else {
            return false;
        };
        if file.protection == Protection::None {
            return file
                .unlock(None)
                .is_ok_and(|key| self.add(Arc::new(key), limits, now));
        }
        let Some(public) = file.public else {
            return false;
        };
        let bytes = Arc::new(Zeroizing::new(bytes.to_vec()));
        // A key that is held decrypted stays so, and can be forgotten from now on (as in Pageant).
        if let Some(old) = self.entries.iter_mut().find(|e| e.public == public) {
            let new = old.file.is_none();
            old.file.get_or_insert(bytes);
            return new;
        }
        let comment = file.comment.unwrap_or_default();
        self.put(public, comment, None, Some(bytes), limits, now)
    }

    fn close(&mut self, passphrase: Zeroizing<Vec<u8>>) -> Step {
        let keys: Vec<_> = self
            .entries
            .iter_mut()
            .filter_map(|e| Some((e.public.blob().to_vec(), e.key.take()?)))
            .collect();
        // Room enough for all, so that no copy is left behind where a buffer grew.
        let room = keys.len().saturating_mul(40 * 1024);
        let mut plain = Zeroizing::new(Vec::with_capacity(room));
        for (blob, key) in keys {
            let add = Request::Add {
                identity: Identity::Known(key),
                constraints: Vec::new(),
            };
            put_string(&mut plain, &blob);
            put_string(&mut plain, &add.write());
        }
        self.lock = Lock::Closing;
        Step::Work(work(Kind::Lock { plain, passphrase }))
    }

    fn unlock(&mut self, passphrase: Zeroizing<Vec<u8>>) -> Step {
        match &self.lock {
            Lock::Closed(sealed) => Step::Work(work(Kind::Unlock {
                sealed: Arc::clone(sealed),
                passphrase,
                not_before: self.not_before,
            })),
            _ => Step::Reply(Response::Failure),
        }
    }

    /// Takes the result of a job: the answer to the client that waits for it.
    pub fn finish(&mut self, done: Done, now: Now) -> Response {
        match done.outcome {
            Outcome::Reply(response) => response,
            Outcome::Decrypted { blob, key, reply } => {
                let open = matches!(self.lock, Lock::Open);
                let entry = self.entries.iter_mut().find(|e| e.public.blob() == blob);
                match entry {
                    // Locked or removed while the person typed: nothing is signed.
                    Some(entry) if open => {
                        entry.last_used = now.instant;
                        entry.key = Some(key);
                        reply
                    }
                    _ => Response::Failure,
                }
            }
            Outcome::Locked(Some(sealed)) => {
                self.lock = Lock::Closed(Arc::new(sealed));
                Response::Success
            }
            Outcome::Locked(None) => {
                // The keys are gone with the attempt; better so than open against the wish.
                self.entries.retain(|e| e.file.is_some());
                self.lock = Lock::Open;
                Response::Failure
            }
            Outcome::Unlocked(Some(plain)) => {
                if !matches!(self.lock, Lock::Closed(_)) {
                    return Response::Failure;
                }
                self.lock = Lock::Open;
                self.wrong = 0;
                self.not_before = None;
                self.take_back(&plain);
                job::wipe_stack();
                Response::Success
            }
            Outcome::Unlocked(None) => {
                self.wrong = self.wrong.saturating_add(1);
                self.not_before = now.instant.checked_add(job::delay(self.wrong));
                Response::Failure
            }
        }
    }

    fn take_back(&mut self, plain: &[u8]) {
        let mut r = Reader::new(plain);
        while let (Ok(blob), Ok(add)) = (r.string("blob"), r.string("key")) {
            let Ok(Request::Add {
                identity: Identity::Known(key),
                ..
            }) = Request::parse(add)
            else {
                continue;
            };
            // It may have come to its end meanwhile.
            if let Some(entry) = self.entries.iter_mut().find(|e| e.public.blob() == blob) {
                entry.key = Some(key);
            }
        }
    }

    /// Drops what has come to its end.
    pub fn expire(&mut self, now: Instant) {
        self.entries.retain(|e| e.expires.is_none_or(|t| now < t));
        if let Some(idle) = self.settings.reencrypt {
            for entry in &mut self.entries {
                if now.saturating_duration_since(entry.last_used) >= idle {
                    entry.forget();
                }
            }
        }
    }

    /// When [`Store::expire`] has next something to do.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        let ends = self.entries.iter().filter_map(|e| e.expires);
        let idle = self.settings.reencrypt.into_iter().flat_map(|idle| {
            let open = |e: &&Entry| e.key.is_some() && e.file.is_some();
            let at = move |e: &Entry| e.last_used.checked_add(idle);
            self.entries.iter().filter(open).filter_map(at)
        });
        ends.chain(idle).min()
    }

    /// Drops every key.
    pub fn remove_all(&mut self) {
        self.entries.clear();
    }
}

impl Entry {
    /// Forgets the decrypted form. False: there is no encrypted one.
    fn forget(&mut self) -> bool {
        if self.file.is_some() {
            self.key = None;
        }
        self.file.is_some()
    }

    fn constraints(&self, now: Now) -> ConstrainedKey {
        let left = |t: Instant| t.saturating_duration_since(now.instant).as_secs();
        let whole = |hop: &crate::constraint::Hop| {
            let mut out = hop.user.clone();
            if !out.is_empty() {
                out.push(b'@');
            }
            out.extend_from_slice(&hop.host);
            out
        };
        ConstrainedKey {
            blob: self.public.blob().to_vec(),
            confirm: self.confirm,
            lifetime: self
                .expires
                .map(|t| u32::try_from(left(t)).unwrap_or(u32::MAX)),
            destinations: self
                .destinations
                .iter()
                .map(|d| {
                    let mut out = whole(&d.from);
                    if !out.is_empty() {
                        out.push(b'>');
                    }
                    out.extend(whole(&d.to));
                    out
                })
                .collect(),
        }
    }
}

fn work(kind: Kind) -> Job {
    Job {
        kind,
        cancelled: Arc::new(AtomicBool::new(false)),
    }
}
