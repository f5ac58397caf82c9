//! The keys that the user's own client would offer, in its order.

use crate::local::{self, Here};
use crate::signer::{AgentSigner, FileSigner};
use crate::target::{Habits, Target};
use sshwhy_agent::Client;
use sshwhy_agent::find::{self, State};
use sshwhy_keyfile::{FileError, KeyFile, PrivateKey, Protection, UnlockError};
use sshwhy_keys::{Format, PublicKey, load_public};
use sshwhy_wire::Signer;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// What signs for a key.
pub enum Secret {
    /// Ready to sign.
    Ready(Arc<dyn Signer>),
    /// A key file that a passphrase opens.
    Locked(Arc<KeyFile>),
    /// Nothing: a public half alone, or a file that does not open.
    Missing,
}

/// Where a key comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum From {
    /// A file.
    File {
        /// Its path.
        path: PathBuf,
        /// Somebody named it; else it is one of the client's usual names.
        named: bool,
    },
    /// An agent.
    Agent {
        /// Its socket.
        socket: PathBuf,
        /// Its place in the agent's list, from 1.
        position: usize,
        /// The file that asks for this key, where one does.
        path: Option<PathBuf>,
    },
}

/// What is odd about a key file, as far as it bears on the login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// There is no such file.
    Missing,
    /// It cannot be read: the system's words.
    Unreadable(String),
    /// OpenSSH passes over a private key of the user's own that others may read: its mode.
    Mode(u32),
    /// PuTTY's format, and the client is OpenSSH.
    Ppk,
    /// OpenSSH's or PEM's format, and the client is PuTTY.
    NotPpk(Format),
    /// It is no key, or a damaged one.
    Damaged(FileError),
    /// A public key where a private one is needed.
    PublicOnly,
    /// The `.pub` beside it is of another key.
    StalePub {
        /// Fingerprint of the private key's own public half.
        private: String,
        /// That of the `.pub`.
        public: String,
    },
    /// It does not unlock.
    Locked(UnlockError),
    /// A certificate beside it is not offered, and why.
    Certificate(PathBuf, &'static str),
}

/// A key that would be offered, or a file that would not.
pub struct Identity {
    /// Whence.
    pub from: From,
    /// What is offered; empty: nothing can be.
    pub blob: Vec<u8>,
    /// It, read.
    pub public: Option<PublicKey>,
    /// Its comment.
    pub comment: Vec<u8>,
    /// What signs.
    pub secret: Secret,
    /// What is odd.
    pub troubles: Vec<Trouble>,
    /// Days since the file was changed last.
    pub age_days: Option<u64>,
    /// The file's format.
    pub format: Option<Format>,
}

impl Identity {
    /// Path or agent, for people.
    #[must_use]
    pub fn source(&self) -> Vec<u8> {
        use std::os::unix::ffi::OsStrExt;
        match &self.from {
            From::File { path, .. }
            | From::Agent {
                path: Some(path), ..
            } => path.as_os_str().as_bytes().to_vec(),
            From::Agent { socket, .. } => [b"agent ", socket.as_os_str().as_bytes()].concat(),
        }
    }

    /// `SHA256:…`, of the plain key.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        match &self.public {
            Some(key) => key.fingerprint(),
            None => sshwhy_keys::fingerprint::sha256(&self.blob),
        }
    }

    /// Somebody named it.
    #[must_use]
    pub fn is_named(&self) -> bool {
        match &self.from {
            From::File { named, .. } => *named,
            From::Agent { path, .. } => path.is_some(),
        }
    }
}

/// How the agent stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AgentState {
    /// The client asks none.
    NotAsked,
    /// No variable names one.
    NotNamed,
    /// The socket is not there.
    Absent(PathBuf),
    /// Nobody listens at it.
    Stale(PathBuf),
    /// sshd made it for a login that carried an agent, and the login has ended.
    Gone(PathBuf),
    /// It may not be used, or answers nothing: why.
    Silent(PathBuf, String),
    /// It answered with this many keys.
    Answered(PathBuf, usize),
}

/// All that a client would offer.
pub struct Offers {
    /// In the client's order; those that are not offered (no blob) stand where they were met.
    pub identities: Vec<Identity>,
    /// The agent.
    pub agent: AgentState,
}

/// The passphrase for a key file, where the caller has one.
pub type Passphrase<'a> = &'a dyn Fn(&Path) -> Option<zeroize::Zeroizing<Vec<u8>>>;

/// Gathers the keys, in the order in which the target's client offers them. `named` are the files
/// of `-i`. A key that needs a passphrase stays locked.
#[must_use]
pub fn gather(target: &Target, named: &[PathBuf]) -> Offers {
    match target.habits {
        Habits::OpenSsh => openssh(target, named),
        Habits::Putty => putty(target, named),
    }
}

