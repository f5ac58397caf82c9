//! One connection: what russh asks, answered.

use crate::engine::{Answer, Question, decide};
use crate::limits::Door;
use crate::login::{Channels, Ready, Wish};
use crate::told::Told;
use crate::{Config, Event, Mode, Seen, Sink, What};
use russh::keys::{Algorithm, Certificate, HashAlg};
use russh::server::{
    Auth, ChannelOpenHandle, Handle, Handler, Msg, PublicKeyOffer, Response, Session,
    VerifiedPublicKey,
};
use russh::{Channel, ChannelId, ChannelOpenFailure, Disconnect, MethodKind, MethodSet, Pty, Sig};
use sshwhy_causes::Stage;
use sshwhy_verdict::{Grant, Verdict};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::Instant;

/// Answers about a decision go out on a grid of this width, counted from the request: how long the
/// engine worked is not seen.
const GRID: Duration = Duration::from_millis(25);
/// The same for explanations, which look further.
const EXPLAIN_GRID: Duration = Duration::from_millis(100);
/// Most keys of one connection that are told about.
const MOST_TOLD: usize = 16;

/// What a connection has of its server.
pub(crate) struct Shared {
    pub(crate) config: Arc<Config>,
    pub(crate) sink: Arc<dyn Sink>,
    pub(crate) number: u64,
    pub(crate) from: SocketAddr,
    pub(crate) to: SocketAddr,
    pub(crate) logged_in: Arc<AtomicBool>,
    pub(crate) proven: Arc<AtomicBool>,
    pub(crate) decisions: Arc<Semaphore>,
    pub(crate) door: Door,
    pub(crate) handle: Arc<OnceLock<Handle>>,
}

impl Shared {
    pub(crate) fn say(&self, what: What) {
        self.sink.event(&Event {
            connection: self.number,
            from: self.from,
            what,
        });
    }
}

/// One connection.
pub(crate) struct Conn {
    shared: Shared,
    /// What its holder is told of each proven key, in the order of the proofs.
    told: Vec<String>,
    /// The name the peer gave last: another name begins anew.
    user: String,
    channels: Option<Channels>,
}

impl Conn {
    pub(crate) fn new(shared: Shared) -> Self {
        Conn {
            shared,
            told: Vec::new(),
            user: String::new(),
            channels: None,
        }
    }

    fn explains(&self) -> bool {
        matches!(self.shared.config.mode, Mode::ExplainOnly)
    }

    /// Asks the engine, off the threads that serve the network.
    async fn ask(&self, user: &str, blob: Vec<u8>, algorithm: &str) -> Option<Answer> {
        let question = Question {
            user: user.as_bytes().to_vec(),
            blob,
            algorithm: algorithm.as_bytes().to_vec(),
            session: !self.explains(),
            from: self.shared.from,
            to: self.shared.to,
        };
        let permit = self.shared.decisions.clone().acquire_owned().await.ok()?;
        let config = self.shared.config.clone();
        let answer = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            decide(&config.source, &question)
        })
        .await;
        match answer {
            Ok(Ok(answer)) => Some(answer),
            Ok(Err(why)) => {
                self.shared.say(What::Broken(why));
                None
            }
            Err(e) => {
                self.shared.say(What::Broken(e.to_string()));
                None
            }
        }
    }

    fn note(&self, user: &str, blob: &[u8], signed: bool, answer: &Answer) {
        self.shared.say(What::Attempt(Box::new(Seen {
            user: user.as_bytes().to_vec(),
            blob: blob.to_vec(),
            signed,
            judgement: answer.judgement.clone(),
            told: (self.explains() && signed).then_some(answer.told),
            to: self.shared.to,
            build: answer.build.clone(),
        })));
    }

    /// A key whose possession is proven.
    async fn proven(&mut self, user: &str, blob: Vec<u8>, algorithm: &str, shown: &str) -> Auth {
        let start = Instant::now();
        self.shared.proven.store(true, Ordering::Release);
        let answer = self.ask(user, blob.clone(), algorithm).await;
        if let Some(answer) = &answer {
            self.note(user, &blob, true, answer);
        }
        if self.explains() {
            if self.user != user {
                self.told.clear();
                self.user = user.to_owned();
            }
            let told = answer.map_or(Told::NotAccepted, |a| a.told);
            if self.told.len() < MOST_TOLD {
                self.told.push(format!("{shown}:\n  {}", told.sentence()));
            }
            on_the_grid(start, EXPLAIN_GRID).await;
            return refuse(&[MethodKind::PublicKey, MethodKind::KeyboardInteractive]);
        }
        let accepted = answer
            .filter(|a| a.judgement.verdict == Verdict::Accept)
            .and_then(|a| a.grant);
        let channels = match (accepted, &self.shared.config.mode) {
            (Some(_), Mode::Doorstep) => Some(None),
            (Some(grant), _) => self.let_in(user, grant).map(Some),
            (None, _) => None,
        };
        match channels {
            Some(channels) => {
                self.channels = channels;
                self.shared.logged_in.store(true, Ordering::Release);
                self.shared.door.logged_in(self.shared.from.ip());
                Auth::Accept
            }
            None => {
                on_the_grid(start, GRID).await;
                refuse(&[MethodKind::PublicKey])
            }
        }
    }

    /// What the session may do; `None` where this server cannot give this account one.
    fn let_in(&self, user: &str, grant: Grant) -> Option<Channels> {
        let Mode::Session(login) = &self.shared.config.mode else {
            return None;
        };
        let ready = match Ready::new(login, user, grant, self.shared.from, self.shared.to) {
            Ok(ready) => ready,
            Err(why) => {
                self.shared.say(What::Broken(why));
                return None;
            }
        };
        Some(Channels::new(ready, self.shared.config.limits.sessions))
    }
}

