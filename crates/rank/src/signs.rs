//! What a client sees of a refused login, as far as it bears on the cause.

use crate::Place;
use crate::questions::{Choice, Question};
use std::time::Duration;

/// Which server answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Server {
    /// OpenSSH's sshd, with major and minor version.
    OpenSsh(u16, u16),
    /// OpenSSH for Windows.
    Windows,
    /// Dropbear.
    Dropbear,
    /// `sshwhy serve`, which decides as an sshd.
    Sshwhy,
    /// Any other.
    Other,
}

impl Server {
    /// By the software version of its identification string, with or without `SSH-2.0-`.
    #[must_use]
    pub fn of(identification: &[u8]) -> Server {
        let text = identification
            .strip_prefix(b"SSH-2.0-")
            .unwrap_or(identification);
        if text.starts_with(b"OpenSSH_for_Windows") {
            return Server::Windows;
        }
        if text.to_ascii_lowercase().starts_with(b"dropbear") {
            return Server::Dropbear;
        }
        if text.starts_with(b"sshwhy_") {
            return Server::Sshwhy;
        }
        let Some(version) = text.strip_prefix(b"OpenSSH_") else {
            return Server::Other;
        };
        let mut numbers = version
            .split(|b| !b.is_ascii_digit())
            .map(|d| std::str::from_utf8(d).ok()?.parse().ok());
        let major = numbers.next().flatten().unwrap_or(0);
        let minor = numbers.next().flatten().unwrap_or(0);
        Server::OpenSsh(major, minor)
    }
}

/// The family of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// ssh-ed25519.
    Ed25519,
    /// ssh-rsa, whatever hash it signs with.
    Rsa,
    /// ssh-dss.
    Dsa,
    /// ecdsa-sha2-*.
    Ecdsa,
    /// A key in a token: sk-*.
    Sk,
    /// Another.
    Other,
}

impl KeyKind {
    /// By a key type or a signature algorithm: `rsa-sha2-512`, `ssh-ed25519-cert-v01@openssh.com`,
    /// or as clients show it, `ED25519-CERT`. Also whether it is a certificate's.
    #[must_use]
    pub fn of(name: &[u8]) -> (KeyKind, bool) {
        let name = name.to_ascii_lowercase();
        let has = |part: &[u8]| name.windows(part.len()).any(|w| w == part);
        let cert = has(b"-cert");
        let kind = if name.starts_with(b"sk-") || has(b"-sk") {
            KeyKind::Sk
        } else if has(b"ed25519") {
            KeyKind::Ed25519
        } else if has(b"rsa") {
            KeyKind::Rsa
        } else if has(b"ecdsa") {
            KeyKind::Ecdsa
        } else if has(b"dss") || has(b"dsa") {
            KeyKind::Dsa
        } else {
            KeyKind::Other
        };
        (kind, cert)
    }

    /// Whether a key type is a certificate of the format before `-cert-v01`.
    #[must_use]
    pub fn of_old_certificate(name: &[u8]) -> bool {
        name.ends_with(b"-cert-v00@openssh.com")
    }
}

/// A server that is silent for so long before it ends the connection has waited for something.
pub const SLOW: Duration = Duration::from_secs(1);

/// What the client knows of the certificate that it offers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Certificate {
    /// Its time is over.
    pub expired: bool,
    /// Its time has not begun.
    pub not_yet_valid: bool,
    /// It is a host's.
    pub host: bool,
    /// It names no principal.
    pub no_principals: bool,
    /// It names principals, and the user's name is none of them.
    pub other_principals: bool,
    /// It is of the format of 2010 (`-cert-v00`), which OpenSSH 7.0 and later do not know.
    pub old_format: bool,
}

/// What was seen of the session after the key was accepted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Session {
    /// Standard output and standard error.
    pub said: Vec<u8>,
    /// Its exit status; `None`: none came.
    pub exit: Option<u32>,
    /// The server refused the channel, or the request for a shell, a command or a subsystem.
    pub refused: bool,
    /// A subsystem was asked for.
    pub subsystem: bool,
    /// The connection ended before any of that.
    pub broken: bool,
}