/// `pubkey_prepare` and `load_public_identity_files` of OpenSSH.
fn openssh(target: &Target, named: &[PathBuf]) -> Offers {
    let Some(config) = &target.config else {
        return Offers {
            identities: Vec::new(),
            agent: AgentState::NotAsked,
        };
    };
    let mut paths: Vec<(PathBuf, bool)> = named.iter().map(|p| (p.clone(), true)).collect();
    let from_config = config.identity_files();
    // `-i` goes before the files of ssh_config; the usual names are there only without any.
    let any_named = !paths.is_empty();
    for (text, was_named) in from_config {
        if any_named && !was_named {
            continue;
        }
        if let Ok(path) = config.path(&text, &Here) {
            let path = local::path(&path).to_owned();
            if !paths.iter().any(|(p, _)| *p == path) {
                paths.push((path, was_named));
            }
        }
    }
    let certificates = config.certificate_files();
    let mut files: Vec<Identity> = Vec::new();
    for (path, named) in &paths {
        let identity = file(path, *named, Habits::OpenSsh);
        let usual_and_absent = !named && identity.troubles.contains(&Trouble::Missing);
        if usual_and_absent {
            continue;
        }
        let certificate = certificates.is_empty().then(|| beside(path, "-cert.pub"));
        let with = certificate.and_then(|c| certified(&c, path, *named, &identity));
        files.push(identity);
        files.extend(with);
    }
    let mut preferred: Vec<Identity> = Vec::new();
    for text in &certificates {
        if let Ok(path) = config.path(text, &Here) {
            let path = local::path(&path).to_owned();
            let of = files.iter().find_map(|f| certified(&path, &path, true, f));
            preferred.extend(of.or_else(|| certificate_alone(&path)));
        }
    }
    let only = config.flag("identitiesonly", false);
    let (agent, keys) = ask_agent(agent_socket(target));
    let mut others = Vec::new();
    for mut key in keys {
        match files
            .iter()
            .position(|f| !f.blob.is_empty() && f.blob == key.blob)
        {
            Some(at) => {
                let of_file = files.remove(at);
                if let (From::Agent { path, .. }, From::File { path: p, .. }) =
                    (&mut key.from, &of_file.from)
                {
                    *path = Some(p.clone());
                }
                key.troubles = of_file.troubles;
                key.age_days = of_file.age_days;
                key.format = of_file.format;
                preferred.push(key);
            }
            None if !only => others.push(key),
            None => {}
        }
    }
    preferred.append(&mut others);
    preferred.append(&mut files);
    Offers {
        identities: preferred,
        agent,
    }
}

/// `ssh2_userauth_process_queue` of PuTTY: the agent's keys (with a key file: that one alone), then
/// the file.
fn putty(target: &Target, named: &[PathBuf]) -> Offers {
    let session = target.session.clone().unwrap_or_default();
    let path = named.first().cloned().or_else(|| {
        let saved = session.get("PublicKeyFile")?;
        Some(local::path(saved).to_owned())
    });
    let mut own = path.map(|p| file(&p, true, Habits::Putty));
    let certificate = session
        .get("DetachedCertificate")
        .map(|c| local::path(c).to_owned());
    let socket = if session.tries_agent() {
        std::env::var_os("SSH_AUTH_SOCK")
            .filter(|v| !v.is_empty())
            .map(PathBuf::from)
    } else {
        None
    };
    let asks = session.tries_agent();
    let (agent, keys) = match (asks, socket) {
        (false, _) => (AgentState::NotAsked, Vec::new()),
        (true, socket) => ask_agent(socket.map_or(Socket::NotNamed, Socket::At)),
    };
    let mut identities = Vec::new();
    if let Some(file) = &own
        && let Some(of) = certificate.and_then(|c| certified(&c, &c, true, file))
    {
        identities.push(of);
    }
    for mut key in keys {
        match &own {
            Some(file) if file.blob.is_empty() || file.blob != key.blob => {}
            Some(file) => {
                if let (From::Agent { path, .. }, From::File { path: p, .. }) =
                    (&mut key.from, &file.from)
                {
                    *path = Some(p.clone());
                }
                identities.push(key);
                own = None;
            }
            None => identities.push(key),
        }
    }
    identities.extend(own);
    Offers { identities, agent }
}

/// `path` with something behind its name.
fn beside(path: &Path, tail: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(tail);
    PathBuf::from(name)
}

fn blank(from: From, trouble: Vec<Trouble>) -> Identity {
    Identity {
        from,
        blob: Vec::new(),
        public: None,
        comment: Vec::new(),
        secret: Secret::Missing,
        troubles: trouble,
        age_days: None,
        format: None,
    }
}

