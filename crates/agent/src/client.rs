//! A client of any agent, over any stream.

use crate::constraint::Constraint;
use crate::extension::{self, ConstrainedKey, ExtendedKey};
use crate::identity::Identity;
use crate::protocol::{BadLength, Framer, ProtocolError, Request, Response, framed};
use sshwhy_keyfile::PrivateKey;
use std::fmt;
use std::io::{self, Read, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// Why a request has no answer.
#[derive(Debug)]
#[non_exhaustive]
pub enum ClientError {
    /// The stream failed; `UnexpectedEof`: the agent ended the connection.
    Io(io::Error),
    /// The answer's length is not one.
    Length(BadLength),
    /// The answer is malformed.
    Protocol(ProtocolError),
    /// The agent said no; the protocol gives no reason.
    Refused,
    /// The agent does not know the extension.
    NotKnown,
    /// The answer is of another kind than the request.
    Unexpected(u8),
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ClientError::Io(e) if e.kind() == io::ErrorKind::UnexpectedEof => {
                f.write_str("the agent ended the connection without an answer")
            }
            ClientError::Io(e) if e.kind() == io::ErrorKind::WouldBlock => {
                f.write_str("the agent did not answer in time")
            }
            ClientError::Io(e) => e.fmt(f),
            ClientError::Length(e) => e.fmt(f),
            ClientError::Protocol(e) => write!(f, "the agent's answer is malformed: {e}"),
            ClientError::Refused => f.write_str("the agent refused"),
            ClientError::NotKnown => f.write_str("the agent does not know this request"),
            ClientError::Unexpected(n) => write!(f, "the agent answered with message {n}"),
        }
    }
}

impl std::error::Error for ClientError {}

impl From<io::Error> for ClientError {
    fn from(e: io::Error) -> Self {
        ClientError::Io(e)
    }
}

/// A key that an agent offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offered {
    /// Its blob, parsed or not: one that cannot be read does not hide the others.
    pub blob: Vec<u8>,
    /// Its comment.
    pub comment: Vec<u8>,
}

/// A connection to an agent.
pub struct Client<S> {
    stream: S,
    framer: Framer,
    left: Zeroizing<Vec<u8>>,
    patience: Option<Duration>,
}

impl<S: Read + Write> Client<S> {
    /// Speaks over `stream`.
    pub fn new(stream: S) -> Self {
        Client {
            stream,
            framer: Framer::new(),
            left: Zeroizing::new(Vec::new()),
            patience: None,
        }
    }

    /// Waits at most this long for a whole answer, however slowly it comes. The stream's own timeout
    /// has to end a read in which nothing comes.
    #[must_use]
    pub fn patient(mut self, patience: Duration) -> Self {
        self.patience = Some(patience);
        self
    }

