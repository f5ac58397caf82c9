//! Servers that agree on keys and then say too much, or nothing: a login with them ends in time
//! and keeps little.

use crate::auth::{self, AuthReply, Method};
use crate::data::{msg, put_bool, put_string, put_u32};
use crate::event::Event;
use crate::hostile::{ID, Server};
use crate::kex::KexInit;
use crate::plan::{End, Step, StepOutcome};
use crate::session::{Session, Stream};
use crate::transport::TransportConfig;
use std::io::{self, Read, Write};
use std::time::{Duration, Instant};

/// What the server does at each turn: what it has heard so far gives what it says.
type Talk = fn(&[u8]) -> Vec<Vec<u8>>;

/// A server at the other end of a stream, without a socket.
struct Peer {
    server: Server,
    heard: Vec<u8>,
    to_say: Vec<u8>,
    client_init: Option<Vec<u8>>,
    keyed: bool,
    /// It says so many packets and then none.
    packets: usize,
    /// Said whenever the client waits; a flood where it is not empty.
    endless: Vec<Vec<u8>>,
    talk: Talk,
    patience: Duration,
    named: bool,
}

impl Peer {
    fn new(packets: usize, endless: Vec<Vec<u8>>, talk: Talk) -> Peer {
        Peer {
            server: Server::new(),
            heard: Vec::new(),
            to_say: [ID, b"\r\n"].concat(),
            client_init: None,
            keyed: false,
            packets,
            endless,
            talk,
            patience: Duration::ZERO,
            named: false,
        }
    }

    fn say(&mut self, payload: &[u8]) {
        let sealed = self.server.seal(payload);
        self.put(&sealed);
    }

    fn put(&mut self, sealed: &[u8]) {
        if self.packets > 0 {
            self.packets -= 1;
            self.to_say.extend_from_slice(sealed);
        }
    }

    /// Answers each packet that is there as a whole.
    fn listen(&mut self) {
        if !self.named {
            let Some(end) = self.heard.iter().position(|b| *b == b'\n') else {
                return;
            };
            self.heard.drain(..=end);
            self.named = true;
            let init = self.server.init.clone();
            self.say(&init);
        }
        while let Some((payload, used)) = self.server.opener.open(&self.heard).unwrap() {
            self.heard.drain(..used);
            match payload.first().copied() {
                Some(msg::KEXINIT) => self.client_init = Some(payload),
                Some(msg::KEX_ECDH_INIT) => {
                    let init = self.client_init.take().unwrap();
                    for sealed in self.server.reply(&init, &payload, |_| {}) {
                        self.put(&sealed);
                    }
                }
                Some(msg::NEWKEYS) => {
                    self.server.read_with_new_keys();
                    self.keyed = true;
                }
                _ => {
                    for answer in (self.talk)(&payload) {
                        self.say(&answer);
                    }
                }
            }
        }
    }
}

impl Read for Peer {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.to_say.is_empty() && self.keyed {
            for payload in self.endless.clone() {
                self.say(&payload);
            }
        }
        if self.to_say.is_empty() {
            std::thread::sleep(self.patience);
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let n = buf.len().min(self.to_say.len());
        buf[..n].copy_from_slice(&self.to_say[..n]);
        self.to_say.drain(..n);
        Ok(n)
    }
}

