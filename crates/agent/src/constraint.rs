//! What a key may be used for (draft-ietf-sshm-ssh-agent §3.2.7; `PROTOCOL.agent`).

use crate::protocol::ProtocolError;
use sshwhy_keys::wire::{Reader, put_string};

/// `SSH_AGENT_CONSTRAIN_LIFETIME`
const LIFETIME: u8 = 1;
/// `SSH_AGENT_CONSTRAIN_CONFIRM`
const CONFIRM: u8 = 2;
/// `SSH_AGENT_CONSTRAIN_MAXSIGN`
const MAXSIGN: u8 = 3;
/// `SSH_AGENT_CONSTRAIN_EXTENSION`
const EXTENSION: u8 = 255;

const DESTINATION: &[u8] = b"restrict-destination-v00@openssh.com";
const SK_PROVIDER: &[u8] = b"sk-provider@openssh.com";
const CERTIFICATES: &[u8] = b"associated-certs-v00@openssh.com";

/// One constraint.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Constraint {
    /// The key is dropped after so many seconds.
    Lifetime(u32),
    /// Every use is asked of the person.
    Confirm,
    /// So many signatures (XMSS keys alone).
    MaxSignatures(u32),
    /// The key is used towards these hosts alone.
    Destinations(Vec<Destination>),
    /// The library that speaks to the authenticator of an `sk-` key.
    SkProvider(Vec<u8>),
    /// Certificates for the keys of a token.
    Certificates {
        /// Only the certificates are wanted, not the plain keys.
        only: bool,
        /// Their blobs.
        blobs: Vec<Vec<u8>>,
    },
}

/// One way that a key may be used: a login from one host to another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Destination {
    /// The host from which it is used; without a name and keys: the agent's own.
    pub from: Hop,
    /// The host that is logged in to.
    pub to: Hop,
}

/// A host of a [`Destination`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hop {
    /// A pattern of user names; empty: any.
    pub user: Vec<u8>,
    /// The host's name, for people and for host certificates.
    pub host: Vec<u8>,
    /// The host's keys.
    pub keys: Vec<HostKey>,
}

/// A key of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostKey {
    /// Its blob.
    pub blob: Vec<u8>,
    /// It is the key of an authority that signs the host's certificate.
    pub is_ca: bool,
}

/// Reads constraints up to the end of the message.
pub(crate) fn read_all(r: &mut Reader<'_>) -> Result<Vec<Constraint>, ProtocolError> {
    let mut all = Vec::new();
    while !r.is_empty() {
        let at = r.offset();
        let constraint = match r.u8("constraint")? {
            LIFETIME => Constraint::Lifetime(r.u32("lifetime")?),
            CONFIRM => Constraint::Confirm,
            MAXSIGN => Constraint::MaxSignatures(r.u32("number of signatures")?),
            EXTENSION => match r.string("constraint name")? {
                DESTINATION => {
                    let mut list = r.nested("destinations")?;
                    let mut to = Vec::new();
                    while !list.is_empty() {
                        to.push(Destination::read(&mut list.nested("destination")?)?);
                    }
                    Constraint::Destinations(to)
                }
                SK_PROVIDER => Constraint::SkProvider(r.string("provider")?.to_vec()),
                CERTIFICATES => {
                    let only = r.u8("certificates only")? != 0;
                    let mut list = r.nested("certificates")?;
                    let mut blobs = Vec::new();
                    while !list.is_empty() {
                        blobs.push(list.string("certificate")?.to_vec());
                    }
                    Constraint::Certificates { only, blobs }
                }
                // What it forbids is not known: the key must not be taken.
                other => {
                    let name = other.escape_ascii();
                    let what = format!("a constraint that is known here, found {name}");
                    return Err(ProtocolError::at(at, what));
                }
            },
            other => {
                let what = format!("a constraint that is known here, found number {other}");
                return Err(ProtocolError::at(at, what));
            }
        };
        // Of two, the one that is meant would be a guess (ssh-agent refuses them too).
        let kind = std::mem::discriminant(&constraint);
        if all.iter().any(|c| std::mem::discriminant(c) == kind) {
            return Err(ProtocolError::at(at, "one constraint of a kind, found two"));
        }
        all.push(constraint);
    }
    Ok(all)
}

/// Appends constraints.
pub(crate) fn write_all(constraints: &[Constraint], out: &mut Vec<u8>) {
    for constraint in constraints {
        match constraint {
            Constraint::Lifetime(seconds) => {
                out.push(LIFETIME);
                out.extend_from_slice(&seconds.to_be_bytes());
            }
            Constraint::Confirm => out.push(CONFIRM),
            Constraint::MaxSignatures(count) => {
                out.push(MAXSIGN);
                out.extend_from_slice(&count.to_be_bytes());
            }
            Constraint::Destinations(list) => {
                out.push(EXTENSION);
                put_string(out, DESTINATION);
                let mut all = Vec::new();
                for destination in list {
                    let mut one = Vec::new();
                    destination.write(&mut one);
                    put_string(&mut all, &one);
                }
                put_string(out, &all);
            }
            Constraint::SkProvider(path) => {
                out.push(EXTENSION);
                put_string(out, SK_PROVIDER);
                put_string(out, path);
            }
            Constraint::Certificates { only, blobs } => {
                out.push(EXTENSION);
                put_string(out, CERTIFICATES);
                out.push(u8::from(*only));
                let mut all = Vec::new();
                for blob in blobs {
                    put_string(&mut all, blob);
                }
                put_string(out, &all);
            }
        }
    }
}

impl Destination {
    fn read(r: &mut Reader<'_>) -> Result<Destination, ProtocolError> {
        let at = r.offset();
        let from = Hop::read(&mut r.nested("source host")?)?;
        let to = Hop::read(&mut r.nested("destination host")?)?;
        reserved(r)?;
        if !r.is_empty() {
            return Err(ProtocolError::at(r.offset(), "bytes after a destination"));
        }
        // As ssh-agent's parse_dest_constraint demands.
        let whole = from.user.is_empty()
            && from.host.is_empty() == from.keys.is_empty()
            && !to.host.is_empty()
            && !to.keys.is_empty();
        if whole {
            Ok(Destination { from, to })
        } else {
            Err(ProtocolError::at(
                at,
                "a destination with a host and its keys, from one with both or neither",
            ))
        }
    }

    fn write(&self, out: &mut Vec<u8>) {
        for hop in [&self.from, &self.to] {
            let mut one = Vec::new();
            hop.write(&mut one);
            put_string(out, &one);
        }
        put_string(out, b"");
    }
}

impl Hop {
    fn read(r: &mut Reader<'_>) -> Result<Hop, ProtocolError> {
        let user = r.cstring("user")?.to_vec();
        let host = r.cstring("host")?.to_vec();
        reserved(r)?;
        let mut keys = Vec::new();
        while !r.is_empty() {
            let blob = r.string("host key")?.to_vec();
            let is_ca = r.u8("authority flag")? != 0;
            keys.push(HostKey { blob, is_ca });
        }
        Ok(Hop { user, host, keys })
    }

    fn write(&self, out: &mut Vec<u8>) {
        put_string(out, &self.user);
        put_string(out, &self.host);
        put_string(out, b"");
        for key in &self.keys {
            put_string(out, &key.blob);
            out.push(u8::from(key.is_ca));
        }
    }
}

/// A field for later: a restriction in it would not be understood.
fn reserved(r: &mut Reader<'_>) -> Result<(), ProtocolError> {
    let at = r.offset();
    match r.string("reserved field")? {
        [] => Ok(()),
        _ => Err(ProtocolError::at(at, "an empty reserved field")),
    }
}
