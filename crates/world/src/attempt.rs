//! One login attempt.

use alloc::vec::Vec;
use core::net::IpAddr;
use sshwhy_keys::PublicKey;

/// Who tries to log in, with what, from where.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The user name as the client sends it.
    pub user: Vec<u8>,
    /// The key it offers. `None`: nothing is known to offer.
    pub key: Option<OfferedKey>,
    /// Where it comes from.
    pub from: Peer,
    /// Where it goes to.
    pub to: Local,
}

/// A public key blob as a client offers it.
#[derive(Clone, Debug)]
pub struct OfferedKey {
    /// The key, or the certificate.
    pub key: PublicKey,
    /// The comment of the file it came from: used only to find what became of the key.
    pub comment: Vec<u8>,
    /// The public key algorithms the client can sign with, best first. Empty: every current
    /// client's (for RSA rsa-sha2-512 and rsa-sha2-256, otherwise the one of the type).
    pub algorithms: Vec<Vec<u8>>,
    /// For sk-* keys: whether signatures will carry the user-presence flag.
    pub touch: bool,
    /// For sk-* keys: whether signatures will carry the user-verification flag.
    pub verified: bool,
}

/// The client's end of the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its address.
    pub addr: IpAddr,
    /// Its name, if the asker gave one; used where sshd would look it up (UseDNS yes).
    pub host: Option<Vec<u8>>,
}

/// The server's end of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Local {
    /// The address that was connected to.
    pub addr: IpAddr,
    /// TCP port.
    pub port: u16,
}
