//! One connection of a transcript: what its lines come to, one after another.

use super::words::Word;
use sshwhy_causes::Args;
use sshwhy_rank::Place;

/// What became of an offered key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// None yet.
    Waiting,
    /// FAILURE to the query, or to a signature that was sent without one.
    Refused,
    /// PK_OK.
    Welcome,
    /// PK_OK, and the client did not sign.
    Unsigned,
    /// PK_OK, and FAILURE to the signature.
    SignatureRefused,
    /// It let the login in, or half of it.
    Took,
}

/// An offered key.
#[derive(Clone, Debug)]
pub(super) struct Offer {
    /// The file, or the agent's comment.
    pub(super) path: Option<Vec<u8>>,
    /// As the client names it: `ED25519`, `RSA-CERT`.
    pub(super) kind: Option<Vec<u8>>,
    pub(super) fingerprint: Option<Vec<u8>>,
    pub(super) agent: bool,
    pub(super) answer: Answer,
}

/// A cause that a line speaks of.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) id: &'static str,
    pub(super) args: Args,
    pub(super) line: u64,
    pub(super) text: Vec<u8>,
    /// It can be about another key than the one that matters.
    pub(super) of_a_key: bool,
}

/// Which family the client is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    OpenSsh,
    Putty,
}

/// What the lines of one connection come to.
#[derive(Clone, Debug, Default)]
pub(super) struct Attempt {
    pub(super) family: Option<Family>,
    /// The client's version: `OpenSSH_9.2p1`, `PuTTY_Release_0.78`.
    pub(super) client: Option<Vec<u8>>,
    pub(super) server: Option<Vec<u8>>,
    pub(super) host: Option<Vec<u8>>,
    pub(super) addr: Option<Vec<u8>>,
    pub(super) port: Option<Vec<u8>>,
    pub(super) user: Option<Vec<u8>>,
    /// The last list of methods that can continue.
    pub(super) methods: Option<Vec<u8>>,
    /// Some list named publickey.
    publickey: bool,
    pub(super) offers: Vec<Offer>,
    pub(super) said: Vec<Said>,
    /// PuTTY's key file.
    key_file: Option<Vec<u8>>,
    connected: bool,
    authenticating: bool,
    partial: bool,
    pub(super) inside: bool,
    pub(super) exit: Option<Vec<u8>>,
    pub(super) disconnect: Option<(Vec<u8>, Vec<u8>)>,
    closed: bool,
    unreachable: bool,
    host_key: bool,
    no_common: bool,
    host_key_refused: bool,
    /// It said "Permission denied" or the like.
    denied: bool,
    /// Its last line was heard.
    over: bool,
}

impl Attempt {
    /// Whether a line begins another connection.
    pub(super) fn ends_before(&self, word: Word) -> bool {
        match word {
            Word::Client | Word::Putty => self.family.is_some(),
            Word::Exit | Word::Denied | Word::Closed | Word::Says(_) | Word::Disconnect => false,
            _ => self.over && !self.inside,
        }
    }

    /// A client wrote it: no line of sshd's log has these words.
    pub(super) fn is_of_a_client(&self) -> bool {
        self.family.is_some()
            || self.authenticating
            || self.connected
            || self.unreachable
            || self.host_key_refused
            || self.denied
            || !self.offers.is_empty()
            || self
                .said
                .iter()
                // sshd has the same words for these.
                .any(|s| !["client-too-many-keys", "kex-no-common"].contains(&s.id))
    }

