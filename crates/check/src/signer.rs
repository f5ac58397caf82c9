//! Signatures by unlocked key files and by agents, for the transport.

use sshwhy_agent::extension::SessionBind;
use sshwhy_agent::find::{self, State};
use sshwhy_agent::{Client, Response};
use sshwhy_keyfile::PrivateKey;
use sshwhy_keys::SigAlg;
use sshwhy_wire::{SignError, Signer};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Signs with a key that was read from a file.
pub struct FileSigner {
    key: Arc<PrivateKey>,
}

impl FileSigner {
    /// Takes an unlocked key.
    #[must_use]
    pub fn new(key: Arc<PrivateKey>) -> Self {
        FileSigner { key }
    }
}

impl Signer for FileSigner {
    fn public_blob(&self) -> Vec<u8> {
        self.key.public().blob().to_vec()
    }

    fn sign(&self, algorithm: &[u8], message: &[u8]) -> Result<Vec<u8>, SignError> {
        let alg = SigAlg::from_name(algorithm);
        let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
        sshwhy_keyfile::sign(&self.key, &alg, message, &mut rng)
            .map_err(|e| SignError::Failed(e.to_string()))
    }
}

/// SSH_AGENT_RSA_SHA2_256 of the agent protocol.
const RSA_SHA2_256: u32 = 2;
/// SSH_AGENT_RSA_SHA2_512.
const RSA_SHA2_512: u32 = 4;

/// Has an agent sign. A person may have to confirm: it waits up to a minute.
pub struct AgentSigner {
    socket: PathBuf,
    blob: Vec<u8>,
    open: Mutex<Option<Client<UnixStream>>>,
}

impl AgentSigner {
    /// The key `blob` of the agent at `socket`; `blob` may be a certificate's.
    #[must_use]
    pub fn new(socket: PathBuf, blob: Vec<u8>) -> Self {
        AgentSigner {
            socket,
            blob,
            open: Mutex::new(None),
        }
    }
}

impl Signer for AgentSigner {
    fn public_blob(&self) -> Vec<u8> {
        self.blob.clone()
    }

    fn sign(&self, algorithm: &[u8], message: &[u8]) -> Result<Vec<u8>, SignError> {
        let failed = |e: &dyn std::fmt::Display| SignError::Failed(e.to_string());
        let mut open = self.open.lock().map_err(|e| failed(&e))?;
        if open.is_none() {
            let stream = UnixStream::connect(&self.socket).map_err(|e| failed(&e))?;
            let patience = Some(Duration::from_secs(60));
            stream.set_read_timeout(patience).map_err(|e| failed(&e))?;
            stream.set_write_timeout(patience).map_err(|e| failed(&e))?;
            *open = Some(Client::new(stream));
        }
        let plain = SigAlg::from_name(algorithm).plain();
        let flags = match plain.name() {
            b"rsa-sha2-256" => RSA_SHA2_256,
            b"rsa-sha2-512" => RSA_SHA2_512,
            _ => 0,
        };
        let client = open.as_mut().ok_or_else(|| failed(&"no agent"))?;
        client
            .sign(&self.blob, message, flags)
            .map_err(|e| failed(&e))
    }
}

/// The destinations for which alone an agent keeps the key `blob`, as the agent writes them; empty where
/// it does not tell them. `None`: it keeps it for any, or nothing can be told.
#[must_use]
pub fn destinations(socket: &Path, blob: &[u8]) -> Option<Vec<Vec<u8>>> {
    let open = || match find::open(socket, Some(Duration::from_secs(5))) {
        State::Listens(stream) => Some(Client::new(stream)),
        _ => None,
    };
    if let Ok(Some(keys)) = open()?.list_constraints() {
        let key = keys.into_iter().find(|k| k.blob == blob)?;
        return Some(key.destinations).filter(|d| !d.is_empty());
    }
    // To a connection that is bound to a host, ssh-agent shows the keys that may go there alone.
    let mut client = open()?;
    let bound = client.request(&SessionBind::of_nothing().request());
    if !matches!(bound, Ok(Response::Success)) {
        return None;
    }
    let shown = client.identities().ok()?;
    (!shown.iter().any(|s| s.blob == blob)).then(Vec::new)
}
