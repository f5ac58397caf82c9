//! Letting in: the wire behaves as sshd's does and says nothing more.

use crate::engine::{Answer, Key, Proof, Question};
use crate::grid::on_the_grid;
use crate::login::Ready;
use crate::parent::{About, Here};
use crate::proof::proven;
use crate::talk::{Bound, Reply, reason};
use crate::{Mode, Seen, What};
use sshwhy_causes::Stage;
use sshwhy_verdict::{Grant, Verdict};
use sshwhy_wire::request::{Asked, KeyRequest, Request};
use std::time::Duration;
use tokio::time::Instant;

/// Answers about a decision go out on a grid of this width, counted from the request: how long the
/// engine worked is not seen.
const GRID: Duration = Duration::from_millis(25);

/// One connection.
pub(crate) struct Admitting {
    here: Here,
    about: About,
    /// The name the client gave; it stays (`input_userauth_request`).
    user: Option<Vec<u8>>,
    /// A key was proven.
    pub(crate) proven: bool,
}

impl Admitting {
    pub(crate) fn new(here: Here, about: About) -> Admitting {
        Admitting {
            here,
            about,
            user: None,
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
        let user = self.user.get_or_insert_with(|| request.user.to_vec());
        if user != request.user {
            let words = "Change of username or service not allowed".to_owned();
            return Reply::End(reason::PROTOCOL_ERROR, words);
        }
        let reply = match request.method {
            // The question which methods there are counts for nothing, the first time.
            Asked::None if first => return Reply::Methods,
            Asked::PublicKey(key) if key.signature.is_none() => {
                self.query(request.user, &key).await
            }
            Asked::PublicKey(key) => self.signed(bound, request.user, &key).await,
            Asked::None | Asked::KeyboardInteractive | Asked::Other(_) => {
                return Reply::Refuse(Vec::new());
            }
        };
        if matches!(reply, Reply::Refuse(_)) {
            on_the_grid(start, GRID).await;
        }
        reply
    }

    async fn query(&mut self, user: &[u8], request: &KeyRequest<'_>) -> Reply {
        // The best that a signature could prove: the question is whether one would be looked at.
        let best = Proof::Good {
            touched: true,
            verified: true,
        };
        let answer = self.ask(user, Key::of(request), best, false).await;
        // sshd answers a query by the account, the key and its line; what comes behind the
        // signature is not asked yet.
        let listed = answer.is_some_and(|a| match a.judgement.verdict {
            Verdict::Accept => true,
            Verdict::Undetermined => false,
            Verdict::Refuse => a
                .judgement
                .first()
                .is_some_and(|f| f.cause.stage >= Stage::Signature),
        });
        if listed {
            Reply::Payload(request.ok())
        } else {
            Reply::Refuse(Vec::new())
        }
    }

    async fn signed(&mut self, bound: &Bound<'_>, user: &[u8], request: &KeyRequest<'_>) -> Reply {
        let proof = proven(bound, request).await;
        let good = matches!(proof, Proof::Good { .. });
        self.proven |= good;
        let answer = self.ask(user, Key::of(request), proof, good).await;
        let grant = answer
            .filter(|a| good && a.judgement.verdict == Verdict::Accept)
            .and_then(|a| a.grant);
        match (grant, &self.here.config.mode) {
            (Some(_), Mode::Doorstep) => Reply::LetIn(None),
            (Some(grant), Mode::Session(_)) => match self.ready(user, grant) {
                Some(ready) => Reply::LetIn(Some(Box::new(ready))),
                None => Reply::Refuse(Vec::new()),
            },
            _ => Reply::Refuse(Vec::new()),
        }
    }

    /// Decides, and tells the operator; `signed`: possession is proven.
    async fn ask(&self, user: &[u8], key: Key, proof: Proof, signed: bool) -> Option<Answer> {
        let blob = key.blob.clone();
        let question = Question {
            user: user.to_vec(),
            key: Some(key),
            proof,
            from: self.about.from,
            to: self.about.to,
        };
        let answer = self.here.ask(&self.about, question).await?;
        self.here.say(
            &self.about,
            What::Attempt(Box::new(Seen {
                user: user.to_vec(),
                blob,
                signed,
                judgement: answer.judgement.clone(),
                told: None,
                to: self.about.to,
                build: answer.build.clone(),
            })),
        );
        Some(answer)
    }

    /// What the sessions may do; `None` where this server cannot give this account one.
    fn ready(&self, user: &[u8], grant: Grant) -> Option<Ready> {
        let Mode::Session(login) = &self.here.config.mode else {
            return None;
        };
        match Ready::new(login, user, grant, self.about.from, self.about.to) {
            Ok(ready) => Some(ready),
            Err(why) => {
                self.here.say(&self.about, What::Broken(why));
                None
            }
        }
    }
}
