//! The login itself: the keys in the client's order, then what a person can answer.

use crate::ask::{Ask, Notice};
use crate::host::{Host, Seen};
use russh::client::{AuthResult, Handle, KeyboardInteractiveAuthResponse as Kbd};
use russh::keys::agent::AgentIdentity;
use russh::keys::{Certificate, HashAlg, PublicKey};
use russh::{MethodKind, MethodSet, SendError};
use sshwhy_check::identity::{Identity, Secret, unlock};
use sshwhy_check::local;
use sshwhy_check::probe::algorithm;
use sshwhy_check::target::Target;
use sshwhy_keys::KeyType;
use sshwhy_wire::Signer;
use sshwhy_wire::auth::signature_algorithm;
use std::sync::Arc;
use zeroize::{Zeroize, Zeroizing};

/// What became of one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Came {
    /// It was not offered, for this reason.
    NotOffered(&'static str),
    /// The server did not want it: no signature was asked for.
    RefusedAtQuery,
    /// It was welcome, and the signed attempt was refused.
    RefusedAfterPkOk,
    /// It was welcome, and nothing signed: why.
    NotSigned(String),
    /// It was taken, and more is asked for.
    Partial,
    /// The connection ended over it.
    Ended,
}

/// One key that was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// Its file or agent.
    pub source: Vec<u8>,
    /// `SHA256:…`
    pub fingerprint: String,
    /// Its type, as OpenSSH prints it: `ED25519`.
    pub kind: &'static str,
    /// What became of it.
    pub came: Came,
}

/// A login that did not come about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The account.
    pub user: Vec<u8>,
    /// Each key.
    pub tried: Vec<Tried>,
    /// The methods that can continue, as last told.
    pub methods: Vec<String>,
    /// The server's words as it ended the connection.
    pub disconnect: Option<String>,
    /// It ended without words.
    pub closed: bool,
}

/// Refused passwords before it is given up: NumberOfPasswordPrompts' default.
const PROMPTS: usize = 3;

/// What russh has sign.
struct Bridge<'a> {
    identity: &'a Identity,
    /// The public key algorithm that was named.
    algorithm: Vec<u8>,
    ask: &'a dyn Ask,
    asked: bool,
}

enum NoSignature {
    Gone,
    Why(String),
}

impl From<SendError> for NoSignature {
    fn from(_: SendError) -> Self {
        NoSignature::Gone
    }
}

impl Bridge<'_> {
    fn signer(&self) -> Result<Arc<dyn Signer>, String> {
        match &self.identity.secret {
            Secret::Ready(signer) => Ok(Arc::clone(signer)),
            Secret::Missing => Err("its private half is not here".into()),
            Secret::Locked(file) => {
                let source = self.identity.source();
                for _ in 0..PROMPTS {
                    let word = self
                        .ask
                        .passphrase(local::path(&source))
                        .ok_or("it is encrypted, and no passphrase was given")?;
                    match unlock(file, &word) {
                        Ok(signer) => return Ok(signer),
                        Err(sshwhy_keyfile::UnlockError::WrongPassphrase) => {
                            self.ask.tell(&Notice::TryAgain);
                        }
                        Err(e) => return Err(e.to_string()),
                    }
                }
                Err("the passphrase does not open it".into())
            }
        }
    }

    /// `to_sign` with the signature behind it: what russh takes for the request's end.
    fn signed(&mut self, mut to_sign: Vec<u8>) -> Result<Vec<u8>, NoSignature> {
        self.asked = true;
        let signer = self.signer().map_err(NoSignature::Why)?;
        let signature = signer
            .sign(&signature_algorithm(&self.algorithm), &to_sign)
            .map_err(|e| NoSignature::Why(e.to_string()))?;
        let length = u32::try_from(signature.len()).unwrap_or(u32::MAX);
        to_sign.extend_from_slice(&length.to_be_bytes());
        to_sign.extend_from_slice(&signature);
        Ok(to_sign)
    }
}

impl russh::Signer for Bridge<'_> {
    type Error = NoSignature;

    async fn auth_sign(
        &mut self,
        _: &AgentIdentity,
        _: Option<HashAlg>,
        to_sign: Vec<u8>,
    ) -> Result<Vec<u8>, NoSignature> {
        // An agent may ask its person, and a passphrase is typed.
        tokio::task::block_in_place(|| self.signed(to_sign))
    }
}

/// A login in progress.
pub(crate) struct Login<'a> {
    pub(crate) handle: &'a mut Handle<Host>,
    pub(crate) target: &'a Target,
    pub(crate) identities: &'a [Identity],
    pub(crate) ask: &'a dyn Ask,
    pub(crate) seen: &'a Seen,
    tried: Vec<Tried>,
    methods: MethodSet,
}

