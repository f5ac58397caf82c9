//! Authentication requests (RFC 4252 §5) as the server reads them.

use crate::data::{Reader, msg, put_string};

/// One SSH_MSG_USERAUTH_REQUEST.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request<'a> {
    /// User name, as it came.
    pub user: &'a [u8],
    /// Service name.
    pub service: &'a [u8],
    /// Method, with its fields.
    pub method: Asked<'a>,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked<'a> {
    /// Method `none`.
    None,
    /// Method `publickey`, or `publickey-hostbound-v00@openssh.com`.
    PublicKey(KeyRequest<'a>),
    /// Method `keyboard-interactive` (RFC 4256).
    KeyboardInteractive,
    /// Any other method: its name.
    Other(&'a [u8]),
}

/// A request by key (RFC 4252 §7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyRequest<'a> {
    /// Public key algorithm.
    pub algorithm: &'a [u8],
    /// Public key or certificate blob.
    pub blob: &'a [u8],
    /// The server's host key that the request is bound to (OpenSSH `PROTOCOL` §3.1).
    pub bound_to: Option<&'a [u8]>,
    /// The signature blob; `None`: a query.
    pub signature: Option<&'a [u8]>,
    /// The request up to the signature.
    covered: &'a [u8],
}

impl KeyRequest<'_> {
    /// What the signature is made over.
    #[must_use]
    pub fn signed_data(&self, session_id: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(session_id.len() + 4 + self.covered.len());
        put_string(&mut out, session_id);
        out.extend_from_slice(self.covered);
        out
    }

    /// SSH_MSG_USERAUTH_PK_OK: a signature by this key would be looked at.
    #[must_use]
    pub fn ok(&self) -> Vec<u8> {
        let mut out = vec![msg::USERAUTH_60];
        put_string(&mut out, self.algorithm);
        put_string(&mut out, self.blob);
        out
    }
}

impl<'a> Request<'a> {
    /// Reads a whole payload, number included. `None`: it does not parse.
    #[must_use]
    pub fn parse(payload: &'a [u8]) -> Option<Self> {
        let mut r = Reader::new(payload);
        if r.u8()? != msg::USERAUTH_REQUEST {
            return None;
        }
        let (user, service, method) = (r.string()?, r.string()?, r.string()?);
        let method = match method {
            b"none" => Asked::None,
            b"publickey" | b"publickey-hostbound-v00@openssh.com" => {
                let signed = r.boolean()?;
                let (algorithm, blob) = (r.string()?, r.string()?);
                let bound_to = match method {
                    b"publickey" => None,
                    _ => Some(r.string()?),
                };
                let covered = payload.get(..payload.len() - r.rest().len())?;
                let signature = if signed { Some(r.string()?) } else { None };
                if !r.rest().is_empty() {
                    return None;
                }
                Asked::PublicKey(KeyRequest {
                    algorithm,
                    blob,
                    bound_to,
                    signature,
                    covered,
                })
            }
            b"keyboard-interactive" => Asked::KeyboardInteractive,
            other => Asked::Other(other),
        };
        Some(Request {
            user,
            service,
            method,
        })
    }
}
