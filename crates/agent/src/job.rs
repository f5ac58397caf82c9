//! Work that an agent does away from its loop: signatures, questions to the person, the lock's
//! key derivation.

use crate::ask::{Ask, Question, Topic};
use crate::lock::Sealed;
use crate::protocol::{RSA_SHA2_256, RSA_SHA2_512, Response};
use rand_core::UnwrapErr;
use sshwhy_keyfile::{PrivateKey, Secret, UnlockError};
use sshwhy_keys::{KeyType, SigAlg};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use zeroize::{Zeroize, Zeroizing};

/// How often a passphrase is asked for before a request fails.
const TRIES: u32 = 3;

/// A key file as it was given, its private half encrypted.
pub(crate) type FileBytes = Arc<Zeroizing<Vec<u8>>>;

/// A piece of work.
pub struct Job {
    pub(crate) kind: Kind,
    /// Set when nobody waits for the answer any more.
    pub(crate) cancelled: Arc<AtomicBool>,
}

pub(crate) enum Kind {
    Sign {
        key: Arc<PrivateKey>,
        task: Task,
    },
    Ask {
        question: Question,
        confirm: bool,
        /// The key, or the file that holds it.
        key: Result<Arc<PrivateKey>, FileBytes>,
        task: Task,
    },
    Lock {
        plain: Zeroizing<Vec<u8>>,
        passphrase: Zeroizing<Vec<u8>>,
    },
    Unlock {
        sealed: Arc<Sealed>,
        passphrase: Zeroizing<Vec<u8>>,
        not_before: Option<Instant>,
    },
}

/// What is to be signed, and how.
pub(crate) struct Task {
    pub(crate) data: Vec<u8>,
    pub(crate) flags: u32,
    pub(crate) blob: Vec<u8>,
}

/// What came of a [`Job`]; its store must hear of it.
pub struct Done {
    pub(crate) outcome: Outcome,
}

pub(crate) enum Outcome {
    Reply(Response),
    Decrypted {
        blob: Vec<u8>,
        key: Arc<PrivateKey>,
        reply: Response,
    },
    Locked(Option<Sealed>),
    Unlocked(Option<Zeroizing<Vec<u8>>>),
}

/// Where a job runs best.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cost {
    /// Some ten microseconds: at once.
    Quick,
    /// Milliseconds of computing.
    Heavy,
    /// As long as a person takes, or a delay.
    Waiting,
}

impl Job {
    /// Where it runs best.
    #[must_use]
    pub fn cost(&self) -> Cost {
        match &self.kind {
            Kind::Sign { key, .. } => match key.secret() {
                Secret::Ed25519 { .. } => Cost::Quick,
                _ => Cost::Heavy,
            },
            _ => Cost::Waiting,
        }
    }

    /// Whether it must be done, lest keys be lost: it holds what the store gave away.
    #[must_use]
    pub fn must_run(&self) -> bool {
        matches!(self.kind, Kind::Lock { .. })
    }

    /// Its result where it is not done.
    #[must_use]
    pub fn refuse(self) -> Done {
        let outcome = match self.kind {
            Kind::Lock { .. } => Outcome::Locked(None),
            _ => Outcome::Reply(Response::Failure),
        };
        Done { outcome }
    }

    /// Does it.
    #[must_use]
    pub fn run(self, ask: &dyn Ask) -> Done {
        let Job { kind, cancelled } = self;
        let outcome = match kind {
            Kind::Sign { key, task } => Outcome::Reply(sign(&key, &task)),
            Kind::Ask {
                question,
                confirm,
                key,
                task,
            } => asked(ask, &question, confirm, key, &task, &cancelled),
            Kind::Lock { plain, passphrase } => {
                Outcome::Locked(Sealed::seal(plain, &passphrase).ok())
            }
            Kind::Unlock {
                sealed,
                passphrase,
                not_before,
            } => {
                if let Some(wait) =
                    not_before.and_then(|t| t.checked_duration_since(Instant::now()))
                {
                    std::thread::sleep(wait);
                }
                Outcome::Unlocked(sealed.open(&passphrase))
            }
        };
        wipe_stack();
        Done { outcome }
    }
}

fn asked(
    ask: &dyn Ask,
    question: &Question,
    confirm: bool,
    key: Result<Arc<PrivateKey>, FileBytes>,
    task: &Task,
    cancelled: &AtomicBool,
) -> Outcome {
    let refused = || Outcome::Reply(Response::Failure);
    let gone = || cancelled.load(Ordering::Relaxed);
    if confirm && (!ask.confirm(question, cancelled) || gone()) {
        return refused();
    }
    let file = match key {
        Ok(key) => return Outcome::Reply(sign(&key, task)),
        Err(file) => file,
    };
    let Ok(file) = sshwhy_keyfile::read(&file) else {
        return refused();
    };
    for round in 0..TRIES {
        let question = Question {
            topic: if round == 0 {
                Topic::Passphrase
            } else {
                Topic::PassphraseAgain
            },
            ..question.clone()
        };
        let Some(passphrase) = ask.passphrase(&question, cancelled) else {
            return refused();
        };
        if gone() {
            return refused();
        }
        match file.unlock(Some(&passphrase)) {
            Ok(key) => {
                let key = Arc::new(key);
                let reply = sign(&key, task);
                return Outcome::Decrypted {
                    blob: task.blob.clone(),
                    key,
                    reply,
                };
            }
            Err(UnlockError::WrongPassphrase | UnlockError::WrongOrDamaged { .. }) => {}
            Err(_) => return refused(),
        }
    }
    refused()
}

/// The algorithm that a request's flags ask for (ssh-agent's `agent_decode_alg`). `None`: keys of
/// that type sign nothing here.
#[must_use]
pub fn algorithm(key: &KeyType, flags: u32) -> Option<SigAlg> {
    match key.plain() {
        KeyType::Rsa if flags & RSA_SHA2_256 != 0 => Some(SigAlg::RsaSha256),
        KeyType::Rsa if flags & RSA_SHA2_512 != 0 => Some(SigAlg::RsaSha512),
        KeyType::Rsa => Some(SigAlg::RsaSha1),
        plain => SigAlg::for_key(&plain)
            .into_iter()
            .find(|alg| alg.name() == plain.name()),
    }
}

fn sign(key: &PrivateKey, task: &Task) -> Response {
    // RSA is blinded with this randomness (RUSTSEC-2023-0071).
    let mut rng = UnwrapErr(getrandom::SysRng);
    let signature = algorithm(key.public().key_type(), task.flags)
        .and_then(|alg| sshwhy_keyfile::sign(key, &alg, &task.data, &mut rng).ok());
    signature.map_or(Response::Failure, Response::Signature)
}

/// Overwrites the part of the stack that the work before has used: what was computed with keys
/// there was moved about, and a move leaves its source behind.
#[inline(never)]
pub(crate) fn wipe_stack() {
    // In words: each is written for itself.
    let mut dead = [0u64; 4 * 1024];
    dead.zeroize();
    std::hint::black_box(&dead);
}

/// The wait before the next try to unlock, after so many wrong ones: a tenth of a second each, at
/// most ten seconds (ssh-agent's `process_lock_agent`).
pub(crate) fn delay(wrong: u32) -> Duration {
    Duration::from_millis(u64::from(wrong.min(100)) * 100)
}
