//! A login of ours that proves a run: where to, with which key, and not before the daemon has read
//! its files again.

use crate::apply::Setting;
use crate::confirm::{self, Knows, ThrowAway};
use crate::safe::Root;
use crate::safe_state::{ACL, Body, State};
use crate::safe_trouble::{Result, Trouble, Why};
use sshwhy_wire::{KeySigner, Signer};
use sshwhy_world::{Acl, Kind, Node};
use std::collections::BTreeSet;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a daemon may take until it listens anew. One that goes on with the socket that it
/// was given (a socket unit) shows nothing: then this is how long it has.
const ANEW: Duration = Duration::from_secs(3);
/// How often a login is tried whose connection nobody takes.
const TRIES: u32 = 10;
/// The pause between two looks or two tries.
const PAUSE: Duration = Duration::from_millis(200);
/// A socket that listens (`TCP_LISTEN` of the kernel).
const LISTEN: &str = "0A";

/// A key of the person's, whose private half is there.
#[derive(Clone)]
pub struct Own {
    signer: Arc<dyn Signer>,
    algorithms: Vec<Vec<u8>>,
}

impl Own {
    /// From the text of a private key file. `None`: it is none, or it has a passphrase.
    #[must_use]
    pub fn from_file(text: &[u8]) -> Option<Own> {
        let signer: Arc<dyn Signer> = Arc::new(KeySigner::from_openssh(text, None).ok()?);
        let blob = signer.public_blob();
        let (length, rest) = blob.split_first_chunk::<4>()?;
        let kind = rest.get(..usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
        // RFC 8332 §3: an RSA key signs by three algorithms.
        let algorithms: &[&[u8]] = match kind {
            b"ssh-rsa" => &[b"rsa-sha2-512", b"rsa-sha2-256", b"ssh-rsa"],
            other => &[other],
        };
        let algorithms = algorithms.iter().map(|a| a.to_vec()).collect();
        Some(Own { signer, algorithms })
    }

    /// The key's blob.
    #[must_use]
    pub fn blob(&self) -> Vec<u8> {
        self.signer.public_blob()
    }
}

/// A socket that listens.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listener {
    /// Its address and port.
    pub at: SocketAddr,
    inode: u64,
}

/// The sockets that listen at a port (proc(5), `/proc/net/tcp`); empty also where that cannot be
/// seen.
#[must_use]
pub fn listeners(port: u16) -> BTreeSet<Listener> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"];
    let text = tables.map(|t| fs::read_to_string(t).unwrap_or_default());
    let all = text.iter().flat_map(|t| t.lines().filter_map(listener));
    all.filter(|l| l.at.port() == port).collect()
}

fn listener(line: &str) -> Option<Listener> {
    let mut words = line.split_ascii_whitespace();
    let (addr, port) = words.nth(1)?.split_once(':')?;
    if words.nth(1)? != LISTEN {
        return None;
    }
    let inode = words.nth(5)?.parse().ok()?;
    // Each four bytes are a number of this machine, printed as such.
    let word = |i: usize| -> Option<[u8; 4]> {
        let digits = addr.get(i * 8..i * 8 + 8)?;
        Some(u32::from_str_radix(digits, 16).ok()?.to_ne_bytes())
    };
    let ip = match addr.len() {
        8 => IpAddr::V4(Ipv4Addr::from(word(0)?)),
        32 => {
            let parts = [word(0)?, word(1)?, word(2)?, word(3)?].concat();
            IpAddr::V6(Ipv6Addr::from(<[u8; 16]>::try_from(parts).ok()?))
        }
        _ => return None,
    };
    let port = u16::from_str_radix(port, 16).ok()?;
    Some(Listener {
        at: SocketAddr::new(ip, port),
        inode,
    })
}

/// Where a login of this machine to itself goes: over the loopback interface, if anything listens
/// there.
#[must_use]
pub fn end(listening: &BTreeSet<Listener>, port: u16) -> SocketAddr {
    let v4 = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), port);
    let v6 = SocketAddr::new(Ipv6Addr::LOCALHOST.into(), port);
    let at = |to: IpAddr| listening.iter().any(|l| l.at.ip() == to);
    if at(Ipv4Addr::UNSPECIFIED.into()) || at(v4.ip()) {
        return v4;
    }
    if at(Ipv6Addr::UNSPECIFIED.into()) || at(v6.ip()) {
        return v6;
    }
    listening.first().map_or(v4, |l| l.at)
}

