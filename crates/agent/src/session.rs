//! The SSH sessions that a connection is bound to, and whether a key may be used there
//! (ssh-agent's `process_ext_session_bind`, `identity_permitted`).

use crate::constraint::{Destination, Hop};
use crate::extension::SessionBind;
use sshwhy_keys::wire::Reader;
use sshwhy_keys::{CertType, PublicKey, SigAlg, verify};

/// `AGENT_MAX_SESSION_IDS`
const MAX_SESSIONS: usize = 16;
/// `AGENT_MAX_SID_LEN` in bytes
const MAX_SESSION_ID: usize = 128;

/// Why a connection is not bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BindError {
    /// The host key is none.
    HostKey,
    /// The session identifier is longer than any.
    SessionId,
    /// The host key did not sign the session identifier.
    Signature,
    /// The connection is bound for a login already.
    Bound,
    /// The session is recorded with another host key.
    OtherKey,
    /// Too many hops.
    TooMany,
}

/// Why a key may not be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// A binding failed before: what the connection is used for is not known.
    BindFailed,
    /// The key has destinations, and the connection is bound to no session.
    NotBound,
    /// The data is no request to log in with this key.
    NotALogin,
    /// A login over a connection that was bound for forwarding, or the reverse.
    WrongHop,
    /// No destination of the key allows these hosts and this user.
    Destination,
    /// The data names another session than the connection is bound to.
    OtherSession,
    /// The data names another host key than the connection is bound to.
    OtherHostKey,
}

struct Bound {
    host: PublicKey,
    session: Vec<u8>,
    forwarding: bool,
}

/// What one connection is used for.
#[derive(Default)]
pub struct Session {
    attempted: bool,
    bound: Vec<Bound>,
}

/// A request to log in (RFC 4252 §7), as it is signed.
struct Login<'a> {
    session: &'a [u8],
    user: &'a [u8],
    host_key: Option<&'a [u8]>,
}

impl Session {
    /// A connection that has not said what it is for.
    #[must_use]
    pub fn new() -> Self {
        Session::default()
    }

    /// Whether it is bound to a session.
    #[must_use]
    pub fn is_bound(&self) -> bool {
        !self.bound.is_empty()
    }

    /// Notes a binding that could not be read: what the connection is for is not known.
    pub(crate) fn bind_failed(&mut self) {
        self.attempted = true;
    }

    /// Records a session.
    ///
    /// # Errors
    /// The binding is not proven, or contradicts what is recorded.
    pub fn bind(&mut self, bind: &SessionBind) -> Result<(), BindError> {
        self.attempted = true;
        let host = PublicKey::from_blob(&bind.host_key).map_err(|_| BindError::HostKey)?;
        if bind.session.len() > MAX_SESSION_ID {
            return Err(BindError::SessionId);
        }
        // A host that proves itself by a certificate signs with its plain key.
        verify(&host, &bind.signature, &bind.session).map_err(|_| BindError::Signature)?;
        for known in &self.bound {
            if !known.forwarding {
                return Err(BindError::Bound);
            }
            if known.session == bind.session {
                return if known.host.blob() == host.blob() {
                    Ok(())
                } else {
                    Err(BindError::OtherKey)
                };
            }
        }
        if self.bound.len() >= MAX_SESSIONS {
            return Err(BindError::TooMany);
        }
        self.bound.push(Bound {
            host,
            session: bind.session.clone(),
            forwarding: bind.forwarding,
        });
        Ok(())
    }

    /// Whether a key with these destinations is shown to this connection.
    ///
    /// # Errors
    /// Says why not.
    pub fn may_see(&self, destinations: &[Destination], now: u64) -> Result<(), Refusal> {
        self.permitted(destinations, None, now)
    }

    /// Whether a key with these destinations signs `data` for this connection.
    ///
    /// # Errors
    /// Says why not.
    pub fn may_sign(
        &self,
        destinations: &[Destination],
        key: &PublicKey,
        data: &[u8],
        now: u64,
    ) -> Result<(), Refusal> {
        if destinations.is_empty() {
            return Ok(());
        }
        let Some(last) = self.bound.last() else {
            return Err(Refusal::NotBound);
        };
        let login = Login::read(data, key).ok_or(Refusal::NotALogin)?;
        self.permitted(destinations, Some(login.user), now)?;
        if login.session != last.session {
            return Err(Refusal::OtherSession);
        }
        if login.host_key.is_some_and(|blob| blob != last.host.blob()) {
            return Err(Refusal::OtherHostKey);
        }
        Ok(())
    }