    /// Takes a line in.
    pub(super) fn hear(&mut self, word: Word, args: &Args, line: u64, text: &[u8]) {
        let get = |name: &str| args.get(name).map(<[u8]>::to_vec);
        let keep = |own: &mut Option<Vec<u8>>, name: &str| {
            if own.is_none() {
                *own = get(name);
            }
        };
        keep(&mut self.host, "host");
        keep(&mut self.port, "port");
        keep(&mut self.addr, "addr");
        match word {
            Word::Client => {
                self.family = Some(Family::OpenSsh);
                self.client = get("version").map(|v| [&b"OpenSSH_"[..], &v].concat());
            }
            Word::Putty => self.family = Some(Family::Putty),
            Word::Connecting => {}
            Word::Unreachable => {
                // PuTTY says so of a connection that breaks, too.
                self.unreachable |= !self.connected;
                self.closed |= self.connected;
                self.over = true;
                if !self.connected {
                    self.say("net-unreachable", args, line, text);
                }
            }
            Word::Connected => {
                self.connected = true;
                if let Some(client) = args.get("client") {
                    let client = client.strip_prefix(b"SSH-2.0-").unwrap_or(client);
                    self.client = Some(client.to_vec());
                    self.family = Some(Family::Putty);
                }
            }
            Word::Server => {
                self.connected = true;
                let server = args.get("server").unwrap_or_default();
                let server = server.strip_prefix(b"SSH-2.0-").unwrap_or(server);
                self.server = Some(server.to_vec());
            }
            Word::Preamble => {
                let text_of = args.get("text").unwrap_or_default();
                if text_of == b"Not allowed at this time" {
                    self.say("per-source-penalty", args, line, text);
                } else if text_of == b"Exceeded MaxStartups" {
                    self.say("max-startups", args, line, text);
                }
            }
            Word::NotSsh => self.say("not-an-ssh-server", args, line, text),
            Word::NoCommon => {
                self.no_common = true;
                if text.starts_with(b"Couldn't agree ") {
                    self.family = Some(Family::Putty);
                }
                self.over = true;
                self.say("kex-no-common", args, line, text);
            }
            Word::HostKey => self.host_key = true,
            Word::HostKeyChanged => {
                self.host_key_refused = true;
                self.say("host-key-changed", args, line, text);
            }
            Word::HostKeyUnknown => self.host_key_refused = true,
            Word::User => {
                self.user = get("user");
            }
            Word::Service => {
                self.authenticating = true;
                // What a program of a known host goes on with was taken.
                self.host_key_refused = false;
            }
            Word::Continue => {
                self.authenticating = true;
                self.list(args.get("methods"));
                self.refused();
            }
            Word::Partial => {
                self.partial = true;
                if let Some(offer) = self.pending() {
                    offer.answer = Answer::Took;
                }
            }
            Word::KeyFile => self.key_file = get("path"),
            Word::Offer | Word::Direct => {
                self.authenticating = true;
                self.unsigned();
                let offer = self.offer(args);
                self.offers.push(offer);
            }
            Word::Refused => {
                self.some_offer(args);
                self.refused();
            }
            Word::Accepts => {
                self.some_offer(args);
                if let Some(offer) = self.pending() {
                    offer.answer = Answer::Welcome;
                }
            }
            Word::Signed => {}
            Word::SignatureRefused => {
                self.some_offer(args);
                if let Some(offer) = self.pending() {
                    offer.answer = Answer::SignatureRefused;
                }
            }
            Word::NotLoaded => self.not_loaded(args, line, text),
            Word::TooOpen => self.of_a_key("client-key-perms", args, line, text),
            Word::PublicOnly => {
                let mut args = args.clone();
                self.fill(&mut args);
                self.of_a_key("putty-public-key-only", &args, line, text);
            }
            Word::NotInAgent => self.of_a_key("key-not-in-agent", args, line, text),
            Word::AgentRefused => {
                self.unsigned();
                let mut args = args.clone();
                self.fill(&mut args);
                self.of_a_key("client-agent-refused", &args, line, text);
            }
            Word::Skipped => {
                let mut args = args.clone();
                if let Some(kind) = args.get("type").map(<[u8]>::to_vec) {
                    args.set("algorithm", kind);
                }
                self.of_a_key("client-alg-filter", &args, line, text);
            }
            Word::NoMutual => {
                let mut args = args.clone();
                if let Some(path) = self.offers.last().and_then(|o| o.path.clone()) {
                    args.set("path", path);
                }
                // The query was never sent.
                if self.pending().is_some_and(|o| o.answer == Answer::Waiting) {
                    self.offers.pop();
                }
                self.unsigned();
                self.of_a_key("client-no-mutual-sigalg", &args, line, text);
            }
            Word::CertificateSkipped => self.of_a_key("client-cert-skipped", args, line, text),
            Word::NoPrompt => {
                // plink asks for a password in the same words.
                let key = self.pending().is_some_and(|o| o.answer == Answer::Welcome)
                    || self.family == Some(Family::OpenSsh);
                self.unsigned();
                if key {
                    let mut args = args.clone();
                    self.fill(&mut args);
                    self.of_a_key("client-batchmode-passphrase", &args, line, text);
                }
                self.over |= self.family == Some(Family::Putty);
            }
            Word::WrongPassphrase => {
                self.unsigned();
                let mut args = args.clone();
                self.fill(&mut args);
                self.of_a_key("ppk-damaged-or-wrong-passphrase", &args, line, text);
            }
            Word::Denied => {
                self.unsigned();
                self.denied = true;
                self.over = true;
                self.authenticating = true;
                // After half of the way, the last list names what is left.
                self.list(args.get("methods"));
                if self.user.is_none()
                    && let Some(login) = args.get("login")
                    && let Some(at) = login.iter().rposition(|b| *b == b'@')
                {
                    self.user = login.get(..at).map(<[u8]>::to_vec);
                    self.host = login.get(at + 1..).map(<[u8]>::to_vec);
                }
            }
            Word::Disconnect => {
                self.over = true;
                let code = args.get("code").unwrap_or_default().to_vec();
                let why = args.get("text").unwrap_or_default();
                if why == b"Too many authentication failures" {
                    let mut args = args.clone();
                    let count = self.offers.len().to_string();
                    args.set("limit", count.as_bytes());
                    self.say("client-too-many-keys", &args, line, text);
                }
                self.disconnect = Some((code, why.to_vec()));
            }
            Word::Closed => {
                self.over = true;
                self.closed = true;
            }
            Word::Success => {
                self.inside = true;
                self.over = true;
                let by_key = args.get("method").is_none_or(|m| m == b"publickey");
                if let Some(offer) = self.pending()
                    && by_key
                {
                    offer.answer = Answer::Took;
                }
            }
            Word::Exit => self.exit = get("status"),
            Word::Says(id) => self.say(id, args, line, text),
        }
    }

