//! The messages of the authentication protocol (RFC 4252), built and read.

use crate::data::{Reader, msg, put_bool, put_string, put_u8};
use crate::event::Disconnect;

/// Which method a reply answers: message 60 means something else for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// RFC 4252 §5.2.
    None,
    /// RFC 4252 §7.
    PublicKey,
    /// RFC 4252 §8.
    Password,
    /// RFC 4256.
    KeyboardInteractive,
}

/// A server's answer to one authentication request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuthReply {
    /// SSH_MSG_USERAUTH_PK_OK (RFC 4252 §7).
    PkOk {
        /// Public key algorithm, echoed.
        algorithm: Vec<u8>,
        /// Public key blob, echoed.
        blob: Vec<u8>,
    },
    /// SSH_MSG_USERAUTH_FAILURE (RFC 4252 §5.1).
    Failure {
        /// Methods that can continue, the name-list as it came.
        methods: Vec<u8>,
        /// Partial success.
        partial: bool,
    },
    /// SSH_MSG_USERAUTH_SUCCESS.
    Success,
    /// SSH_MSG_USERAUTH_BANNER (RFC 4252 §5.4).
    Banner(Vec<u8>),
    /// SSH_MSG_USERAUTH_PASSWD_CHANGEREQ (RFC 4252 §8): its prompt.
    PasswordChange(Vec<u8>),
    /// SSH_MSG_USERAUTH_INFO_REQUEST (RFC 4256 §3.2).
    InfoRequest {
        /// Name.
        name: Vec<u8>,
        /// Instruction.
        instruction: Vec<u8>,
        /// Prompts, each with its echo flag.
        prompts: Vec<(Vec<u8>, bool)>,
    },
    /// SSH_MSG_SERVICE_ACCEPT: the service's name.
    ServiceAccept(Vec<u8>),
    /// SSH_MSG_DISCONNECT instead of an answer.
    Disconnected(Disconnect),
    /// Anything else: the message number.
    Unexpected(u8),
}

impl AuthReply {
    /// Reads a payload as the answer to a request of `method`.
    #[must_use]
    pub fn parse(payload: &[u8], method: Method) -> Self {
        let number = payload.first().copied().unwrap_or(0);
        Self::read(payload, method).unwrap_or(Self::Unexpected(number))
    }

    fn read(payload: &[u8], method: Method) -> Option<Self> {
        let mut r = Reader::new(payload);
        Some(match (r.u8()?, method) {
            (msg::USERAUTH_FAILURE, _) => Self::Failure {
                methods: r.string()?.to_vec(),
                partial: r.boolean()?,
            },
            (msg::USERAUTH_SUCCESS, _) => Self::Success,
            (msg::USERAUTH_BANNER, _) => Self::Banner(r.string()?.to_vec()),
            (msg::SERVICE_ACCEPT, _) => Self::ServiceAccept(r.string()?.to_vec()),
            (msg::USERAUTH_60, Method::PublicKey) => Self::PkOk {
                algorithm: r.string()?.to_vec(),
                blob: r.string()?.to_vec(),
            },
            (msg::USERAUTH_60, Method::Password) => Self::PasswordChange(r.string()?.to_vec()),
            (msg::USERAUTH_60, Method::KeyboardInteractive) => {
                let name = r.string()?.to_vec();
                let instruction = r.string()?.to_vec();
                r.string()?;
                let mut prompts = Vec::new();
                for _ in 0..r.u32()? {
                    prompts.push((r.string()?.to_vec(), r.boolean()?));
                }
                Self::InfoRequest {
                    name,
                    instruction,
                    prompts,
                }
            }
            _ => return None,
        })
    }
}

/// SSH_MSG_SERVICE_REQUEST for `ssh-userauth` (RFC 4253 §10).
#[must_use]
pub fn service_request() -> Vec<u8> {
    let mut out = vec![msg::SERVICE_REQUEST];
    put_string(&mut out, b"ssh-userauth");
    out
}

fn request(user: &[u8], method: &[u8]) -> Vec<u8> {
    let mut out = vec![msg::USERAUTH_REQUEST];
    put_string(&mut out, user);
    put_string(&mut out, b"ssh-connection");
    put_string(&mut out, method);
    out
}

/// A request of method `none` (RFC 4252 §5.2).
#[must_use]
pub fn none(user: &[u8]) -> Vec<u8> {
    request(user, b"none")
}

/// A request of method `password` (RFC 4252 §8).
#[must_use]
pub fn password(user: &[u8], password: &[u8]) -> Vec<u8> {
    let mut out = request(user, b"password");
    // One allocation holds the password, so that the caller can wipe it.
    out.reserve_exact(password.len() + 5);
    put_bool(&mut out, false);
    put_string(&mut out, password);
    out
}

/// A request of method `keyboard-interactive` (RFC 4256 §3.1).
#[must_use]
pub fn keyboard_interactive(user: &[u8]) -> Vec<u8> {
    let mut out = request(user, b"keyboard-interactive");
    put_string(&mut out, b"");
    put_string(&mut out, b"");
    out
}

