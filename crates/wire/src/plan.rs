//! What to try in one connection, and what came of it.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::auth::AuthReply;
use crate::channel::{ChannelOutput, ChannelRequest};
use crate::error::TransportError;
use crate::event::{DebugMessage, Disconnect, Event, Extension};
use crate::hostkey::HostKey;
use crate::kex::{KexInit, Negotiated};
use crate::signer::{SignError, Signer};
use crate::transport::TransportConfig;

/// One authentication request.
#[derive(Clone)]
pub enum Step {
    /// Method `none`.
    None,
    /// A `publickey` query: no private key is needed.
    Query {
        /// Public key algorithm.
        algorithm: Vec<u8>,
        /// Public key or certificate blob.
        blob: Vec<u8>,
    },
    /// A signed `publickey` attempt, without a query before it.
    Sign(Attempt),
    /// Method `password`. Only meaningful where the host key is pinned or known.
    Password(Zeroizing<Vec<u8>>),
    /// Method `keyboard-interactive`: the answers, one for each prompt, in order;
    /// a round without prompts is answered with none.
    KeyboardInteractive(Vec<Zeroizing<Vec<u8>>>),
}

/// A signed attempt; what it says and what it signs need not agree.
#[derive(Clone)]
pub struct Attempt {
    /// Public key algorithm of the request.
    pub algorithm: Vec<u8>,
    /// Public key or certificate blob.
    pub blob: Vec<u8>,
    /// Who signs.
    pub signer: Arc<dyn Signer>,
    /// Signature algorithm asked of the signer; `None`: the one that belongs to `algorithm`.
    pub sign_as: Option<Vec<u8>>,
    /// The name written into the signature blob; `None`: as the signer wrote it.
    pub label: Option<Vec<u8>>,
    /// Flip a bit of the signature.
    pub corrupt: bool,
    /// Use `publickey-hostbound-v00@openssh.com`.
    pub hostbound: bool,
}

impl Attempt {
    /// An honest attempt.
    #[must_use]
    pub fn new(algorithm: &[u8], blob: &[u8], signer: Arc<dyn Signer>) -> Self {
        Self {
            algorithm: algorithm.to_vec(),
            blob: blob.to_vec(),
            signer,
            sign_as: None,
            label: None,
            corrupt: false,
            hostbound: false,
        }
    }
}

/// One connection: who, what in which order, and what to run once in.
#[derive(Clone)]
pub struct LoginPlan {
    /// User name.
    pub user: Vec<u8>,
    /// Tried in order until one succeeds.
    pub steps: Vec<Step>,
    /// What to start after success. Without it the connection is only proven alive.
    pub exec: Option<ChannelRequest>,
    /// Standard input of what is started.
    pub stdin: Vec<u8>,
    /// Most bytes of output kept.
    pub max_output: u32,
    /// Time for each answer of the server.
    pub step_timeout: Duration,
    /// Time for all of it.
    pub total_timeout: Duration,
    /// Our side of the transport.
    pub transport: TransportConfig,
}

impl LoginPlan {
    /// A plan with 10 s for an answer, 30 s for all, and 1 MiB of output.
    #[must_use]
    pub fn new(user: &[u8], steps: Vec<Step>) -> Self {
        Self {
            user: user.to_vec(),
            steps,
            exec: None,
            stdin: Vec::new(),
            max_output: 1 << 20,
            step_timeout: Duration::from_secs(10),
            total_timeout: Duration::from_secs(30),
            transport: TransportConfig::default(),
        }
    }
}

/// Why nothing more came.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum End {
    /// SSH_MSG_DISCONNECT.
    Disconnected(Disconnect),
    /// The server closed the stream.
    Closed,
    /// No answer in time.
    TimedOut,
    /// The protocol was broken.
    Transport(TransportError),
    /// The stream failed.
    Io(io::ErrorKind),
}

/// What came of one step.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StepOutcome {
    /// PK_OK to a query.
    PkOk {
        /// Algorithm and blob are those of the request.
        echoes_request: bool,
        /// Algorithm, as echoed.
        algorithm: Vec<u8>,
        /// Blob, as echoed.
        blob: Vec<u8>,
    },
    /// FAILURE.
    Failure {
        /// Methods that can continue, as the name-list came.
        methods: Vec<u8>,
        /// Partial success.
        partial: bool,
    },
    /// SUCCESS. Truth is told by what follows: see [`LoginReport::after_success`].
    Success,
    /// The server wants the password changed: its prompt.
    PasswordChange(Vec<u8>),
    /// Any other message.
    Unexpected(AuthReply),
    /// The request was not sent: no signature.
    NotSigned(SignError),
    /// The connection ended instead of an answer.
    Ended(End),
}

/// One step's outcome and how long the answer took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepResult {
    /// What came.
    pub outcome: StepOutcome,
    /// From the request to the answer; signing is not in it.
    pub took: Duration,
}