impl<'a> Login<'a> {
    pub(crate) fn new(
        handle: &'a mut Handle<Host>,
        target: &'a Target,
        identities: &'a [Identity],
        ask: &'a dyn Ask,
        seen: &'a Seen,
    ) -> Self {
        Login {
            handle,
            target,
            identities,
            ask,
            seen,
            tried: Vec::new(),
            methods: MethodSet::empty(),
        }
    }

    fn user(&self) -> String {
        String::from_utf8_lossy(&self.target.user).into_owned()
    }

    fn flag(&self, keyword: &str) -> bool {
        let config = self.target.config.as_ref();
        config.is_none_or(|c| {
            let listed = c.first("preferredauthentications").is_none_or(|list| {
                let name: &[u8] = match keyword {
                    "pubkeyauthentication" => b"publickey",
                    "passwordauthentication" => b"password",
                    _ => b"keyboard-interactive",
                };
                list.split(|b| *b == b',').any(|m| m == name)
            });
            listed && c.flag(keyword, true)
        })
    }

    fn refusal(mut self) -> Refusal {
        let closed = self.handle.is_closed();
        if closed
            && let Some(last) = self.tried.last_mut()
            && last.came == Came::RefusedAtQuery
            && self.methods.is_empty()
        {
            last.came = Came::Ended;
        }
        Refusal {
            user: self.target.user.clone(),
            tried: self.tried,
            methods: self
                .methods
                .iter()
                .map(|m| <&str>::from(m).to_owned())
                .collect(),
            disconnect: self.seen.disconnect(),
            closed,
        }
    }

    /// Logs in.
    pub(crate) async fn run(mut self) -> Result<(), Refusal> {
        match self.handle.authenticate_none(self.user()).await {
            Ok(AuthResult::Success) => return Ok(()),
            Ok(AuthResult::Failure {
                remaining_methods, ..
            }) => self.methods = remaining_methods,
            Err(_) => return Err(self.refusal()),
        }
        if self.keys().await {
            return Ok(());
        }
        let person = !self
            .target
            .config
            .as_ref()
            .is_some_and(|c| c.flag("batchmode", false));
        if person && self.person().await {
            return Ok(());
        }
        Err(self.refusal())
    }

    fn takes(&self, method: MethodKind) -> bool {
        !self.handle.is_closed() && self.methods.contains(&method)
    }

    /// Every key once, in order. True: let in.
    async fn keys(&mut self) -> bool {
        if !self.flag("pubkeyauthentication") {
            return false;
        }
        let mut rsa: Option<Option<Vec<u8>>> = None;
        let mut offered: Vec<&[u8]> = Vec::new();
        for identity in self.identities {
            if identity.blob.is_empty() || offered.contains(&identity.blob.as_slice()) {
                continue;
            }
            if !self.takes(MethodKind::PublicKey) {
                return false;
            }
            offered.push(&identity.blob);
            let kind = identity.public.as_ref().map(|k| k.key_type().plain());
            let listed = if kind == Some(KeyType::from_name(b"ssh-rsa")) {
                if rsa.is_none() {
                    rsa = Some(self.listed().await);
                }
                rsa.clone().flatten()
            } else {
                None
            };
            let came = match algorithm(identity, listed.as_deref(), self.target) {
                None => Came::NotOffered("no signature algorithm of it is common to both sides"),
                Some(algorithm) => match self.offer(identity, algorithm).await {
                    Ok(()) => return true,
                    Err(came) => came,
                },
            };
            self.tried.push(Tried {
                source: identity.source(),
                fingerprint: identity.fingerprint(),
                kind: identity
                    .public
                    .as_ref()
                    .map_or("key", |k| k.key_type().plain().short_name()),
                came,
            });
        }
        false
    }

    /// The server's list of algorithms for RSA keys, as far as it bears on the choice.
    async fn listed(&mut self) -> Option<Vec<u8>> {
        let name: &[u8] = match self.handle.best_supported_rsa_hash().await.ok()?? {
            Some(HashAlg::Sha512) => b"rsa-sha2-512,rsa-sha2-256",
            Some(_) => b"rsa-sha2-256",
            None => b"ssh-rsa",
        };
        Some(name.to_vec())
    }