    /// The facts that a line about the current key leaves out.
    fn fill(&self, args: &mut Args) {
        let mut known = Args::new();
        let last = self.offers.last();
        let path = last
            .and_then(|o| o.path.clone())
            .or_else(|| self.key_file.clone());
        if let Some(path) = path {
            known.set("path", path);
        }
        if let Some(fingerprint) = last.and_then(|o| o.fingerprint.clone()) {
            known.set("fingerprint", fingerprint);
        }
        args.fill(&known);
    }

    fn say(&mut self, id: &'static str, args: &Args, line: u64, text: &[u8]) {
        if self.said.len() < 64 && !self.said.iter().any(|s| s.id == id) {
            let (args, text) = (args.clone(), text.to_vec());
            self.said.push(Said {
                id,
                args,
                line,
                text,
                of_a_key: false,
            });
        }
    }

    fn of_a_key(&mut self, id: &'static str, args: &Args, line: u64, text: &[u8]) {
        self.say(id, args, line, text);
        if let Some(said) = self.said.last_mut().filter(|s| s.line == line) {
            said.of_a_key = true;
        }
    }

    /// The key whose answer is not final.
    fn pending(&mut self) -> Option<&mut Offer> {
        self.offers
            .last_mut()
            .filter(|o| matches!(o.answer, Answer::Waiting | Answer::Welcome))
    }

    /// A line about a key of which no line before spoke: the text was cut.
    fn some_offer(&mut self, args: &Args) {
        if self.offers.is_empty() {
            let offer = self.offer(args);
            self.offers.push(offer);
        }
    }

    fn list(&mut self, methods: Option<&[u8]>) {
        let methods = methods.unwrap_or_default();
        self.publickey |= methods.split(|b| *b == b',').any(|m| m == b"publickey");
        self.methods = Some(methods.to_vec());
    }

    fn refused(&mut self) {
        if let Some(offer) = self.pending() {
            offer.answer = match offer.answer {
                Answer::Welcome => Answer::SignatureRefused,
                _ => Answer::Refused,
            };
        }
    }

    /// The client goes on although a signature was due.
    fn unsigned(&mut self) {
        if let Some(offer) = self.pending()
            && offer.answer == Answer::Welcome
        {
            offer.answer = Answer::Unsigned;
        }
    }

    fn not_loaded(&mut self, args: &Args, line: u64, text: &[u8]) {
        self.unsigned();
        let reason = args.get("reason").unwrap_or_default();
        let putty = self.family != Some(Family::OpenSsh) && args.get("reason").is_some();
        let mut args = args.clone();
        self.fill(&mut args);
        let ppk = args
            .get("path")
            .is_some_and(|p| p.to_ascii_lowercase().ends_with(b".ppk"));
        let starts = |words: &[&[u8]]| words.iter().any(|w| reason.starts_with(w));
        let id = if starts(&[b"unable to open file", b"No such file"]) {
            "client-key-missing"
        } else if starts(&[b"bad permissions"]) {
            "client-key-perms"
        } else if starts(&[b"incorrect passphrase"]) {
            "client-passphrase-wrong"
        } else if starts(&[b"wrong passphrase"]) {
            "ppk-damaged-or-wrong-passphrase"
        } else if starts(&[b"MAC failed"]) {
            "ppk-mac-mismatch"
        } else if starts(&[b"PuTTY key format too new"]) {
            "ppk-version-too-new"
        } else if starts(&[b"OpenSSH SSH-2 private key"]) {
            "openssh-key-given-to-putty"
        } else if starts(&[b"SSH-2 public key"]) {
            "putty-public-key-only"
        } else if starts(&[
            b"error in libcrypto",
            b"invalid format",
            b"not a recognised key file format",
            b"file format error",
            b"ssh.com SSH-2 private key",
            b"SSH-1 ",
            b"createkey failed",
            b"no header line",
            b"not a PuTTY SSH-2 private key",
            b"file is too large",
        ]) {
            if ppk && !putty && starts(&[b"error in libcrypto", b"invalid format"]) {
                self.of_a_key("ppk-given-to-openssh", &args, line, text);
                return;
            }
            "client-key-format"
        } else {
            return;
        };
        self.of_a_key(id, &args, line, text);
    }