impl Write for Peer {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.heard.extend_from_slice(buf);
        self.listen();
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Stream for Peer {
    fn wait_at_most(&mut self, time: Duration) -> io::Result<()> {
        self.patience = time;
        Ok(())
    }
}

const ANSWER: Duration = Duration::from_millis(300);
const TOTAL: Duration = Duration::from_secs(2);

/// A service that is granted, and a list of methods for each request.
fn honest(payload: &[u8]) -> Vec<Vec<u8>> {
    match payload.first().copied() {
        Some(msg::SERVICE_REQUEST) => vec![service()],
        Some(msg::USERAUTH_REQUEST) => vec![failure(b"publickey,password")],
        _ => Vec::new(),
    }
}

/// Says nothing to anything.
fn mute(_: &[u8]) -> Vec<Vec<u8>> {
    Vec::new()
}

fn service() -> Vec<u8> {
    let mut out = vec![msg::SERVICE_ACCEPT];
    put_string(&mut out, b"ssh-userauth");
    out
}

fn failure(methods: &[u8]) -> Vec<u8> {
    let mut out = vec![msg::USERAUTH_FAILURE];
    put_string(&mut out, methods);
    put_bool(&mut out, false);
    out
}

fn banner(text: &[u8]) -> Vec<u8> {
    let mut out = vec![msg::USERAUTH_BANNER];
    put_string(&mut out, text);
    put_string(&mut out, b"");
    out
}

fn session(peer: Peer) -> Session<Peer> {
    Session::new(peer, TransportConfig::default(), ANSWER, TOTAL).unwrap()
}

/// `none` for a user; how the connection ended where it did.
fn ask(session: &mut Session<Peer>) -> Result<StepOutcome, End> {
    session.handshake()?;
    let reply = session.ask(&auth::service_request(), Method::None)?;
    assert!(matches!(reply, AuthReply::ServiceAccept(_)), "{reply:?}");
    match session.step(b"alice", &Step::None).outcome {
        StepOutcome::Ended(end) => Err(end),
        other => Ok(other),
    }
}

fn kept(session: &Session<Peer>) -> usize {
    let size = |event: &Event| match event {
        Event::Message(b) | Event::PreambleLine(b) | Event::Identification(b) => b.len(),
        Event::Debug(d) => d.text.len(),
        Event::Disconnect(d) => d.text.len(),
        Event::ExtInfo(list) => list.iter().map(|e| e.name.len() + e.value.len() + 48).sum(),
        Event::GlobalRequest { name, data, .. } => name.len() + data.len(),
        Event::ServerKexInit(init) => init.len(),
        _ => 0,
    };
    session.report.events.iter().map(|l| size(&l.event)).sum()
}

#[test]
fn an_honest_peer_is_asked_to_the_end() {
    let mut session = session(Peer::new(usize::MAX, Vec::new(), honest));
    let outcome = ask(&mut session).unwrap();
    assert!(
        matches!(&outcome, StepOutcome::Failure { methods, .. } if methods == b"publickey,password"),
        "{outcome:?}"
    );
}

#[test]
fn a_server_that_falls_silent_after_any_packet_is_left_in_time() {
    // KEXINIT, the reply, NEWKEYS, the service, the answer.
    for packets in 0..5 {
        let start = Instant::now();
        let mut session = session(Peer::new(packets, Vec::new(), honest));
        let end = ask(&mut session).unwrap_err();
        assert!(matches!(end, End::TimedOut), "{packets}: {end:?}");
        let took = start.elapsed();
        assert!(took < TOTAL + ANSWER, "{packets}: {took:?}");
    }
}

#[test]
fn floods_under_good_keys_end_in_time_and_are_not_kept() {
    let text = vec![b'\x1b'; 200_000];
    let debug = {
        let mut out = vec![msg::DEBUG];
        put_bool(&mut out, true);
        put_string(&mut out, &text);
        put_string(&mut out, b"");
        out
    };
    let ignore = {
        let mut out = vec![msg::IGNORE];
        put_string(&mut out, &text);
        out
    };
    let info = {
        let mut out = vec![msg::EXT_INFO];
        put_u32(&mut out, 20_000);
        (0..40_000).for_each(|_| put_string(&mut out, b""));
        out
    };
    let global = {
        let mut out = vec![msg::GLOBAL_REQUEST];
        put_string(&mut out, &text);
        put_bool(&mut out, true);
        out
    };
    let floods = [
        ("banners", vec![banner(&text)]),
        ("small banners", vec![banner(b"x"); 100]),
        ("debug messages", vec![debug]),
        ("ignored data", vec![ignore]),
        ("extensions", vec![info]),
        ("global requests", vec![global]),
        ("numbers nobody knows", vec![vec![201]; 100]),
        ("requests never made", vec![vec![msg::REQUEST_SUCCESS]; 100]),
    ];
    for (what, endless) in floods {
        let start = Instant::now();
        let mut session = session(Peer::new(usize::MAX, endless, mute));
        let end = session
            .handshake()
            .and_then(|()| session.ask(&auth::service_request(), Method::None));
        assert!(
            !matches!(end, Ok(AuthReply::ServiceAccept(_))),
            "{what}: nobody granted the service"
        );
        let took = start.elapsed();
        assert!(took < TOTAL + ANSWER, "{what}: {took:?}");
        let kept = kept(&session);
        assert!(kept < 5 << 20, "{what}: {kept} bytes kept");
        assert!(session.report.events.len() < 5000, "{what}");
    }
}

#[test]
fn a_hundred_thousand_methods_are_one_list() {
    fn talk(payload: &[u8]) -> Vec<Vec<u8>> {
        match payload.first().copied() {
            Some(msg::SERVICE_REQUEST) => vec![service()],
            Some(msg::USERAUTH_REQUEST) => vec![failure(&[b'a', b','].repeat(100_000))],
            _ => Vec::new(),
        }
    }
    let mut session = session(Peer::new(usize::MAX, Vec::new(), talk));
    let outcome = ask(&mut session).unwrap();
    assert!(
        matches!(&outcome, StepOutcome::Failure { methods, .. } if methods.len() == 200_000),
        "one list"
    );
    for _ in 0..40 {
        let _ = session.step(b"alice", &Step::None);
    }
    assert!(kept(&session) < 5 << 20);
}

#[test]
fn lists_of_a_key_exchange_count_as_what_they_weigh() {
    let init = KexInit {
        kex: vec![b'a'; 1000],
        languages_in: vec![b'b'; 99],
        ..KexInit::default()
    };
    assert_eq!(init.len(), 1099);
}