/// What a client sees of a refused login. Unknown is the default of everything.
#[derive(Clone, Debug, PartialEq)]
pub struct Signs {
    /// Where it stopped.
    pub place: Place,
    /// Which server.
    pub server: Option<Server>,
    /// Whether an OpenSSH server's ciphers are those that OpenSSH comes with: then no policy of the
    /// system's rules it (`crypto-policies` of Fedora and RHEL). `None`: not known.
    pub stock_ciphers: Option<bool>,
    /// Its identification names Debian, Ubuntu or Raspbian.
    pub debian: bool,
    /// The user's name.
    pub user: Vec<u8>,
    /// The key that came furthest.
    pub key: Option<KeyKind>,
    /// Bits of an RSA key's modulus. `None`: not known, or another key.
    pub bits: Option<u32>,
    /// The key was offered as a certificate.
    pub certificate: Option<Certificate>,
    /// Whether the server's server-sig-algs name the algorithm that was used. `None`: it sent none.
    pub listed: Option<bool>,
    /// Whether the client signs RSA with SHA-1 alone. `None`: not known.
    pub sha1_only: Option<bool>,
    /// The client's own signature was checked against its own public key.
    pub signature_good: bool,
    /// Lines before the identification string.
    pub preamble: Vec<u8>,
    /// Both lists of algorithms came, and of one kind they have none in common.
    pub no_common: bool,
    /// The text of USERAUTH_BANNER.
    pub banner: Vec<u8>,
    /// The text of SSH_MSG_DISCONNECT.
    pub disconnect: Option<Vec<u8>>,
    /// The server had been silent for a second or more when it ended the connection.
    pub slow_end: bool,
    /// Whether the server would take this key for another name. `None`: it was asked for none.
    pub other_name: Option<bool>,
    /// Whether the server would take another key of this user's. `None`: it was asked about none.
    pub other_key: Option<bool>,
    /// How many keys were offered before the end.
    pub offered: usize,
    /// The session, where one was opened.
    pub session: Option<Session>,
    /// Answers to questions.
    pub answers: Vec<(Question, Choice)>,
}

/// The default of Ciphers in sshd_config(5): before 9.9 (since 7.6), and since.
const STOCK_CIPHERS: [&[u8]; 2] = [
    b"chacha20-poly1305@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr,aes128-gcm@openssh.com,aes256-gcm@openssh.com",
    b"chacha20-poly1305@openssh.com,aes128-gcm@openssh.com,aes256-gcm@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr",
];

impl Signs {
    /// Takes over what the server's identification string says of it.
    pub fn identified(&mut self, identification: &[u8]) {
        self.server = Some(Server::of(identification));
        self.debian = [&b"Debian"[..], b"Ubuntu", b"Raspbian"]
            .iter()
            .any(|w| identification.windows(w.len()).any(|at| at == *w));
    }

    /// Takes over what the server's list of ciphers says of an OpenSSH server.
    pub fn enciphered(&mut self, ciphers: &[u8]) {
        self.stock_ciphers = match self.server {
            Some(Server::OpenSsh(..)) => Some(STOCK_CIPHERS.contains(&ciphers)),
            _ => None,
        };
    }

    /// A place and nothing else.
    #[must_use]
    pub fn at(place: Place) -> Signs {
        Signs {
            place,
            server: None,
            stock_ciphers: None,
            debian: false,
            user: Vec::new(),
            key: None,
            bits: None,
            certificate: None,
            listed: None,
            sha1_only: None,
            signature_good: false,
            preamble: Vec::new(),
            no_common: false,
            banner: Vec::new(),
            disconnect: None,
            slow_end: false,
            other_name: None,
            other_key: None,
            offered: 0,
            session: None,
            answers: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_and_keys_are_told_by_their_names() {
        let of = |s: &str| Server::of(s.as_bytes());
        assert_eq!(of("SSH-2.0-OpenSSH_9.2p1 Debian-2"), Server::OpenSsh(9, 2));
        assert_eq!(of("OpenSSH_10.0"), Server::OpenSsh(10, 0));
        assert_eq!(of("OpenSSH_for_Windows_9.5"), Server::Windows);
        assert_eq!(of("SSH-2.0-dropbear_2022.83"), Server::Dropbear);
        assert_eq!(of("SSH-2.0-sshwhy_0.1.0"), Server::Sshwhy);
        assert_eq!(of("SSH-2.0-libssh_0.9"), Server::Other);
        let key = |s: &str| KeyKind::of(s.as_bytes());
        assert_eq!(key("ED25519-CERT"), (KeyKind::Ed25519, true));
        assert_eq!(key("rsa-sha2-512"), (KeyKind::Rsa, false));
        assert_eq!(key("sk-ssh-ed25519@openssh.com"), (KeyKind::Sk, false));
        assert_eq!(key("ssh-dss"), (KeyKind::Dsa, false));
        assert_eq!(key("ecdsa-sha2-nistp256"), (KeyKind::Ecdsa, false));
    }
}
