//! A stream to the server: its addresses one after another, or what carries the connection.

use crate::local;
use crate::target::Target;
use sshwhy_wire::Stream;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// A connection, however it came about.
pub enum Link {
    /// TCP.
    Tcp(TcpStream),
    /// A command's standard input and output.
    Piped(UnixStream, Carrier),
}

/// The command that carries a connection; it ends with it.
pub struct Carrier(Child);

impl Drop for Carrier {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Read for Link {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self {
            Link::Tcp(s) => s.read(buf),
            Link::Piped(s, _) => s.read(buf),
        }
    }
}

impl Write for Link {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        match self {
            Link::Tcp(s) => s.write(buf),
            Link::Piped(s, _) => s.write(buf),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Link::Tcp(s) => s.flush(),
            Link::Piped(s, _) => s.flush(),
        }
    }
}

impl Stream for Link {
    fn wait_at_most(&mut self, time: Duration) -> io::Result<()> {
        match self {
            Link::Tcp(s) => s.wait_at_most(time),
            Link::Piped(s, _) => s.wait_at_most(time),
        }
    }
}

/// Why no connection came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreached {
    /// The name has no address: the resolver's words.
    Name(String),
    /// Each address failed; the last one and the system's words.
    Address(SocketAddr, io::ErrorKind, String),
    /// The command that should carry the connection did not start.
    Carrier(String),
}

impl Unreached {
    /// In a few words.
    #[must_use]
    pub fn reason(&self) -> String {
        match self {
            Unreached::Name(why) => why.clone(),
            Unreached::Address(_, io::ErrorKind::ConnectionRefused, _) => {
                "Connection refused".into()
            }
            Unreached::Address(_, io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock, _) => {
                "Connection timed out".into()
            }
            Unreached::Address(_, _, why) | Unreached::Carrier(why) => why.clone(),
        }
    }
}

/// Connects within `time`; the address is known for TCP alone.
///
/// # Errors
/// See [`Unreached`].
pub fn connect(target: &Target, time: Duration) -> Result<(Link, Option<SocketAddr>), Unreached> {
    if let Some(words) = carrier(target) {
        return piped(words).map(|link| (link, None));
    }
    let host = std::str::from_utf8(&target.host)
        .map_err(|_| Unreached::Name("the name is not UTF-8".into()))?;
    let until = Instant::now().checked_add(time);
    let addresses = resolved(host, target.port, time)?;
    let mut last = Unreached::Name("the name has no address".into());
    for (index, addr) in addresses.iter().enumerate() {
        let left = until.map_or(time, |u| u.saturating_duration_since(Instant::now()));
        // What is left is shared by the addresses that are left.
        let share = left
            / u32::try_from(addresses.len().saturating_sub(index))
                .unwrap_or(1)
                .max(1);
        match TcpStream::connect_timeout(addr, share.max(Duration::from_millis(50))) {
            Ok(stream) => {
                let _ = stream.set_nodelay(true);
                return Ok((Link::Tcp(stream), Some(*addr)));
            }
            Err(e) => last = Unreached::Address(*addr, e.kind(), e.to_string()),
        }
    }
    Err(last)
}

/// The addresses of a name. The resolver knows no limit of ours, so it has a thread of its own,
/// which is left behind when it is late.
fn resolved(host: &str, port: u16, time: Duration) -> Result<Vec<SocketAddr>, Unreached> {
    if let Ok(address) = host.parse::<std::net::IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let (answer, wait) = mpsc::sync_channel(1);
    let name = host.to_owned();
    std::thread::Builder::new()
        .spawn(move || {
            let found = (name.as_str(), port).to_socket_addrs();
            let _ = answer.send(found.map(Iterator::collect));
        })
        .map_err(|e| Unreached::Name(e.to_string()))?;
    match wait.recv_timeout(time) {
        Ok(found) => found.map_err(|e| Unreached::Name(resolver_words(&e))),
        Err(_) => Err(Unreached::Name("the resolver does not answer".into())),
    }
}

/// `getaddrinfo`'s own words, without ours around them.
fn resolver_words(error: &io::Error) -> String {
    let text = error.to_string();
    let cut = "failed to lookup address information: ";
    text.strip_prefix(cut).unwrap_or(&text).to_owned()
}

/// The command that carries the connection, where there is one: ProxyCommand, or ssh itself through
/// the steps of ProxyJump.
fn carrier(target: &Target) -> Option<Command> {
    if let Some(text) = &target.proxy {
        let mut command = Command::new("/bin/sh");
        let words = [b"exec ", text.as_slice()].concat();
        command.arg("-c").arg(local::path(&words).as_os_str());
        return Some(command);
    }
    let (last, before) = target.jumps.split_last()?;
    let mut command = Command::new("ssh");
    let text = |bytes: &[u8]| local::path(bytes).as_os_str().to_owned();
    if let Some(file) = &target.config_file {
        command.arg("-F").arg(text(file));
    }
    if !before.is_empty() {
        let steps: Vec<Vec<u8>> = before.iter().map(step).collect();
        command.arg("-J").arg(text(&steps.join(&b","[..])));
    }
    if let Some(user) = &last.user {
        command.arg("-l").arg(text(user));
    }
    if let Some(port) = last.port {
        command.arg("-p").arg(port.to_string());
    }
    let end = [
        b"[",
        target.host.as_slice(),
        b"]:",
        target.port.to_string().as_bytes(),
    ]
    .concat();
    command
        .arg("-W")
        .arg(text(&end))
        .arg("--")
        .arg(text(&last.host));
    Some(command)
}

fn step(jump: &sshwhy_config::client::Jump) -> Vec<u8> {
    let mut out = Vec::new();
    if let Some(user) = &jump.user {
        out.extend_from_slice(user);
        out.push(b'@');
    }
    out.push(b'[');
    out.extend_from_slice(&jump.host);
    out.push(b']');
    if let Some(port) = jump.port {
        out.extend_from_slice(format!(":{port}").as_bytes());
    }
    out
}

fn piped(mut command: Command) -> Result<Link, Unreached> {
    let failed = |e: io::Error| Unreached::Carrier(e.to_string());
    let (ours, theirs) = UnixStream::pair().map_err(failed)?;
    let input = theirs.try_clone().map_err(failed)?;
    command
        .stdin(Stdio::from(std::os::fd::OwnedFd::from(input)))
        .stdout(Stdio::from(std::os::fd::OwnedFd::from(theirs)));
    let child = command.spawn().map_err(failed)?;
    Ok(Link::Piped(ours, Carrier(child)))
}
