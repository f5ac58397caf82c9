//! A client that goes as far as it likes towards a login, and one that is served meanwhile.

use super::Stage;
use sshwhy_wire::auth;
use sshwhy_wire::data::{msg, put_bool, put_string};
use sshwhy_wire::{Event, KeySigner, Signer, Transport, TransportConfig};
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Memory is that of the whole process: one test at a time.
static ALONE: Mutex<()> = Mutex::new(());

pub fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where a connection stalls: what it has sent last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    Nothing,
    HalfAnIdentification,
    Identification,
    HalfAKexinit,
    Kexinit,
    Share,
    NewKeys,
    HalfAPacket,
    Service,
    None,
    Query,
    Signature,
}

pub const PLACES: [Place; 12] = [
    Place::Nothing,
    Place::HalfAnIdentification,
    Place::Identification,
    Place::HalfAKexinit,
    Place::Kexinit,
    Place::Share,
    Place::NewKeys,
    Place::HalfAPacket,
    Place::Service,
    Place::None,
    Place::Query,
    Place::Signature,
];

pub fn request(user: &str, key: &KeySigner, session: Option<&[u8]>) -> Vec<u8> {
    let mut out = vec![msg::USERAUTH_REQUEST];
    for word in [user.as_bytes(), b"ssh-connection", b"publickey"] {
        put_string(&mut out, word);
    }
    put_bool(&mut out, session.is_some());
    put_string(&mut out, b"ssh-ed25519");
    put_string(&mut out, &key.public_blob());
    if let Some(session) = session {
        let mut data = Vec::new();
        put_string(&mut data, session);
        data.extend_from_slice(&out);
        put_string(&mut out, &key.sign(b"ssh-ed25519", &data).unwrap());
    }
    out
}

/// Reads until the transport says `wanted`.
fn until(stream: &mut TcpStream, client: &mut Transport, wanted: impl Fn(&Event) -> bool) {
    let mut chunk = [0u8; 4096];
    loop {
        while let Some(event) = client.next_event() {
            if wanted(&event) {
                return;
            }
        }
        let read = stream.read(&mut chunk).unwrap();
        assert!(read > 0, "the server hung up");
        client.feed(&chunk[..read]).unwrap();
    }
}

/// A client behind its login, which sends what it likes.
pub struct Inside {
    pub stream: TcpStream,
    pub client: Transport,
}

impl Inside {
    pub fn new(stage: &Stage, key: &KeySigner) -> Inside {
        let (mut stream, mut client) = walk(stage, Place::Signature, key);
        until(
            &mut stream,
            &mut client,
            |e| matches!(e, Event::Message(m) if m[..] == [msg::USERAUTH_SUCCESS]),
        );
        Inside { stream, client }
    }

    /// False: the server has hung up.
    pub fn send(&mut self, payload: &[u8]) -> bool {
        self.client.send(payload).is_ok()
            && self.stream.write_all(&self.client.take_output()).is_ok()
    }

    /// The next message of the connection protocol; `None`: it ended, with these words.
    pub fn next(&mut self) -> Result<Vec<u8>, String> {
        let mut chunk = vec![0u8; 1 << 16];
        loop {
            while let Some(event) = self.client.next_event() {
                match event {
                    Event::Message(m) => return Ok(m),
                    Event::Disconnect(d) => {
                        return Err(String::from_utf8_lossy(&d.text).into_owned());
                    }
                    _ => {}
                }
            }
            let answer = self.client.take_output();
            if self.stream.write_all(&answer).is_err() {
                return Err("written to nobody".into());
            }
            match self.stream.read(&mut chunk) {
                Ok(0) => return Err("hung up".into()),
                Ok(n) => self.client.feed(&chunk[..n]).unwrap(),
                Err(e) => return Err(e.to_string()),
            }
        }
    }
}

/// Goes as far as `place` and leaves it there.
pub fn stall(stage: &Stage, place: Place, key: &KeySigner) -> TcpStream {
    walk(stage, place, key).0
}

pub fn walk(stage: &Stage, place: Place, key: &KeySigner) -> (TcpStream, Transport) {
    let mut stream = TcpStream::connect(("127.0.0.1", stage.port())).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    let mut client = Transport::new(TransportConfig::default()).unwrap();
    let start = client.take_output();
    let id = start.iter().position(|b| *b == b'\n').unwrap() + 1;
    let sent = match place {
        Place::Nothing => 0,
        Place::HalfAnIdentification => id / 2,
        Place::Identification => id,
        Place::HalfAKexinit => id + (start.len() - id) / 2,
        _ => start.len(),
    };
    stream.write_all(&start[..sent]).unwrap();
    if place <= Place::Kexinit {
        return (stream, client);
    }
    until(&mut stream, &mut client, |e| {
        matches!(e, Event::Negotiated(_))
    });
    stream.write_all(&client.take_output()).unwrap();
    if place == Place::Share {
        return (stream, client);
    }
    until(&mut stream, &mut client, |e| {
        matches!(e, Event::NewKeys { .. })
    });
    stream.write_all(&client.take_output()).unwrap();
    let steps = [
        (Place::Service, auth::service_request()),
        (Place::None, auth::none(stage.user.as_bytes())),
        (Place::Query, request(&stage.user, key, None)),
        (
            Place::Signature,
            request(&stage.user, key, client.session_id()),
        ),
    ];
    for (at, payload) in steps {
        if place < at && place != Place::HalfAPacket {
            break;
        }
        client.send(&payload).unwrap();
        let sealed = client.take_output();
        if place == Place::HalfAPacket {
            stream.write_all(&sealed[..7]).unwrap();
            break;
        }
        stream.write_all(&sealed).unwrap();
        if place == at {
            break;
        }
        until(&mut stream, &mut client, |e| matches!(e, Event::Message(_)));
    }
    (stream, client)
}

/// Resident memory of this process, the server in it, in KiB.
pub fn memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|l| l.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Both ends of every connection are in this process.
pub fn many_descriptors() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).unwrap();
    assert!(limit.current.is_none_or(|n| n > 4096), "{limit:?}");
}

pub fn key(stage: &Stage) -> KeySigner {
    KeySigner::from_openssh(&fs::read(stage.path("listed")).unwrap(), None).unwrap()
}

/// A client that is served all the while: how often, and how long it took at most.
pub fn served(stage: &Stage, session: bool, stop: &AtomicBool) -> (usize, Duration) {
    let (mut times, mut most) = (0, Duration::ZERO);
    while !stop.load(Ordering::Acquire) || times == 0 {
        let start = Instant::now();
        let out = stage.ssh("listed", &stage.user, &["echo", "served"]);
        if session {
            assert_eq!(String::from_utf8_lossy(&out.stdout).trim(), "served");
        } else {
            let words = String::from_utf8_lossy(&out.stderr).into_owned();
            assert!(words.contains("accepted: sshd would let"), "{words}");
        }
        most = most.max(start.elapsed());
        times += 1;
    }
    (times, most)
}