    async fn offer(&mut self, identity: &Identity, algorithm: Vec<u8>) -> Result<(), Came> {
        const UNKNOWN: Came = Came::NotOffered("this client does not speak its type");
        let plain = sshwhy_keys::SigAlg::from_name(&algorithm).plain();
        let hash = match plain.name() {
            b"rsa-sha2-512" => Some(HashAlg::Sha512),
            b"rsa-sha2-256" => Some(HashAlg::Sha256),
            _ => None,
        };
        let is_certificate = identity
            .public
            .as_ref()
            .is_some_and(sshwhy_keys::PublicKey::is_certificate);
        let user = self.user();
        let mut bridge = Bridge {
            identity,
            algorithm,
            ask: self.ask,
            asked: false,
        };
        let done = if is_certificate {
            let certificate = Certificate::from_bytes(&identity.blob).map_err(|_| UNKNOWN)?;
            self.handle
                .authenticate_certificate_with(user, certificate, hash, &mut bridge)
                .await
        } else {
            let key = PublicKey::from_bytes(&identity.blob).map_err(|_| UNKNOWN)?;
            self.handle
                .authenticate_publickey_with(user, key, hash, &mut bridge)
                .await
        };
        let asked = bridge.asked;
        match done {
            Ok(AuthResult::Success) => Ok(()),
            Ok(AuthResult::Failure {
                remaining_methods,
                partial_success,
            }) => {
                // A connection that ended answers with a failure too.
                let ended = remaining_methods.is_empty() && self.handle.is_closed();
                self.methods = remaining_methods;
                Err(match (partial_success, asked) {
                    (true, _) => Came::Partial,
                    _ if ended => Came::Ended,
                    (false, true) => Came::RefusedAfterPkOk,
                    (false, false) => Came::RefusedAtQuery,
                })
            }
            Err(NoSignature::Why(why)) => Err(Came::NotSigned(why)),
            Err(NoSignature::Gone) => Err(Came::Ended),
        }
    }

    /// Questions and passwords. True: let in.
    async fn person(&mut self) -> bool {
        for _ in 0..PROMPTS {
            if !self.flag("kbdinteractiveauthentication")
                || !self.takes(MethodKind::KeyboardInteractive)
            {
                break;
            }
            match self.questions().await {
                Some(true) => return true,
                Some(false) => self.ask.tell(&Notice::TryAgain),
                None => break,
            }
        }
        for _ in 0..PROMPTS {
            if !self.flag("passwordauthentication") || !self.takes(MethodKind::Password) {
                break;
            }
            let prompt = format!(
                "{}@{}'s password: ",
                self.user(),
                String::from_utf8_lossy(&self.target.typed)
            );
            let answer = tokio::task::block_in_place(|| self.ask.answer(prompt.as_bytes(), false));
            let Some(word) = answer else {
                break;
            };
            let mut word = Zeroizing::new(String::from_utf8_lossy(&word).into_owned());
            let done = self
                .handle
                .authenticate_password(self.user(), std::mem::take(&mut *word))
                .await;
            match done {
                Ok(AuthResult::Success) => return true,
                Ok(AuthResult::Failure {
                    remaining_methods,
                    partial_success,
                }) => {
                    self.methods = remaining_methods;
                    if !partial_success && self.takes(MethodKind::Password) {
                        self.ask.tell(&Notice::TryAgain);
                    }
                }
                Err(_) => break,
            }
        }
        false
    }

    /// One keyboard-interactive round. `None`: nobody answers, or nothing was asked, or more than this
    /// is needed.
    async fn questions(&mut self) -> Option<bool> {
        let user = self.user();
        let mut asked = false;
        let mut said = self
            .handle
            .authenticate_keyboard_interactive_start(user, None)
            .await
            .ok()?;
        loop {
            let (name, instructions, prompts) = match said {
                Kbd::Success => return Some(true),
                Kbd::Failure {
                    remaining_methods,
                    partial_success,
                } => {
                    self.methods = remaining_methods;
                    // Without a question there is nothing to do better.
                    return (asked && !partial_success).then_some(false);
                }
                Kbd::InfoRequest {
                    name,
                    instructions,
                    prompts,
                } => (name, instructions, prompts),
            };
            for text in [name, instructions] {
                if !text.is_empty() {
                    self.ask.tell(&Notice::Instructions(text.into_bytes()));
                }
            }
            let mut answers = Vec::new();
            asked |= !prompts.is_empty();
            for prompt in prompts {
                let answer = tokio::task::block_in_place(|| {
                    self.ask.answer(prompt.prompt.as_bytes(), prompt.echo)
                });
                match answer {
                    Some(mut word) => {
                        answers.push(String::from_utf8_lossy(&word).into_owned());
                        word.zeroize();
                    }
                    None => return None,
                }
            }
            said = self
                .handle
                .authenticate_keyboard_interactive_respond(answers)
                .await
                .ok()?;
        }
    }
}