/// A key file as this client takes it.
fn file(path: &Path, named: bool, habits: Habits) -> Identity {
    let from = From::File {
        path: path.to_owned(),
        named,
    };
    let data = match local::read(path) {
        Ok(data) => zeroize::Zeroizing::new(data),
        Err(e) => {
            // OpenSSH offers what `.pub` says even where the private half is not there.
            let missing = e.kind() == std::io::ErrorKind::NotFound;
            let trouble = if missing {
                Trouble::Missing
            } else {
                Trouble::Unreadable(e.to_string())
            };
            let mut identity = blank(from, vec![trouble]);
            if habits == Habits::OpenSsh
                && let Some((key, comment)) = public_at(&beside(path, ".pub"))
            {
                identity.blob = key.blob().to_vec();
                identity.public = Some(key);
                identity.comment = comment;
            }
            return identity;
        }
    };
    let mut identity = blank(from, Vec::new());
    let meta = std::fs::metadata(path).ok();
    identity.age_days = meta
        .as_ref()
        .and_then(|m| m.modified().ok()?.elapsed().ok())
        .map(|t| t.as_secs() / 86_400);
    match sshwhy_keyfile::read(&data) {
        Ok(key) => private(&mut identity, key, path, habits),
        Err(error) => match load_public(&data) {
            Ok(loaded) if !loaded.private => {
                identity.blob = loaded.key.blob().to_vec();
                identity.comment = loaded.comment;
                identity.format = Some(loaded.format);
                identity.public = Some(loaded.key);
                identity.troubles.push(Trouble::PublicOnly);
            }
            Ok(loaded) => {
                // PuTTY offers what the public half says, whatever is wrong with the rest.
                identity.format = Some(loaded.format.clone());
                if habits == Habits::Putty {
                    identity.blob = loaded.key.blob().to_vec();
                    identity.public = Some(loaded.key);
                }
                identity.troubles.push(Trouble::Damaged(error));
            }
            Err(_) => {
                identity.format = error.format.clone();
                identity.troubles.push(Trouble::Damaged(error));
            }
        },
    }
    if habits == Habits::OpenSsh
        && !matches!(identity.secret, Secret::Missing)
        && let Some(meta) = meta
        && meta.uid() == rustix::process::getuid().as_raw()
        && meta.mode() & 0o077 != 0
    {
        identity.troubles.push(Trouble::Mode(meta.mode() & 0o7777));
        identity.secret = Secret::Missing;
    }
    identity
}

/// A file that holds a private key.
fn private(identity: &mut Identity, key: KeyFile, path: &Path, habits: Habits) {
    identity.format = Some(key.format.clone());
    let is_ppk = matches!(key.format, Format::Ppk { .. });
    match habits {
        Habits::OpenSsh if is_ppk => {
            identity.troubles.push(Trouble::Ppk);
            return;
        }
        Habits::Putty if !is_ppk => {
            identity.troubles.push(Trouble::NotPpk(key.format.clone()));
            return;
        }
        _ => {}
    }
    let pub_file = if habits == Habits::OpenSsh {
        public_at(&beside(path, ".pub"))
    } else {
        None
    };
    let mut unlocked = None;
    if key.protection == Protection::None {
        match key.unlock(None) {
            Ok(private) => unlocked = Some(Arc::new(private)),
            Err(error) => identity.troubles.push(Trouble::Locked(error)),
        }
    }
    let own = key
        .public
        .clone()
        .or_else(|| unlocked.as_ref().map(|k| k.public().clone()));
    if let (Some(own), Some((beside, _))) = (&own, &pub_file)
        && !own.same_public(beside)
    {
        identity.troubles.push(Trouble::StalePub {
            private: own.fingerprint(),
            public: beside.fingerprint(),
        });
    }
    identity.comment = key.comment.clone().unwrap_or_default();
    // The public half of the file itself comes first, as with OpenSSH since 8.3.
    identity.public = own.or_else(|| {
        let (key, comment) = pub_file?;
        identity.comment = comment;
        Some(key)
    });
    if let Some(public) = &identity.public {
        identity.blob = public.blob().to_vec();
    }
    identity.secret = match unlocked {
        Some(key) => Secret::Ready(Arc::new(FileSigner::new(key))),
        None if key.protection == Protection::None => Secret::Missing,
        None => Secret::Locked(Arc::new(key)),
    };
}

fn public_at(path: &Path) -> Option<(PublicKey, Vec<u8>)> {
    let loaded = load_public(&local::read(path).ok()?).ok()?;
    (!loaded.private).then_some((loaded.key, loaded.comment))
}