    fn offer(&self, args: &Args) -> Offer {
        let mut offer = Offer {
            path: args.get("path").map(<[u8]>::to_vec),
            kind: args.get("type").map(<[u8]>::to_vec),
            fingerprint: None,
            agent: args.get("number").is_some(),
            answer: Answer::Waiting,
        };
        // `PATH ED25519 SHA256:… explicit agent`, and before 8.0 `RSA SHA256:… PATH`.
        if let Some(key) = args.get("key") {
            let words: Vec<&[u8]> = key.split(|b| *b == b' ').collect();
            let print = words
                .iter()
                .position(|w| w.starts_with(b"SHA256:") || w.starts_with(b"MD5:"));
            if let Some(at) = print {
                offer.fingerprint = words.get(at).map(|w| w.to_vec());
                offer.kind = at
                    .checked_sub(1)
                    .and_then(|n| words.get(n))
                    .map(|w| w.to_vec());
                let before = words.get(..at.saturating_sub(1)).unwrap_or_default();
                let after = words.get(at + 1..).unwrap_or_default();
                let path = if before.is_empty() { after } else { before };
                offer.path = Some(path.join(&b' '));
                offer.agent = after.contains(&&b"agent"[..]);
            } else {
                offer.path = Some(key.to_vec());
            }
        }
        if offer.path.is_none() && !offer.agent {
            offer.path = self.key_file.clone();
        }
        offer
    }

    fn any(&self, answer: Answer) -> bool {
        self.offers.iter().any(|o| o.answer == answer)
    }

    /// The step at which it stopped: the furthest that any key came to.
    pub(super) fn place(&self) -> Place {
        let speaks = |id: &str| self.said.iter().any(|s| s.id == id);
        if self.inside {
            let ended = self.said.iter().any(|s| !s.of_a_key)
                || self.exit.as_ref().is_some_and(|e| e != b"0");
            return if ended {
                Place::Session
            } else {
                Place::Accepted
            };
        }
        if self.unreachable {
            return Place::Reach;
        }
        if self.no_common {
            return Place::KeyExchange;
        }
        if self.host_key_refused {
            return Place::HostKey;
        }
        if !self.authenticating && self.offers.is_empty() {
            if speaks("not-an-ssh-server")
                || (self.server.is_none() && (self.closed || !self.said.is_empty()))
            {
                return Place::Identification;
            }
            if self.closed || self.disconnect.is_some() {
                return if self.host_key {
                    Place::Disconnected
                } else {
                    Place::KeyExchange
                };
            }
            return Place::Unknown;
        }
        if self.partial {
            return Place::Partial;
        }
        let last = self.offers.last().map(|o| o.answer);
        if self.closed && last == Some(Answer::Welcome) {
            return Place::Closed;
        }
        if self.any(Answer::SignatureRefused) {
            return Place::Signature;
        }
        if self.any(Answer::Unsigned) {
            return Place::Unsigned;
        }
        if self.disconnect.is_some() || self.closed {
            return Place::Disconnected;
        }
        // OpenSSH offers a key even where the server's list is empty.
        if self.methods.is_some() && !self.publickey {
            return Place::Method;
        }
        if self.any(Answer::Refused) {
            return Place::Query;
        }
        if self.denied && self.family.is_some() {
            return Place::NotOffered;
        }
        Place::Unknown
    }

    /// The key that came furthest.
    pub(super) fn key(&self) -> Option<&Offer> {
        let rank = |a: Answer| match a {
            Answer::Took => 5,
            Answer::SignatureRefused => 4,
            Answer::Welcome => 3,
            Answer::Unsigned => 2,
            Answer::Refused => 1,
            Answer::Waiting => 0,
        };
        self.offers.iter().max_by_key(|o| rank(o.answer))
    }

    /// A key was refused by the server beside whatever the client says of its files.
    pub(super) fn others_refused(&self) -> bool {
        self.any(Answer::Refused) || self.any(Answer::SignatureRefused)
    }

    /// OpenSSH was stopped by one of these words before it offered anything.
    pub(super) fn only_denied(&self) -> bool {
        self.denied && self.offers.is_empty() && self.family.is_none()
    }
}