/// Waits until the daemon listens with other sockets than `before`: a signal returns at once, and
/// a login in that instant would prove the old configuration. `port`: where it listens from now.
pub fn listens_anew(before: &BTreeSet<Listener>, port: u16) {
    let begun = Instant::now();
    while begun.elapsed() < ANEW {
        let now = listeners(port);
        let old = |l: &Listener| before.iter().any(|b| b.inode == l.inode);
        if !now.is_empty() && !now.iter().any(old) {
            return;
        }
        std::thread::sleep(PAUSE);
    }
}

/// A login that is tried again while nobody takes its connection.
fn login(to: SocketAddr, user: &[u8], own: &Own) -> core::result::Result<SocketAddr, String> {
    let algorithms: Vec<&[u8]> = own.algorithms.iter().map(Vec::as_slice).collect();
    let mut tries = 1;
    loop {
        match confirm::login(to, user, &algorithms, &own.signer) {
            Err(why) if tries < TRIES && why.starts_with("no connection") => {
                tries += 1;
                std::thread::sleep(PAUSE);
            }
            other => return other,
        }
    }
}

/// A new login with the person's own key: the address that it came from.
///
/// # Errors
/// Why it failed, in a sentence without a full stop.
pub fn by_own_key(
    to: SocketAddr,
    user: &[u8],
    own: &Own,
) -> core::result::Result<SocketAddr, String> {
    login(to, user, own)
}

/// A new login with a throw-away key, whose line is in the first of the account's key files, by
/// the names that the server has for them, that is a plain file.
///
/// # Errors
/// No file can take the line, or the line cannot be taken back. Within: why the login failed.
pub fn by_throw_away(
    setting: &Setting,
    run: &str,
    files: &[Vec<u8>],
    knows: Knows,
    login_as: (&[u8], SocketAddr),
) -> Result<core::result::Result<SocketAddr, String>> {
    // Until somebody takes connections a line would wait there for nothing.
    let mut tries = 1;
    while tries < TRIES && std::net::TcpStream::connect(login_as.1).is_err() {
        tries += 1;
        std::thread::sleep(PAUSE);
    }
    let root = Root::open(&setting.root, &setting.accounts)?;
    let mut why = Trouble::new(
        b"",
        "put a throw-away key anywhere",
        Why::Journal("the account has no key file".to_owned()),
    );
    for name in files {
        match plain(&root, name) {
            Ok((path, node, bytes)) => {
                let file = (path.as_slice(), &node, bytes.as_slice());
                let key = ThrowAway::new()?;
                return confirm::prove(setting, run, key, file, knows, login_as);
            }
            Err(t) => why = t,
        }
    }
    Err(why)
}

/// The file at a name, links followed that may be: its path, what it is and what it holds.
fn plain(root: &Root, name: &[u8]) -> Result<(Vec<u8>, Node, Vec<u8>)> {
    let path = root.resolve(name)?;
    let State::There(full) = root.place(&path, false)?.look()? else {
        return Err(Trouble::changed(&path, "it is not there"));
    };
    let Body::File(bytes) = &full.body else {
        return Err(Trouble::changed(&path, "it is no regular file"));
    };
    if full.links != 1 {
        return Err(Trouble::changed(&path, "it has several names"));
    }
    let mut node = Node::new(Kind::File, full.mode, full.uid, full.gid);
    node.acl = full.xattr(ACL).and_then(Acl::from_xattr);
    Ok((path, node, bytes.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sockets_that_listen_are_read_from_the_kernels_tables() {
        let v4 = "   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     \
                  0        0 20471 1 0000000000000000 100 0 0 10 0";
        if cfg!(target_endian = "big") {
            return;
        }
        let l = listener(v4).unwrap();
        assert_eq!((l.at, l.inode), ("0.0.0.0:22".parse().unwrap(), 20471));
        let v6 = "   1: 00000000000000000000000001000000:08AE \
                  00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000 \
                  0 0 7 1";
        assert_eq!(listener(v6).unwrap().at, "[::1]:2222".parse().unwrap());
        assert_eq!(listener(&v4.replace(" 0A ", " 01 ")), None);
        let all =
            |l: &[&str]| -> BTreeSet<Listener> { l.iter().filter_map(|t| listener(t)).collect() };
        assert_eq!(end(&all(&[v4]), 22), "127.0.0.1:22".parse().unwrap());
        assert_eq!(end(&all(&[v6]), 2222), "[::1]:2222".parse().unwrap());
        let one = v4.replace("00000000:0016", "0100000A:0016");
        assert_eq!(end(&all(&[&one]), 22), "10.0.0.1:22".parse().unwrap());
    }
}