    fn permitted(
        &self,
        destinations: &[Destination],
        user: Option<&[u8]>,
        now: u64,
    ) -> Result<(), Refusal> {
        if destinations.is_empty() {
            return Ok(());
        }
        let Some((last, before)) = self.bound.split_last() else {
            // The agent's own machine, unless a binding was tried and failed.
            return if self.attempted {
                Err(Refusal::BindFailed)
            } else {
                Ok(())
            };
        };
        if last.forwarding && user.is_some() || before.iter().any(|hop| !hop.forwarding) {
            return Err(Refusal::WrongHop);
        }
        let mut from = None;
        for hop in before {
            allowed(destinations, from, Some(&hop.host), None, now)?;
            from = Some(&hop.host);
        }
        allowed(destinations, from, Some(&last.host), user, now)?;
        // A key for logins *to* a host is not shown beyond it.
        if last.forwarding && user.is_none() {
            allowed(destinations, Some(&last.host), None, None, now)?;
        }
        Ok(())
    }
}

/// `permitted_by_dest_constraints`
fn allowed(
    destinations: &[Destination],
    from: Option<&PublicKey>,
    to: Option<&PublicKey>,
    user: Option<&[u8]>,
    now: u64,
) -> Result<(), Refusal> {
    let fits = |d: &&Destination| {
        let from_fits = match from {
            None => d.from.host.is_empty(),
            Some(key) => is_host(key, &d.from, now),
        };
        from_fits
            && to.is_none_or(|key| is_host(key, &d.to, now))
            && user.is_none_or(|user| d.to.user.is_empty() || matches(&d.to.user, user))
    };
    match destinations.iter().find(fits) {
        Some(_) => Ok(()),
        None => Err(Refusal::Destination),
    }
}

/// `match_key_hop`
fn is_host(key: &PublicKey, hop: &Hop, now: u64) -> bool {
    hop.keys.iter().any(|listed| match key.certificate() {
        None => !listed.is_ca && same_key(&listed.blob, key),
        Some(cert) => {
            listed.is_ca
                && same_key(&listed.blob, cert.ca_key())
                && cert.cert_type == CertType::Host
                && cert.critical_options.is_empty()
                && cert.valid_after <= now
                && now < cert.valid_before
                && cert
                    .signature_algorithm()
                    .is_ok_and(|alg| !matches!(alg, SigAlg::RsaSha1 | SigAlg::Dsa))
                && cert.verify_signature().is_ok()
                && cert.principals.iter().any(|p| matches(p, &hop.host))
        }
    })
}

fn same_key(blob: &[u8], key: &PublicKey) -> bool {
    PublicKey::from_blob(blob).is_ok_and(|listed| listed.same_public(key))
}

/// `match_pattern`: `*` any bytes, `?` one byte.
pub(crate) fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(&c) if c == b'?' || Some(&c) == text.get(t) => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, eaten)) => {
                    star = Some((at, eaten + 1));
                    p = at + 1;
                    t = eaten + 1;
                }
                None => return false,
            },
        }
    }
    pattern
        .get(p..)
        .unwrap_or_default()
        .iter()
        .all(|&c| c == b'*')
}

impl<'a> Login<'a> {
    /// `parse_userauth_request`: whole, of the method publickey, signed, and for this key.
    fn read(data: &'a [u8], key: &PublicKey) -> Option<Login<'a>> {
        let mut r = Reader::new(data);
        let session = r.string("session identifier").ok()?;
        // SSH_MSG_USERAUTH_REQUEST
        if r.u8("message number").ok()? != 50 {
            return None;
        }
        let user = r.cstring("user").ok()?;
        if r.cstring("service").ok()? != b"ssh-connection" {
            return None;
        }
        let bound = match r.cstring("method").ok()? {
            b"publickey" => false,
            b"publickey-hostbound-v00@openssh.com" => true,
            _ => return None,
        };
        if r.u8("has signature").ok()? != 1 {
            return None;
        }
        let algorithm = SigAlg::from_name(r.cstring("algorithm").ok()?);
        if algorithm.key_type() != *key.key_type() || r.string("key").ok()? != key.blob() {
            return None;
        }
        let host_key = if bound {
            Some(r.string("host key").ok()?)
        } else {
            None
        };
        r.is_empty().then_some(Login {
            session,
            user,
            host_key,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_user_names() {
        assert!(matches(b"*", b""));
        assert!(matches(b"a*c", b"abc"));
        assert!(matches(b"a?c*", b"abcd"));
        assert!(!matches(b"a?c", b"ac"));
        assert!(!matches(b"", b"a"));
        assert!(matches(b"**", b"x"));
    }
}