    /// Sends a request and waits for its answer.
    ///
    /// # Errors
    /// The stream or the answer is at fault. A refusal is an answer.
    pub fn request(&mut self, request: &Request) -> Result<Response, ClientError> {
        self.stream.write_all(&framed(&request.write()))?;
        self.stream.flush()?;
        let begun = Instant::now();
        let mut buf = [0; 4096];
        loop {
            let left = std::mem::take(&mut self.left);
            let mut input: &[u8] = &left;
            let message = self.framer.feed(&mut input).map_err(ClientError::Length)?;
            self.left = Zeroizing::new(input.to_vec());
            if let Some(message) = message {
                return Response::parse(&message).map_err(ClientError::Protocol);
            }
            if self.patience.is_some_and(|p| begun.elapsed() >= p) {
                return Err(io::Error::from(io::ErrorKind::WouldBlock).into());
            }
            let n = match self.stream.read(&mut buf) {
                Ok(n) => n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(e.into()),
            };
            if n == 0 {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
            self.left
                .extend_from_slice(buf.get(..n).unwrap_or_default());
        }
    }

    fn expect_success(&mut self, request: &Request) -> Result<(), ClientError> {
        match self.request(request)? {
            Response::Success | Response::SuccessWith(_) => Ok(()),
            other => Err(refusal(&other)),
        }
    }

    /// The keys, in the order in which clients offer them.
    ///
    /// # Errors
    /// There is no answer, or it is no list.
    pub fn identities(&mut self) -> Result<Vec<Offered>, ClientError> {
        match self.request(&Request::Identities)? {
            Response::Identities(keys) => Ok(keys
                .into_iter()
                .map(|(blob, comment)| Offered { blob, comment })
                .collect()),
            other => Err(refusal(&other)),
        }
    }

    /// A signature blob (RFC 4253 §6.6) over `data`.
    ///
    /// # Errors
    /// The agent refuses, or answers with something else.
    pub fn sign(&mut self, blob: &[u8], data: &[u8], flags: u32) -> Result<Vec<u8>, ClientError> {
        let request = Request::Sign {
            blob: blob.to_vec(),
            data: data.to_vec(),
            flags,
        };
        match self.request(&request)? {
            Response::Signature(signature) => Ok(signature),
            other => Err(refusal(&other)),
        }
    }

    /// Adds a key.
    ///
    /// # Errors
    /// The agent refuses: it is locked, or does not know the key's type or a constraint.
    pub fn add(
        &mut self,
        key: PrivateKey,
        constraints: Vec<Constraint>,
    ) -> Result<(), ClientError> {
        self.expect_success(&Request::Add {
            identity: Identity::Known(Arc::new(key)),
            constraints,
        })
    }

    /// Adds an encrypted key file as it is, to our agent or, without constraints and as PPK, to
    /// Pageant.
    ///
    /// # Errors
    /// [`ClientError::NotKnown`]: the agent takes no encrypted files.
    pub fn add_encrypted(
        &mut self,
        file: &[u8],
        constraints: &[Constraint],
    ) -> Result<(), ClientError> {
        match self.request(&extension::add_encrypted_request(file, constraints))? {
            Response::Failure if constraints.is_empty() => {
                match self.request(&extension::string_request(extension::ADD_PPK, file))? {
                    Response::Success | Response::SuccessWith(_) => Ok(()),
                    Response::Failure => Err(ClientError::NotKnown),
                    other => Err(refusal(&other)),
                }
            }
            Response::Failure => Err(ClientError::NotKnown),
            Response::Success | Response::SuccessWith(_) => Ok(()),
            other => Err(refusal(&other)),
        }
    }

    /// Removes a key.
    ///
    /// # Errors
    /// The agent does not hold it, or is locked.
    pub fn remove(&mut self, blob: &[u8]) -> Result<(), ClientError> {
        let blob = blob.to_vec();
        self.expect_success(&Request::Remove { blob })
    }

    /// Removes every key.
    ///
    /// # Errors
    /// The agent refuses: it is locked.
    pub fn remove_all(&mut self) -> Result<(), ClientError> {
        self.expect_success(&Request::RemoveAll)
    }

    /// Locks the agent.
    ///
    /// # Errors
    /// The agent is locked already, or knows no lock.
    pub fn lock(&mut self, passphrase: Zeroizing<Vec<u8>>) -> Result<(), ClientError> {
        self.expect_success(&Request::Lock(passphrase))
    }

    /// Unlocks the agent.
    ///
    /// # Errors
    /// Another passphrase, or the agent is not locked.
    pub fn unlock(&mut self, passphrase: Zeroizing<Vec<u8>>) -> Result<(), ClientError> {
        self.expect_success(&Request::Unlock(passphrase))
    }

    /// The extensions the agent says it knows; `None`: it does not say.
    ///
    /// # Errors
    /// There is no answer.
    pub fn extensions(&mut self) -> Result<Option<Vec<Vec<u8>>>, ClientError> {
        let response = self.request(&extension::plain_request(extension::QUERY))?;
        Ok(extension::parse_query(&response))
    }

    /// Which keys are encrypted; `None`: the agent does not say.
    ///
    /// # Errors
    /// There is no answer.
    pub fn list_extended(&mut self) -> Result<Option<Vec<ExtendedKey>>, ClientError> {
        let response = self.request(&extension::plain_request(extension::LIST_EXTENDED))?;
        Ok(extension::parse_list_extended(&response))
    }

    /// What each key may be used for; `None`: the agent does not say.
    ///
    /// # Errors
    /// There is no answer.
    pub fn list_constraints(&mut self) -> Result<Option<Vec<ConstrainedKey>>, ClientError> {
        let response = self.request(&extension::plain_request(extension::LIST_CONSTRAINTS))?;
        Ok(extension::parse_list_constraints(&response))
    }
}

fn refusal(response: &Response) -> ClientError {
    match response {
        Response::Failure | Response::ExtensionFailure => ClientError::Refused,
        other => ClientError::Unexpected(other.write().first().copied().unwrap_or(0)),
    }
}
