//! Extensions of the protocol: the draft's `query`, OpenSSH's `session-bind`, PuTTY's for encrypted
//! keys, and our own that tells what a key may be used for.

use crate::constraint::{self, Constraint};
use crate::protocol::{ProtocolError, Request, Response};
use sshwhy_keys::wire::{Reader, put_string};
use zeroize::Zeroizing;

/// draft-ietf-sshm-ssh-agent §3.8.1: which extensions there are.
pub const QUERY: &[u8] = b"query";
/// `PROTOCOL.agent` §1.
pub const SESSION_BIND: &[u8] = b"session-bind@openssh.com";
/// PuTTY 0.75: take a PPK file, encrypted or not.
pub const ADD_PPK: &[u8] = b"add-ppk@putty.projects.tartarus.org";
/// PuTTY 0.75: forget the decrypted form of a key.
pub const REENCRYPT: &[u8] = b"reencrypt@putty.projects.tartarus.org";
/// PuTTY 0.75: forget the decrypted form of every key.
pub const REENCRYPT_ALL: &[u8] = b"reencrypt-all@putty.projects.tartarus.org";
/// PuTTY 0.75: which keys there are, and which of them are encrypted.
pub const LIST_EXTENDED: &[u8] = b"list-extended@putty.projects.tartarus.org";
/// Ours: what each key may be used for.
pub const LIST_CONSTRAINTS: &[u8] = b"list-constraints@sshwhy";

/// Ours: take an encrypted key file of any format, and what the key may be used for.
pub const ADD_ENCRYPTED: &[u8] = b"add-encrypted@sshwhy";

/// The extensions that our agent knows.
pub const KNOWN: [&[u8]; 8] = [
    QUERY,
    SESSION_BIND,
    ADD_PPK,
    REENCRYPT,
    REENCRYPT_ALL,
    LIST_EXTENDED,
    LIST_CONSTRAINTS,
    ADD_ENCRYPTED,
];

/// `LIST_EXTENDED_FLAG_HAS_ENCRYPTED_KEY_FILE`
const HAS_ENCRYPTED_FILE: u32 = 1;
/// `LIST_EXTENDED_FLAG_HAS_NO_CLEARTEXT_KEY`
const HAS_NO_CLEARTEXT: u32 = 2;

/// A request of `session-bind@openssh.com`: the connection is used for this SSH session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionBind {
    /// Blob of the server's host key.
    pub host_key: Vec<u8>,
    /// The session identifier (RFC 4253 §7.2).
    pub session: Vec<u8>,
    /// The host key's signature of it.
    pub signature: Vec<u8>,
    /// The connection is forwarded to that host, not used to log in there.
    pub forwarding: bool,
}

impl SessionBind {
    /// Reads what follows the extension's name.
    ///
    /// # Errors
    /// Names the byte at fault.
    pub fn parse(body: &[u8]) -> Result<SessionBind, ProtocolError> {
        let mut r = Reader::new(body);
        let bind = SessionBind {
            host_key: r.string("host key")?.to_vec(),
            session: r.string("session identifier")?.to_vec(),
            signature: r.string("signature")?.to_vec(),
            forwarding: r.u8("forwarding flag")? != 0,
        };
        if r.is_empty() {
            Ok(bind)
        } else {
            Err(ProtocolError::at(r.offset(), "bytes after the request"))
        }
    }