/// An event and when it came, counted from the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// Since the first byte was sent.
    pub at: Duration,
    /// The event.
    pub event: Event,
}

/// When things were done, counted from the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timings {
    /// The server's identification string was there.
    pub identification: Option<Duration>,
    /// Keys were agreed on.
    pub new_keys: Option<Duration>,
    /// Authentication was over.
    pub authenticated: Option<Duration>,
    /// All was over.
    pub total: Duration,
}

/// How the connection stood after USERAUTH_SUCCESS.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AfterSuccess {
    /// The server answered in the connection protocol: the login is real.
    Alive,
    /// It ended before it did: `PermitRootLogin forced-commands-only` looks so.
    Ended(End),
}

/// Everything one connection showed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoginReport {
    /// Events in order, up to a bound.
    pub events: Vec<Logged>,
    /// Events past the bound.
    pub dropped_events: u64,
    /// One result for each step made; fewer than planned when one ended it.
    pub steps: Vec<StepResult>,
    /// After success only.
    pub after_success: Option<AfterSuccess>,
    /// After success, with something to start.
    pub exec: Option<ChannelOutput>,
    /// Why the connection ended, where it was not us who ended it.
    pub end: Option<End>,
    /// How long the server was silent before it ended the connection in place of an answer.
    pub silence: Option<Duration>,
    /// Times.
    pub timings: Timings,
}

impl LoginReport {
    /// True if a step ended in USERAUTH_SUCCESS.
    #[must_use]
    pub fn success(&self) -> bool {
        self.steps
            .iter()
            .any(|step| step.outcome == StepOutcome::Success)
    }

    fn each<'a, T: 'a>(
        &'a self,
        pick: impl Fn(&'a Event) -> Option<T> + 'a,
    ) -> impl Iterator<Item = T> + 'a {
        self.events
            .iter()
            .filter_map(move |logged| pick(&logged.event))
    }

    /// Lines before the identification string.
    pub fn preamble(&self) -> impl Iterator<Item = &[u8]> {
        self.each(|e| match e {
            Event::PreambleLine(line) => Some(line.as_slice()),
            _ => None,
        })
    }

    /// The server's identification string.
    #[must_use]
    pub fn identification(&self) -> Option<&[u8]> {
        self.each(|e| match e {
            Event::Identification(line) => Some(line.as_slice()),
            _ => None,
        })
        .next()
    }

    /// The server's first KEXINIT.
    #[must_use]
    pub fn server_kexinit(&self) -> Option<&KexInit> {
        self.each(|e| match e {
            Event::ServerKexInit(init) => Some(&**init),
            _ => None,
        })
        .next()
    }

    /// What was negotiated first.
    #[must_use]
    pub fn negotiated(&self) -> Option<&Negotiated> {
        self.each(|e| match e {
            Event::Negotiated(n) => Some(&**n),
            _ => None,
        })
        .next()
    }

    /// The host key.
    #[must_use]
    pub fn host_key(&self) -> Option<&HostKey> {
        self.each(|e| match e {
            Event::HostKey(key) => Some(&**key),
            _ => None,
        })
        .next()
    }

    /// Each EXT_INFO, in order; the second, if there is one, speaks of this user.
    pub fn ext_info(&self) -> impl Iterator<Item = &[Extension]> {
        self.each(|e| match e {
            Event::ExtInfo(extensions) => Some(extensions.as_slice()),
            _ => None,
        })
    }

    /// The last value of an extension of that name.
    #[must_use]
    pub fn extension(&self, name: &[u8]) -> Option<&[u8]> {
        self.ext_info()
            .flatten()
            .filter(|e| e.name == name)
            .map(|e| e.value.as_slice())
            .last()
    }

    /// `server-sig-algs` as last told. Before OpenSSH 9.6 its presence proves nothing.
    #[must_use]
    pub fn server_sig_algs(&self) -> Option<&[u8]> {
        self.extension(b"server-sig-algs")
    }

    /// Banners (RFC 4252 §5.4), in order.
    pub fn banners(&self) -> impl Iterator<Item = Vec<u8>> {
        self.each(|e| match e {
            Event::Message(payload) => match AuthReply::parse(payload, crate::auth::Method::None) {
                AuthReply::Banner(text) => Some(text),
                _ => None,
            },
            _ => None,
        })
    }

    /// SSH_MSG_DEBUG texts, in order.
    pub fn debug_messages(&self) -> impl Iterator<Item = &DebugMessage> {
        self.each(|e| match e {
            Event::Debug(message) => Some(message),
            _ => None,
        })
    }

    /// SSH_MSG_DISCONNECT.
    #[must_use]
    pub fn disconnect(&self) -> Option<&Disconnect> {
        self.each(|e| match e {
            Event::Disconnect(d) => Some(d),
            _ => None,
        })
        .next()
    }
}