/// SSH_MSG_USERAUTH_INFO_RESPONSE (RFC 4256 §3.4).
#[must_use]
pub fn info_response(answers: &[&[u8]]) -> Vec<u8> {
    let length: usize = answers.iter().map(|a| a.len() + 4).sum();
    let mut out = Vec::with_capacity(length + 5);
    out.push(msg::USERAUTH_INFO_RESPONSE);
    crate::data::put_u32(&mut out, u32::try_from(answers.len()).unwrap_or(u32::MAX));
    for answer in answers {
        put_string(&mut out, answer);
    }
    out
}

/// What a `publickey` request names (RFC 4252 §7).
#[derive(Clone, Copy, Debug)]
pub struct PublicKeyRequest<'a> {
    /// User name.
    pub user: &'a [u8],
    /// Public key algorithm name, said as it stands here, fitting or not.
    pub algorithm: &'a [u8],
    /// Public key or certificate blob.
    pub blob: &'a [u8],
    /// The server's host key: with it the method is `publickey-hostbound-v00@openssh.com`.
    pub hostbound: Option<&'a [u8]>,
}

impl PublicKeyRequest<'_> {
    fn build(&self, signed: bool) -> Vec<u8> {
        let method: &[u8] = match self.hostbound {
            Some(_) => b"publickey-hostbound-v00@openssh.com",
            None => b"publickey",
        };
        let mut out = request(self.user, method);
        put_bool(&mut out, signed);
        put_string(&mut out, self.algorithm);
        put_string(&mut out, self.blob);
        if let Some(host_key) = self.hostbound {
            put_string(&mut out, host_key);
        }
        out
    }

    /// The query: no signature.
    #[must_use]
    pub fn query(&self) -> Vec<u8> {
        self.build(false)
    }

    /// What the attempt's signature is made over.
    #[must_use]
    pub fn signed_data(&self, session_id: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        put_string(&mut out, session_id);
        out.extend_from_slice(&self.build(true));
        out
    }

    /// The attempt, with a signature blob as given.
    #[must_use]
    pub fn attempt(&self, signature: &[u8]) -> Vec<u8> {
        let mut out = self.build(true);
        put_string(&mut out, signature);
        out
    }
}

/// The signature algorithm that belongs to a public key algorithm: the same name,
/// and for a certificate's that of its key (`ssh-ed25519-cert-v01@openssh.com` to
/// `ssh-ed25519`, `sk-ssh-ed25519-cert-v01@openssh.com` to `sk-ssh-ed25519@openssh.com`).
#[must_use]
pub fn signature_algorithm(algorithm: &[u8]) -> Vec<u8> {
    match algorithm.strip_suffix(b"-cert-v01@openssh.com") {
        Some(plain) if plain.starts_with(b"sk-") => [plain, b"@openssh.com"].concat(),
        Some(plain) => plain.to_vec(),
        None => algorithm.to_vec(),
    }
}

/// A signature blob under another algorithm name.
#[must_use]
pub fn relabel(signature: &[u8], label: &[u8]) -> Vec<u8> {
    let mut r = Reader::new(signature);
    let mut out = Vec::new();
    if r.string().is_some() {
        put_string(&mut out, label);
    }
    out.extend_from_slice(r.rest());
    out
}

/// A signature blob with one bit of the signature itself flipped, its shape kept.
#[must_use]
pub fn corrupt(signature: &[u8]) -> Vec<u8> {
    let mut r = Reader::new(signature);
    let (Some(label), Some(inner)) = (r.string(), r.string()) else {
        return signature.to_vec();
    };
    let mut out = Vec::new();
    put_string(&mut out, label);
    let mut inner = inner.to_vec();
    // The last byte: of the scalar, whatever the algorithm, so that the blob still parses.
    match inner.last_mut() {
        Some(byte) => *byte ^= 1,
        None => put_u8(&mut inner, 1),
    }
    put_string(&mut out, &inner);
    out.extend_from_slice(r.rest());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_algorithm_signs_with_its_plain_name() {
        let pairs: [(&[u8], &[u8]); 4] = [
            (b"ssh-ed25519", b"ssh-ed25519"),
            (b"rsa-sha2-512-cert-v01@openssh.com", b"rsa-sha2-512"),
            (
                b"sk-ssh-ed25519-cert-v01@openssh.com",
                b"sk-ssh-ed25519@openssh.com",
            ),
            (b"sk-ssh-ed25519@openssh.com", b"sk-ssh-ed25519@openssh.com"),
        ];
        for (algorithm, signs) in pairs {
            assert_eq!(signature_algorithm(algorithm), signs);
        }
    }

    #[test]
    fn truncated_replies_are_unexpected_and_nothing_worse() {
        let mut ok = vec![msg::USERAUTH_60];
        put_string(&mut ok, b"ssh-ed25519");
        put_string(&mut ok, b"blob");
        for cut in 0..ok.len() {
            for method in [
                Method::None,
                Method::PublicKey,
                Method::Password,
                Method::KeyboardInteractive,
            ] {
                assert!(
                    matches!(
                        AuthReply::parse(&ok[..cut], method),
                        AuthReply::Unexpected(_)
                    ) || method == Method::Password
                );
            }
        }
        assert!(matches!(
            AuthReply::parse(&ok, Method::PublicKey),
            AuthReply::PkOk { .. }
        ));
    }
}