    /// A session that never was, of a host key that everybody has: RFC 8032 §7.1, TEST 2. An agent
    /// that knows the extension takes it unless it is locked; the connection that carries it is
    /// fit for nothing else.
    #[must_use]
    pub fn of_nothing() -> SessionBind {
        const KEY: [u8; 32] = [
            0x3d, 0x40, 0x17, 0xc3, 0xe8, 0x43, 0x89, 0x5a, 0x92, 0xb7, 0x0a, 0xa7, 0x4d, 0x1b,
            0x7e, 0xbc, 0x9c, 0x98, 0x2c, 0xcf, 0x2e, 0xc4, 0x96, 0x8c, 0xc0, 0xcd, 0x55, 0xf1,
            0x2a, 0xf4, 0x66, 0x0c,
        ];
        const SIGNATURE: [u8; 64] = [
            0x92, 0xa0, 0x09, 0xa9, 0xf0, 0xd4, 0xca, 0xb8, 0x72, 0x0e, 0x82, 0x0b, 0x5f, 0x64,
            0x25, 0x40, 0xa2, 0xb2, 0x7b, 0x54, 0x16, 0x50, 0x3f, 0x8f, 0xb3, 0x76, 0x22, 0x23,
            0xeb, 0xdb, 0x69, 0xda, 0x08, 0x5a, 0xc1, 0xe4, 0x3e, 0x15, 0x99, 0x6e, 0x45, 0x8f,
            0x36, 0x13, 0xd0, 0xf1, 0x1d, 0x8c, 0x38, 0x7b, 0x2e, 0xae, 0xb4, 0x30, 0x2a, 0xee,
            0xb0, 0x0d, 0x29, 0x16, 0x12, 0xbb, 0x0c, 0x00,
        ];
        let typed = |bytes: &[u8]| {
            let mut out = Vec::new();
            put_string(&mut out, b"ssh-ed25519");
            put_string(&mut out, bytes);
            out
        };
        SessionBind {
            host_key: typed(&KEY),
            session: vec![0x72],
            signature: typed(&SIGNATURE),
            forwarding: false,
        }
    }

    /// The request.
    #[must_use]
    pub fn request(&self) -> Request {
        let mut body = Vec::new();
        put_string(&mut body, &self.host_key);
        put_string(&mut body, &self.session);
        put_string(&mut body, &self.signature);
        body.push(u8::from(self.forwarding));
        request(SESSION_BIND, body)
    }
}

fn request(name: &[u8], body: Vec<u8>) -> Request {
    Request::Extension {
        name: name.to_vec(),
        body: Zeroizing::new(body),
    }
}

/// A request without data.
#[must_use]
pub fn plain_request(name: &[u8]) -> Request {
    request(name, Vec::new())
}

/// A request whose data is one string: a blob, a file.
#[must_use]
pub fn string_request(name: &[u8], value: &[u8]) -> Request {
    let mut body = Vec::with_capacity(value.len().saturating_add(4));
    put_string(&mut body, value);
    request(name, body)
}

/// The one string of a request's data.
///
/// # Errors
/// Names the byte at fault.
pub fn parse_string(body: &[u8]) -> Result<&[u8], ProtocolError> {
    let mut r = Reader::new(body);
    let value = r.string("data")?;
    if r.is_empty() {
        Ok(value)
    } else {
        Err(ProtocolError::at(r.offset(), "bytes after the request"))
    }
}

/// A request of `add-encrypted`: a string of the file, then constraints as in
/// `SSH_AGENTC_ADD_ID_CONSTRAINED`. (PuTTY's `add-ppk` has no place for them.)
#[must_use]
pub fn add_encrypted_request(file: &[u8], constraints: &[Constraint]) -> Request {
    let mut body = Vec::with_capacity(file.len().saturating_add(1024));
    put_string(&mut body, file);
    constraint::write_all(constraints, &mut body);
    request(ADD_ENCRYPTED, body)
}

/// The file and the constraints of a request of `add-encrypted`.
///
/// # Errors
/// Names the byte at fault.
pub fn parse_add_encrypted(body: &[u8]) -> Result<(&[u8], Vec<Constraint>), ProtocolError> {
    let mut r = Reader::new(body);
    let file = r.string("key file")?;
    Ok((file, constraint::read_all(&mut r)?))
}

/// The answer of `query`: in the draft's form.
#[must_use]
pub fn query_response() -> Response {
    let mut body = Vec::new();
    for name in KNOWN {
        put_string(&mut body, name);
    }
    Response::Extension {
        name: QUERY.to_vec(),
        body,
    }
}

/// The names in an answer of `query`: the draft's form, or Pageant's. `None`: another answer.
#[must_use]
pub fn parse_query(response: &Response) -> Option<Vec<Vec<u8>>> {
    let body = match response {
        Response::Extension { name, body } if name == QUERY => body,
        Response::SuccessWith(body) => body,
        _ => return None,
    };
    let mut r = Reader::new(body);
    let mut names = Vec::new();
    while !r.is_empty() {
        names.push(r.string("name").ok()?.to_vec());
    }
    Some(names)
}

