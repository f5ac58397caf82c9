//! sd_notify(3), without its library.

use std::ffi::OsStr;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

/// Tells systemd, where it asked to be told.
pub(super) fn say(state: &str) {
    if let Some(to) = std::env::var_os("NOTIFY_SOCKET") {
        // A manager that does not listen is no reason not to serve.
        let _ = send(&to, state);
    }
}

fn send(to: &OsStr, state: &str) -> std::io::Result<()> {
    let address = match to.as_bytes() {
        [b'@', name @ ..] => SocketAddr::from_abstract_name(name)?,
        path => SocketAddr::from_pathname(OsStr::from_bytes(path))?,
    };
    let socket = UnixDatagram::unbound()?;
    socket.send_to_addr(state.as_bytes(), &address)?;
    Ok(())
}
