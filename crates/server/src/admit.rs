//! Letting in: the wire behaves as sshd's does and says nothing more.

use crate::engine::{Answer, Key, Proof, Question};
use crate::grid::on_the_grid;
use crate::login::Ready;
use crate::parent::{About, Here};
use crate::proof::proven;
use crate::step::{Door, Step, door, step};
use crate::talk::{Bound, Reply, reason};
use crate::{Mode, Seen, What};
use sshwhy_verdict::{Doorway, Grant};
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
    /// What that name hears before a key is looked at; `None`: not asked, or it could not be read.
    doorway: Option<Doorway>,
    /// A key was proven.
    pub(crate) proven: bool,
}

impl Admitting {
    pub(crate) fn new(here: Here, about: About) -> Admitting {
        Admitting {
            here,
            about,
            user: None,
            doorway: None,
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
        if first && let Some(reply) = self.at_the_door(request.user).await {
            return reply;
        }
        let reply = match request.method {
            // The question which methods there are counts for nothing, the first time.
            Asked::None if first => return Reply::Methods,
            _ if !self.takes_keys() => Reply::Refuse(Vec::new()),
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

    /// The methods of this name.
    pub(crate) fn methods(&self) -> &'static [u8] {
        // What else sshd would offer cannot be given here: nobody is to type a password for nothing.
        if self.takes_keys() { b"publickey" } else { b"" }
    }

    /// Refusals that end the connection, where that is known.
    pub(crate) fn tries(&self) -> Option<usize> {
        self.doorway.as_ref().map(|d| d.tries)
    }

    fn takes_keys(&self) -> bool {
        let refusal = self.doorway.as_ref().and_then(|d| d.refusal.as_ref());
        refusal.is_none()
    }

    /// The first request of a connection: what ends it before a key is looked at. The operator hears
    /// why, of that and of methods without publickey.
    async fn at_the_door(&mut self, user: &[u8]) -> Option<Reply> {
        let question = Question {
            user: user.to_vec(),
            key: None,
            proof: Proof::None,
            from: self.about.from,
            to: self.about.to,
        };
        let doorway = self.here.at_the_door(&self.about, question.clone()).await?;
        let refusal = self.doorway.insert(doorway).refusal.as_ref()?;
        let shown = door(refusal);
        self.ask(question, false).await;
        match shown {
            Door::NoKeys => None,
            Door::Says(words) => Some(Reply::End(reason::PROTOCOL_ERROR, words.to_owned())),
            Door::Ends => Some(Reply::Close),
        }
    }

    async fn query(&mut self, user: &[u8], request: &KeyRequest<'_>) -> Reply {
        // The best that a signature could prove: the question is whether one would be looked at.
        let best = Proof::Good {
            touched: true,
            verified: true,
        };
        let question = self.question(user, Key::of(request), best);
        let Some(answer) = self.ask(question, false).await else {
            return Reply::Refuse(Vec::new());
        };
        // sshd answers a query by the account, the key and its line; what comes behind the
        // signature is not asked yet.
        match step(&answer.judgement, user) {
            Step::Refused => Reply::Refuse(Vec::new()),
            Step::Ended => Reply::Close,
            Step::LetIn | Step::Unsigned | Step::Closed | Step::Partial => {
                Reply::Payload(request.ok())
            }
        }
    }

    async fn signed(&mut self, bound: &Bound<'_>, user: &[u8], request: &KeyRequest<'_>) -> Reply {
        let proof = proven(bound, request).await;
        let good = matches!(proof, Proof::Good { .. });
        self.proven |= good;
        let question = self.question(user, Key::of(request), proof);
        let Some(answer) = self.ask(question, good).await else {
            return Reply::Refuse(Vec::new());
        };
        match (step(&answer.judgement, user), answer.grant) {
            (Step::LetIn, Some(grant)) if good => self.let_in(user, grant),
            (Step::Ended | Step::Closed, _) => Reply::Close,
            (Step::Partial, _) if good => Reply::Partial,
            _ => Reply::Refuse(Vec::new()),
        }
    }

    fn let_in(&self, user: &[u8], grant: Grant) -> Reply {
        match &self.here.config.mode {
            Mode::Doorstep => Reply::LetIn(None),
            Mode::Session(_) => match self.ready(user, grant) {
                Some(ready) => Reply::LetIn(Some(Box::new(ready))),
                None => Reply::Refuse(Vec::new()),
            },
            Mode::ExplainOnly => Reply::Refuse(Vec::new()),
        }
    }

    fn question(&self, user: &[u8], key: Key, proof: Proof) -> Question {
        Question {
            user: user.to_vec(),
            key: Some(key),
            proof,
            from: self.about.from,
            to: self.about.to,
        }
    }

    /// Decides, and tells the operator; `signed`: possession is proven.
    async fn ask(&self, question: Question, signed: bool) -> Option<Answer> {
        let user = question.user.clone();
        let blob = question.key.as_ref().map(|k| k.blob.clone());
        let answer = self.here.ask(&self.about, question).await?;
        self.here.say(
            &self.about,
            What::Attempt(Box::new(Seen {
                user,
                blob: blob.unwrap_or_default(),
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
