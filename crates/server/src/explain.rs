//! Explaining: nobody is let in, and whoever proves to hold a key is told what became of it.
//!
//! Until a key is proven, every answer is the same for every name and key.

use crate::engine::{Key, Proof, Question};
use crate::grid::on_the_grid;
use crate::parent::{About, Parent};
use crate::proof::proven;
use crate::talk::{Bound, Reply, reason};
use sshwhy_keys::{PublicKey, SigAlg, fingerprint};
use sshwhy_wire::data::{msg, put_string};
use sshwhy_wire::request::{Asked, KeyRequest, Request};
use std::time::Duration;
use tokio::time::Instant;

/// Explanations go out on a grid of this width, counted from the request: how long the engine worked
/// is not seen.
const GRID: Duration = Duration::from_millis(100);
/// Most keys of one connection that are told about, and most that the operator hears of.
const MOST_KEYS: usize = 16;

/// What one connection has come to.
pub(crate) struct Explaining {
    parent: Parent,
    about: About,
    /// The name the peer gave last: another name begins anew.
    user: Option<Vec<u8>>,
    /// What is told of each proven key, in the order of the proofs.
    told: Vec<String>,
    /// Keys that were asked about and not signed with: the operator hears of them at the end.
    asked: Vec<(Vec<u8>, Key)>,
    /// Something was decided.
    decided: bool,
    /// A key was proven.
    pub(crate) proven: bool,
}

impl Explaining {
    pub(crate) fn new(parent: Parent, about: About) -> Explaining {
        Explaining {
            parent,
            about,
            user: None,
            told: Vec::new(),
            asked: Vec::new(),
            decided: false,
            proven: false,
        }
    }

    pub(crate) async fn request(
        &mut self,
        bound: &Bound<'_>,
        request: &Request<'_>,
        start: Instant,
    ) -> Reply {
        let first = self.user.is_none();
        if self.user.as_deref() != Some(request.user) {
            self.user = Some(request.user.to_vec());
            self.told.clear();
        }
        match request.method {
            // The question which methods there are counts for nothing, the first time.
            Asked::None if first => Reply::Methods,
            Asked::KeyboardInteractive => Reply::End(reason::NO_MORE_METHODS, self.farewell()),
            Asked::PublicKey(key) if key.signature.is_none() => self.query(request.user, &key),
            Asked::PublicKey(key) => {
                let told = self.signed(bound, request.user, &key).await;
                on_the_grid(start, GRID).await;
                // A client that asks for nothing interactive sees this alone.
                let banner = told.map(|told| {
                    let mut out = vec![msg::USERAUTH_BANNER];
                    put_string(&mut out, format!("sshwhy: {told}\n").as_bytes());
                    put_string(&mut out, b"");
                    out
                });
                Reply::Refuse(banner.into_iter().collect())
            }
            Asked::None | Asked::Other(_) => Reply::Refuse(Vec::new()),
        }
    }

    /// Who only asks learns nothing, of any key and any name.
    fn query(&mut self, user: &[u8], request: &KeyRequest<'_>) -> Reply {
        let key = Key::of(request);
        let known = self.asked.iter().any(|(u, k)| u == user && *k == key);
        if !known && self.asked.len() < MOST_KEYS {
            self.asked.push((user.to_vec(), key));
        }
        let fits = PublicKey::from_blob(request.blob)
            .is_ok_and(|k| SigAlg::from_name(request.algorithm).fits(k.key_type()));
        if !fits {
            return Reply::Refuse(Vec::new());
        }
        Reply::Payload(request.ok())
    }

    /// A signed request: what its holder is told, where the signature proves that it is its holder.
    async fn signed(
        &mut self,
        bound: &Bound<'_>,
        user: &[u8],
        request: &KeyRequest<'_>,
    ) -> Option<String> {
        let key = Key::of(request);
        let proof = proven(bound, request).await;
        let proven = matches!(proof, Proof::Good { .. });
        self.proven |= proven;
        self.decided = true;
        self.asked
            .retain(|(name, asked)| name != user || asked.blob != key.blob);
        let shown = shown(&key);
        let question = Question {
            user: user.to_vec(),
            key: Some(key),
            proof,
            from: self.about.from,
            to: self.about.to,
        };
        let told = self.parent.explain(&self.about, question).await;
        if !proven {
            return None;
        }
        let text = format!("{shown}:\n  {}", told.sentence());
        if self.told.len() < MOST_KEYS {
            self.told.push(text.clone());
        }
        Some(text)
    }

    /// The operator hears of what never came to a proof.
    pub(crate) async fn report(&mut self) {
        let Some(user) = self.user.take() else {
            return;
        };
        let mut asked: Vec<(Vec<u8>, Option<Key>)> = self
            .asked
            .drain(..)
            .map(|(user, key)| (user, Some(key)))
            .collect();
        if asked.is_empty() && !self.decided {
            asked.push((user, None));
        }
        for (user, key) in asked {
            let question = Question {
                user,
                key,
                proof: Proof::None,
                from: self.about.from,
                to: self.about.to,
            };
            self.parent.explain(&self.about, question).await;
        }
    }

    /// The last words: all that was told, on one line.
    pub(crate) fn farewell(&self) -> String {
        if self.told.is_empty() {
            return "explained, nobody is let in here: no key was proven; load the key you mean and \
                    connect again"
                .to_owned();
        }
        let told = self.told.join("; ").replace("\n ", "");
        format!("explained, nobody is let in here: {told}")
    }
}

/// `ssh-ed25519 SHA256:…`, of a certificate the key in it.
fn shown(key: &Key) -> String {
    match PublicKey::from_blob(&key.blob) {
        Ok(public) => {
            let of = if public.is_certificate() {
                "the certificate of "
            } else {
                ""
            };
            let kind = public.to_plain();
            let name = String::from_utf8_lossy(kind.key_type().name()).into_owned();
            format!("{of}{name} {}", public.fingerprint())
        }
        Err(_) => fingerprint::sha256(&key.blob),
    }
}