/// The certificate at `path` as an offer of its own, where it certifies the key of `of`.
fn certified(path: &Path, shown: &Path, named: bool, of: &Identity) -> Option<Identity> {
    let (key, comment) = public_at(path)?;
    let certificate = key.certificate()?;
    let plain = of.public.as_ref()?;
    if !key.same_public(plain) || certificate.cert_type != sshwhy_keys::CertType::User {
        return None;
    }
    let secret = match &of.secret {
        Secret::Ready(signer) => Secret::Ready(Arc::clone(signer)),
        Secret::Locked(file) => Secret::Locked(Arc::clone(file)),
        Secret::Missing => Secret::Missing,
    };
    Some(Identity {
        from: From::File {
            path: shown.to_owned(),
            named,
        },
        blob: key.blob().to_vec(),
        public: Some(key),
        comment,
        secret,
        troubles: Vec::new(),
        age_days: of.age_days,
        format: None,
    })
}

/// A CertificateFile whose key no file holds: an agent may.
fn certificate_alone(path: &Path) -> Option<Identity> {
    let (key, comment) = public_at(path)?;
    key.certificate()?;
    let from = From::File {
        path: path.to_owned(),
        named: true,
    };
    let mut identity = blank(
        from,
        vec![Trouble::Certificate(
            path.to_owned(),
            "no private key for it",
        )],
    );
    identity.blob = key.blob().to_vec();
    identity.public = Some(key);
    identity.comment = comment;
    Some(identity)
}

enum Socket {
    NotAsked,
    NotNamed,
    At(PathBuf),
}

/// IdentityAgent, or SSH_AUTH_SOCK.
fn agent_socket(target: &Target) -> Socket {
    let env = || match std::env::var_os("SSH_AUTH_SOCK").filter(|v| !v.is_empty()) {
        Some(path) => Socket::At(PathBuf::from(path)),
        None => Socket::NotNamed,
    };
    let Some(config) = &target.config else {
        return env();
    };
    match config.first("identityagent") {
        None | Some(b"SSH_AUTH_SOCK") => env(),
        Some(b"none") => Socket::NotAsked,
        Some(text) => {
            if let Some(name) = text.strip_prefix(b"$")
                && !name.starts_with(b"{")
            {
                let value = std::env::var_os(std::ffi::OsStr::new(&*String::from_utf8_lossy(name)));
                return value.map_or(Socket::NotNamed, |v| Socket::At(PathBuf::from(v)));
            }
            match config.path(text, &Here) {
                Ok(path) => Socket::At(local::path(&path).to_owned()),
                Err(_) => Socket::NotNamed,
            }
        }
    }
}

/// Whether sshd made the socket for the login that this process belongs to.
fn is_forwarded(path: &Path) -> bool {
    let of_env = std::env::var_os("SSH_AUTH_SOCK").is_some_and(|v| Path::new(&v) == path);
    find::is_forwarded(path, of_env && std::env::var_os("SSH_CONNECTION").is_some())
}

fn ask_agent(socket: Socket) -> (AgentState, Vec<Identity>) {
    let path = match socket {
        Socket::NotAsked => return (AgentState::NotAsked, Vec::new()),
        Socket::NotNamed => return (AgentState::NotNamed, Vec::new()),
        Socket::At(path) => path,
    };
    let stream = match find::open(&path, Some(Duration::from_secs(5))) {
        State::Listens(stream) => stream,
        State::Absent | State::Stale if is_forwarded(&path) => {
            return (AgentState::Gone(path), Vec::new());
        }
        State::Absent => return (AgentState::Absent(path), Vec::new()),
        State::Stale => return (AgentState::Stale(path), Vec::new()),
        State::NotASocket => {
            return (
                AgentState::Silent(path, "it is no socket".into()),
                Vec::new(),
            );
        }
        State::Denied => {
            return (
                AgentState::Silent(path, "Permission denied".into()),
                Vec::new(),
            );
        }
        State::Failed(e) => return (AgentState::Silent(path, e.to_string()), Vec::new()),
        _ => return (AgentState::Silent(path, "no answer".into()), Vec::new()),
    };
    let keys = match Client::new(stream).identities() {
        Ok(keys) => keys,
        Err(e) => return (AgentState::Silent(path, e.to_string()), Vec::new()),
    };
    let state = AgentState::Answered(path.clone(), keys.len());
    let identities = keys.into_iter().enumerate().map(|(index, key)| {
        let from = From::Agent {
            socket: path.clone(),
            position: index + 1,
            path: None,
        };
        let mut identity = blank(from, Vec::new());
        identity.public = PublicKey::from_blob(&key.blob).ok();
        identity.comment = key.comment;
        identity.secret = Secret::Ready(Arc::new(AgentSigner::new(path.clone(), key.blob.clone())));
        identity.blob = key.blob;
        identity
    });
    (state, identities.collect())
}

/// Opens a locked key file.
///
/// # Errors
/// As [`KeyFile::unlock`] says.
pub fn unlock(file: &KeyFile, passphrase: &[u8]) -> Result<Arc<dyn Signer>, UnlockError> {
    let key: PrivateKey = file.unlock(Some(passphrase))?;
    Ok(Arc::new(FileSigner::new(Arc::new(key))))
}