/// Waits until a whole number of steps since `start` is over.
async fn on_the_grid(start: Instant, step: Duration) {
    let passed = start.elapsed().as_millis();
    let step_ms = step.as_millis().max(1);
    let steps = u32::try_from(passed / step_ms + 1).unwrap_or(u32::MAX);
    tokio::time::sleep_until(start + step.saturating_mul(steps)).await;
}

fn refuse(methods: &[MethodKind]) -> Auth {
    Auth::Reject {
        proceed_with_methods: Some(MethodSet::from(methods)),
        partial_success: false,
    }
}

/// The name of the signature algorithm that was announced.
fn name(algorithm: &Algorithm) -> String {
    algorithm.as_str().to_owned()
}

impl Handler for Conn {
    type Error = russh::Error;

    async fn auth_none(&mut self, _user: &str) -> Result<Auth, Self::Error> {
        Ok(if self.explains() {
            refuse(&[MethodKind::PublicKey, MethodKind::KeyboardInteractive])
        } else {
            refuse(&[MethodKind::PublicKey])
        })
    }

    async fn auth_publickey_offered(
        &mut self,
        user: &str,
        offer: PublicKeyOffer<'_>,
    ) -> Result<Auth, Self::Error> {
        // Who only asks learns nothing, of any key and any name.
        if self.explains() {
            return Ok(Auth::Accept);
        }
        let start = Instant::now();
        let Ok(blob) = offer.public_key.to_bytes() else {
            return Ok(refuse(&[MethodKind::PublicKey]));
        };
        let answer = self.ask(user, blob.clone(), &name(offer.algorithm)).await;
        if let Some(answer) = &answer {
            self.note(user, &blob, false, answer);
        }
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
            return Ok(Auth::Accept);
        }
        on_the_grid(start, GRID).await;
        Ok(refuse(&[MethodKind::PublicKey]))
    }

    async fn auth_publickey(
        &mut self,
        user: &str,
        key: VerifiedPublicKey<'_>,
    ) -> Result<Auth, Self::Error> {
        let Ok(blob) = key.public_key.to_bytes() else {
            return Ok(refuse(&[MethodKind::PublicKey]));
        };
        let shown = shown(key.public_key);
        let algorithm = name(key.algorithm);
        Ok(self.proven(user, blob, &algorithm, &shown).await)
    }

    async fn auth_openssh_certificate(
        &mut self,
        user: &str,
        certificate: &Certificate,
    ) -> Result<Auth, Self::Error> {
        let Ok(blob) = certificate.to_bytes() else {
            return Ok(refuse(&[MethodKind::PublicKey]));
        };
        let plain = russh::keys::PublicKey::new(certificate.public_key().clone(), "");
        let shown = format!("the certificate of {}", shown(&plain));
        // russh does not say which RSA hash was announced: every current one is taken.
        Ok(self.proven(user, blob, "", &shown).await)
    }

    async fn auth_keyboard_interactive<'a>(
        &'a mut self,
        user: &str,
        _submethods: &str,
        response: Option<Response<'a>>,
    ) -> Result<Auth, Self::Error> {
        if !self.explains() {
            return Ok(refuse(&[MethodKind::PublicKey]));
        }
        if response.is_none() {
            let own = self.user == user && !self.told.is_empty();
            let text = if own {
                self.told.join("\n")
            } else {
                "no key was proven: load the key you mean and connect again".to_owned()
            };
            return Ok(Auth::Partial {
                name: "sshwhy: what became of your key".into(),
                instructions: text.into(),
                prompts: Vec::new().into(),
            });
        }
        let text = if self.user == user && !self.told.is_empty() {
            let told = self.told.join("; ").replace("\n ", "");
            format!("explained, nobody is let in here: {told}")
        } else {
            "explained, nobody is let in here".to_owned()
        };
        if let Some(handle) = self.shared.handle.get() {
            let reason = Disconnect::NoMoreAuthMethodsAvailable;
            let _ = handle.disconnect(reason, text, String::new()).await;
        }
        Ok(refuse(&[]))
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        let open = self.channels.as_mut().is_some_and(|c| c.open(channel));
        if open {
            reply.accept().await;
        } else {
            reply.reject(ChannelOpenFailure::ResourceShortage).await;
        }
        Ok(())
    }

    async fn channel_close(
        &mut self,
        channel: ChannelId,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        if let Some(channels) = &mut self.channels {
            channels.closed(channel);
        }
        Ok(())
    }

    async fn env_request(
        &mut self,
        channel: ChannelId,
        name: &str,
        value: &str,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        let taken = self
            .channels
            .as_mut()
            .is_some_and(|c| c.environment(channel, name, value));
        answer(session, channel, taken)
    }

    async fn pty_request(
        &mut self,
        channel: ChannelId,
        term: &str,
        columns: u32,
        rows: u32,
        width: u32,
        height: u32,
        modes: &[(Pty, u32)],
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        let size = (columns, rows, width, height);
        let taken = self
            .channels
            .as_mut()
            .is_some_and(|c| c.terminal(channel, term, size, modes));
        answer(session, channel, taken)
    }

    async fn window_change_request(
        &mut self,
        channel: ChannelId,
        columns: u32,
        rows: u32,
        width: u32,
        height: u32,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        if let Some(channels) = &mut self.channels {
            channels.resize(channel, (columns, rows, width, height));
        }
        Ok(())
    }

    async fn shell_request(
        &mut self,
        channel: ChannelId,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        self.start(channel, Wish::Shell, session)
    }

    async fn exec_request(
        &mut self,
        channel: ChannelId,
        command: &[u8],
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        self.start(channel, Wish::Command(command.to_vec()), session)
    }

    async fn subsystem_request(
        &mut self,
        channel: ChannelId,
        name: &str,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        let command = self
            .channels
            .as_ref()
            .filter(|_| name == "sftp")
            .and_then(Channels::sftp);
        match command {
            Some(command) => self.start(channel, Wish::Subsystem(command), session),
            None => answer(session, channel, false),
        }
    }

    async fn signal(
        &mut self,
        channel: ChannelId,
        signal: Sig,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        if let Some(channels) = &self.channels {
            channels.signal(channel, &signal);
        }
        Ok(())
    }
}

impl Conn {
    fn start(
        &mut self,
        channel: ChannelId,
        wish: Wish,
        session: &mut Session,
    ) -> Result<(), russh::Error> {
        let kind = wish.word();
        let handle = session.handle();
        let started = match &mut self.channels {
            Some(channels) => channels.start(channel, wish, handle),
            None => Err("no login".into()),
        };
        match started {
            Ok(()) => self.shared.say(What::Session(kind)),
            Err(why) => {
                self.shared.say(What::Broken(why));
                return answer(session, channel, false);
            }
        }
        answer(session, channel, true)
    }
}

fn answer(session: &mut Session, channel: ChannelId, yes: bool) -> Result<(), russh::Error> {
    if yes {
        session.channel_success(channel)
    } else {
        session.channel_failure(channel)
    }
}

fn shown(key: &russh::keys::PublicKey) -> String {
    format!(
        "{} {}",
        key.algorithm().as_str(),
        key.fingerprint(HashAlg::Sha256)
    )
}