/// A key of `list-extended`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtendedKey {
    /// Its blob.
    pub blob: Vec<u8>,
    /// Its comment.
    pub comment: Vec<u8>,
    /// The agent holds its encrypted file.
    pub has_encrypted_file: bool,
    /// The agent does not hold it decrypted: the next use asks for the passphrase.
    pub is_encrypted: bool,
}

/// The answer of `list-extended`.
#[must_use]
pub fn list_extended_response(keys: &[ExtendedKey]) -> Response {
    let mut body = Vec::new();
    body.extend_from_slice(&u32::try_from(keys.len()).unwrap_or(u32::MAX).to_be_bytes());
    for key in keys {
        put_string(&mut body, &key.blob);
        put_string(&mut body, &key.comment);
        let mut flags = 0;
        if key.has_encrypted_file {
            flags |= HAS_ENCRYPTED_FILE;
        }
        if key.is_encrypted {
            flags |= HAS_NO_CLEARTEXT;
        }
        put_string(&mut body, &flags.to_be_bytes());
    }
    Response::SuccessWith(body)
}

/// The keys in an answer of `list-extended`. `None`: another answer.
#[must_use]
pub fn parse_list_extended(response: &Response) -> Option<Vec<ExtendedKey>> {
    let Response::SuccessWith(body) = response else {
        return None;
    };
    let mut r = Reader::new(body);
    let count = r.u32("number of keys").ok()?;
    let mut keys = Vec::new();
    for _ in 0..count {
        let blob = r.string("key blob").ok()?.to_vec();
        let comment = r.string("comment").ok()?.to_vec();
        // Later versions may say more behind the flags.
        let flags = r.nested("key information").ok()?.u32("flags").ok()?;
        keys.push(ExtendedKey {
            blob,
            comment,
            has_encrypted_file: flags & HAS_ENCRYPTED_FILE != 0,
            is_encrypted: flags & HAS_NO_CLEARTEXT != 0,
        });
    }
    Some(keys)
}

/// A key of `list-constraints`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConstrainedKey {
    /// Its blob.
    pub blob: Vec<u8>,
    /// Each use is asked of the person.
    pub confirm: bool,
    /// Seconds until it is dropped.
    pub lifetime: Option<u32>,
    /// The ways it may be used, for people: `alice@host`, `host1>host2`.
    pub destinations: Vec<Vec<u8>>,
}

/// The answer of `list-constraints`: a count, and for each key a string of its blob, a boolean
/// for confirm, a boolean and uint32 for the lifetime, and a string of strings.
#[must_use]
pub fn list_constraints_response(keys: &[ConstrainedKey]) -> Response {
    let mut body = Vec::new();
    body.extend_from_slice(&u32::try_from(keys.len()).unwrap_or(u32::MAX).to_be_bytes());
    for key in keys {
        put_string(&mut body, &key.blob);
        body.push(u8::from(key.confirm));
        body.push(u8::from(key.lifetime.is_some()));
        body.extend_from_slice(&key.lifetime.unwrap_or(0).to_be_bytes());
        let mut list = Vec::new();
        for destination in &key.destinations {
            put_string(&mut list, destination);
        }
        put_string(&mut body, &list);
    }
    Response::Extension {
        name: LIST_CONSTRAINTS.to_vec(),
        body,
    }
}

/// The keys in an answer of `list-constraints`. `None`: another answer.
#[must_use]
pub fn parse_list_constraints(response: &Response) -> Option<Vec<ConstrainedKey>> {
    let Response::Extension { name, body } = response else {
        return None;
    };
    if name != LIST_CONSTRAINTS {
        return None;
    }
    let mut r = Reader::new(body);
    let count = r.u32("number of keys").ok()?;
    let mut keys = Vec::new();
    for _ in 0..count {
        let blob = r.string("key blob").ok()?.to_vec();
        let confirm = r.u8("confirm").ok()? != 0;
        let limited = r.u8("limited").ok()? != 0;
        let lifetime = r.u32("lifetime").ok()?;
        let mut list = r.nested("destinations").ok()?;
        let mut destinations = Vec::new();
        while !list.is_empty() {
            destinations.push(list.string("destination").ok()?.to_vec());
        }
        keys.push(ConstrainedKey {
            blob,
            confirm,
            lifetime: limited.then_some(lifetime),
            destinations,
        });
    }
    Some(keys)
}
