//! One connection that may come to a session: what russh asks, answered as sshd does.

use crate::engine::{Answer, Key, Proof, Question};
use crate::grid::on_the_grid;
use crate::limits::Door;
use crate::login::{Channels, Ready, Wish};
use crate::pace::Pace;
use crate::parent::{About, Here};
use crate::{Mode, Seen, What};
use russh::keys::{Algorithm, Certificate};
use russh::server::{
    Auth, ChannelOpenHandle, Handler, Msg, PublicKeyOffer, Session, VerifiedPublicKey,
};
use russh::{Channel, ChannelId, ChannelOpenFailure, MethodKind, MethodSet, Pty, Sig};
use sshwhy_causes::Stage;
use sshwhy_verdict::{Grant, Verdict};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// Answers about a decision go out on a grid of this width, counted from the request: how long the
/// engine worked is not seen.
const GRID: Duration = Duration::from_millis(25);

/// What a connection has of its server.
pub(crate) struct Shared {
    pub(crate) here: Here,
    pub(crate) about: About,
    pub(crate) logged_in: Arc<AtomicBool>,
    pub(crate) proven: Arc<AtomicBool>,
    pub(crate) pace: Arc<Pace>,
    pub(crate) door: Door,
}

impl Shared {
    fn say(&self, what: What) {
        self.here.say(&self.about, what);
    }
}

/// One connection.
pub(crate) struct Conn {
    shared: Shared,
    channels: Option<Channels>,
}

impl Conn {
    pub(crate) fn new(shared: Shared) -> Self {
        Conn {
            shared,
            channels: None,
        }
    }

    async fn ask(&self, user: &str, blob: Vec<u8>, algorithm: &str) -> Option<Answer> {
        let question = Question {
            user: user.as_bytes().to_vec(),
            key: Some(Key {
                blob,
                algorithm: algorithm.as_bytes().to_vec(),
            }),
            // russh verifies a FIDO signature and does not show its flags: where a touch is asked
            // for, it was not seen.
            proof: Proof::Good {
                touched: false,
                verified: false,
            },
            from: self.shared.about.from,
            to: self.shared.about.to,
        };
        self.shared.here.ask(&self.shared.about, question).await
    }

    fn note(&self, user: &str, blob: &[u8], signed: bool, answer: &Answer) {
        self.shared.say(What::Attempt(Box::new(Seen {
            user: user.as_bytes().to_vec(),
            blob: blob.to_vec(),
            signed,
            judgement: answer.judgement.clone(),
            told: None,
            to: self.shared.about.to,
            build: answer.build.clone(),
        })));
    }

    /// A key whose possession is proven.
    async fn proven(&mut self, user: &str, blob: Vec<u8>, algorithm: &str) -> Auth {
        let start = Instant::now();
        self.shared.proven.store(true, Ordering::Release);
        let answer = self.ask(user, blob.clone(), algorithm).await;
        if let Some(answer) = &answer {
            self.note(user, &blob, true, answer);
        }
        let accepted = answer
            .filter(|a| a.judgement.verdict == Verdict::Accept)
            .and_then(|a| a.grant);
        let channels = match (accepted, &self.shared.here.config.mode) {
            (Some(_), Mode::Doorstep) => Some(None),
            (Some(grant), _) => self.let_in(user, grant).map(Some),
            (None, _) => None,
        };
        match channels {
            Some(channels) => {
                self.channels = channels;
                self.shared.logged_in.store(true, Ordering::Release);
                self.shared.door.logged_in(self.shared.about.from.ip());
                Auth::Accept
            }
            None => {
                on_the_grid(start, GRID).await;
                refuse()
            }
        }
    }

    /// What the session may do; `None` where this server cannot give this account one.
    fn let_in(&self, user: &str, grant: Grant) -> Option<Channels> {
        let Mode::Session(login) = &self.shared.here.config.mode else {
            return None;
        };
        let ready = match Ready::new(
            login,
            user,
            grant,
            self.shared.about.from,
            self.shared.about.to,
        ) {
            Ok(ready) => ready,
            Err(why) => {
                self.shared.say(What::Broken(why));
                return None;
            }
        };
        Some(Channels::new(
            ready,
            self.shared.here.config.limits.sessions,
            self.shared.pace.clone(),
        ))
    }
}

fn refuse() -> Auth {
    Auth::Reject {
        proceed_with_methods: Some(MethodSet::from(&[MethodKind::PublicKey][..])),
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
        Ok(refuse())
    }

    async fn auth_publickey_offered(
        &mut self,
        user: &str,
        offer: PublicKeyOffer<'_>,
    ) -> Result<Auth, Self::Error> {
        let start = Instant::now();
        let Ok(blob) = offer.public_key.to_bytes() else {
            return Ok(refuse());
        };
        let answer = self.ask(user, blob.clone(), &name(offer.algorithm)).await;
        if let Some(answer) = &answer {
            self.note(user, &blob, false, answer);
        }
        // sshd answers a query by the account, the key and its line; what comes behind the
        // signature is not asked yet. russh shows a certificate as its plain key: where one might
        // be taken, the client has to sign before it is known what it has.
        let listed = answer.is_some_and(|a| match a.judgement.verdict {
            Verdict::Accept => true,
            Verdict::Undetermined => false,
            Verdict::Refuse => {
                a.vouched
                    || a.judgement
                        .first()
                        .is_some_and(|f| f.cause.stage >= Stage::Signature)
            }
        });
        if listed {
            return Ok(Auth::Accept);
        }
        on_the_grid(start, GRID).await;
        Ok(refuse())
    }

    async fn auth_publickey(
        &mut self,
        user: &str,
        key: VerifiedPublicKey<'_>,
    ) -> Result<Auth, Self::Error> {
        let Ok(blob) = key.public_key.to_bytes() else {
            return Ok(refuse());
        };
        let algorithm = name(key.algorithm);
        Ok(self.proven(user, blob, &algorithm).await)
    }

    async fn auth_openssh_certificate(
        &mut self,
        user: &str,
        certificate: &Certificate,
    ) -> Result<Auth, Self::Error> {
        let Ok(blob) = certificate.to_bytes() else {
            return Ok(refuse());
        };
        // russh does not say which RSA hash was announced: every current one is taken.
        Ok(self.proven(user, blob, "").await)
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
