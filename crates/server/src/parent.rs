//! What the side that speaks to the network asks of the side that knows: a decision, a signature,
//! and to tell the operator. Both may be one process, or two ([`crate::apart`]).

use crate::apart::Line;
use crate::engine::{Answer, Proof, Question, at_the_door, decide};
use crate::told::Told;
use crate::{Config, Event, Seen, Sink, Source, What};
use sshwhy_verdict::Doorway;
use sshwhy_wire::Signer;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// One connection, as the operator hears of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct About {
    /// Its number, from 1.
    pub(crate) number: u64,
    /// The peer.
    pub(crate) from: SocketAddr,
    /// The server's end.
    pub(crate) to: SocketAddr,
}

/// The side that knows, in this process.
#[derive(Clone)]
pub(crate) struct Here {
    pub(crate) config: Arc<Config>,
    pub(crate) sink: Arc<dyn Sink>,
    /// Decisions that may run at a time.
    pub(crate) decisions: Arc<Semaphore>,
}

impl Here {
    pub(crate) fn say(&self, about: &About, what: What) {
        self.sink.event(&Event {
            connection: about.number,
            from: about.from,
            what,
        });
    }

    /// Asks the engine, off the threads that serve the network.
    pub(crate) async fn ask(&self, about: &About, question: Question) -> Option<Answer> {
        self.engine(about, move |source| decide(source, &question))
            .await
    }

    /// What sshd would answer before a key is looked at.
    pub(crate) async fn at_the_door(&self, about: &About, question: Question) -> Option<Doorway> {
        self.engine(about, move |source| at_the_door(source, &question))
            .await
    }

    async fn engine<T: Send + 'static>(
        &self,
        about: &About,
        ask: impl FnOnce(&Source) -> Result<T, String> + Send + 'static,
    ) -> Option<T> {
        let permit = self.decisions.clone().acquire_owned().await.ok()?;
        let config = self.config.clone();
        let answer = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            ask(&config.source)
        })
        .await;
        match answer {
            Ok(Ok(answer)) => Some(answer),
            Ok(Err(why)) => {
                self.say(about, What::Broken(why));
                None
            }
            Err(e) => {
                self.say(about, What::Broken(e.to_string()));
                None
            }
        }
    }

    /// Decides, tells the operator everything, and gives back what the holder may hear.
    pub(crate) async fn explain(&self, about: &About, question: Question) -> Told {
        let (user, key, proof) = (question.user.clone(), question.key.clone(), question.proof);
        let Some(answer) = self.ask(about, question).await else {
            return Told::NotAccepted;
        };
        let signed = matches!(proof, Proof::Good { .. });
        self.say(
            about,
            What::Attempt(Box::new(Seen {
                user,
                blob: key.map(|k| k.blob).unwrap_or_default(),
                signed,
                judgement: answer.judgement,
                told: signed.then_some(answer.told),
                to: about.to,
                build: answer.build,
            })),
        );
        answer.told
    }

    /// The host key's signature over an exchange hash, off the threads that serve the network.
    pub(crate) async fn sign(
        &self,
        key: usize,
        algorithm: Vec<u8>,
        hash: Vec<u8>,
    ) -> Option<Vec<u8>> {
        let signer = self.config.host_keys.get(key)?.signer.clone();
        let made = tokio::task::spawn_blocking(move || signer.sign(&algorithm, &hash));
        made.await.ok()?.ok()
    }
}

/// The side that knows, wherever it is.
#[derive(Clone)]
pub(crate) enum Parent {
    /// In this process.
    Here(Here),
    /// In another one.
    Apart(Line),
}

impl Parent {
    pub(crate) fn say(&self, about: &About, what: What) {
        match self {
            Parent::Here(here) => here.say(about, what),
            Parent::Apart(line) => line.say(about, &what),
        }
    }

    pub(crate) async fn explain(&self, about: &About, question: Question) -> Told {
        match self {
            Parent::Here(here) => here.explain(about, question).await,
            Parent::Apart(line) => line.explain(about, &question).await,
        }
    }

    /// `None`: no signature was made; the connection cannot go on.
    pub(crate) async fn sign(
        &self,
        key: usize,
        algorithm: Vec<u8>,
        hash: Vec<u8>,
    ) -> Option<Vec<u8>> {
        match self {
            Parent::Here(here) => here.sign(key, algorithm, hash).await,
            Parent::Apart(line) => line.sign(key, &algorithm, &hash).await,
        }
    }
}
