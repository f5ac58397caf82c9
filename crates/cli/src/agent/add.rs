//! `sshwhy agent add`

use super::args::Add;
use super::found::ask;
use super::who::Kind;
use super::{connect, done, no_answer, place, read_secret, report};
use crate::failure::Failure;
use crate::key::secret_input;
use sshwhy_agent::constraint::{Constraint, Destination, Hop};
use sshwhy_agent::{Client, ClientError, known_hosts};
use sshwhy_keyfile::{Protection, UnlockError};
use sshwhy_keys::PublicKey;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

/// What ssh-add takes without a name.
const USUAL: [&str; 6] = [
    "id_rsa",
    "id_ecdsa",
    "id_ecdsa_sk",
    "id_ed25519",
    "id_ed25519_sk",
    "id_dsa",
];

pub(super) fn run(args: &Add) -> Result<u8, Failure> {
    let constraints = constraints(args)?;
    let mut client = match connect(&args.which) {
        Ok(client) => client,
        Err(why) => return report(&args.common, "agent add", &[], &[*why], 1),
    };
    let files = if args.file.is_empty() {
        usual()?
    } else {
        args.file.clone()
    };
    let mut worst = 0;
    let mut said = Vec::new();
    for file in &files {
        match add(args, &mut client, file, &constraints)? {
            Ok(text) => said.push(text),
            Err(text) => {
                worst = 1;
                said.push(text);
            }
        }
    }
    done(&args.common, worst, &said.join("\n"))
}

fn home() -> Option<PathBuf> {
    std::env::var_os("HOME")
        .filter(|h| !h.is_empty())
        .map(PathBuf::from)
}

fn usual() -> Result<Vec<PathBuf>, Failure> {
    let dir = home().map(|h| h.join(".ssh"));
    let there = |name: &&str| dir.as_ref().map(|d| d.join(name)).filter(|p| p.exists());
    let files: Vec<PathBuf> = USUAL.iter().filter_map(there).collect();
    if files.is_empty() {
        return Err(Failure::new(
            "no key to add",
            "none of the usual files is in ~/.ssh",
            "name the key's file",
        ));
    }
    Ok(files)
}

fn constraints(args: &Add) -> Result<Vec<Constraint>, Failure> {
    let mut all = Vec::new();
    all.extend(args.lifetime.map(Constraint::Lifetime));
    if args.confirm {
        all.push(Constraint::Confirm);
    }
    if !args.destination.is_empty() {
        let hosts = HostKeys::read(&args.known_hosts)?;
        let list: Result<Vec<_>, _> = args
            .destination
            .iter()
            .map(|d| hosts.destination(d))
            .collect();
        all.push(Constraint::Destinations(list?));
    }
    Ok(all)
}

/// The known_hosts files.
struct HostKeys {
    data: Vec<u8>,
    names: String,
}

impl HostKeys {
    fn read(given: &[PathBuf]) -> Result<HostKeys, Failure> {
        let mut files = given.to_vec();
        if files.is_empty() {
            if let Some(home) = home() {
                files.extend([
                    home.join(".ssh/known_hosts"),
                    home.join(".ssh/known_hosts2"),
                ]);
            }
            files.extend([
                "/etc/ssh/ssh_known_hosts".into(),
                "/etc/ssh/ssh_known_hosts2".into(),
            ]);
        }
        let mut data = Vec::new();
        for file in &files {
            match std::fs::read(file) {
                Ok(bytes) => {
                    data.extend(bytes);
                    data.push(b'\n');
                }
                Err(e) if given.contains(file) => {
                    return Err(Failure::new(
                        format!("cannot read {}", file.display()),
                        e.to_string(),
                        "name a known_hosts file",
                    ));
                }
                Err(_) => {}
            }
        }
        let names: Vec<String> = files.iter().map(|f| f.display().to_string()).collect();
        let names = names.join(", ");
        Ok(HostKeys { data, names })
    }

    /// `HOST`, `USER@HOST`, `FROM>HOST` (ssh-add(1), -h).
    fn destination(&self, text: &str) -> Result<Destination, Failure> {
        let wrong = || {
            Failure::new(
                format!("{text} is no destination"),
                "expected HOST, USER@HOST or FROM>HOST",
                "see sshwhy agent add --help",
            )
        };
        let (from, to) = match text.split_once('>') {
            Some((from, to)) => (Some(from), to),
            None => (None, text),
        };
        let from = match from {
            Some(host) if host.is_empty() || host.contains('@') => return Err(wrong()),
            Some(host) => self.hop("", host)?,
            None => Hop::default(),
        };
        let (user, host) = to.rsplit_once('@').unwrap_or(("", to));
        if host.is_empty() {
            return Err(wrong());
        }
        Ok(Destination {
            from,
            to: self.hop(user, host)?,
        })
    }

    fn hop(&self, user: &str, host: &str) -> Result<Hop, Failure> {
        let keys = known_hosts::keys_of(&self.data, host.as_bytes());
        if keys.is_empty() {
            return Err(Failure::new(
                format!("no host key of {host} is known"),
                format!("none of {} lists it", self.names),
                "log in there once, or name the file that lists it: --known-hosts FILE",
            ));
        }
        Ok(Hop {
            user: user.into(),
            host: host.into(),
            keys,
        })
    }
}

/// What was done with a file, or why it was not.
fn add(
    args: &Add,
    client: &mut Client<UnixStream>,
    path: &Path,
    constraints: &[Constraint],
) -> Result<Result<String, String>, Failure> {
    let shown = path.display();
    let look = look(path);
    let unreadable = |why: String| {
        Failure::new(
            format!("cannot read {shown}"),
            why,
            format!("see what is wrong with it: {look}"),
        )
    };
    let data = read_secret(path).map_err(|e| unreadable(e.to_string()))?;
    let file = match sshwhy_keyfile::read(&data) {
        Ok(file) => file,
        Err(e) => return Ok(Err(format!("{shown}: {e}; see {look}"))),
    };
    let encrypted = file.protection != Protection::None;
    if args.encrypted && encrypted {
        return match client.add_encrypted(&data, constraints) {
            Ok(()) => Ok(Ok(format!("added {shown}, encrypted"))),
            Err(ClientError::NotKnown) => Ok(Err(format!(
                "{shown}: this agent takes no encrypted keys; add it without --encrypted"
            ))),
            Err(ClientError::Refused) => Ok(Err(format!("{shown}: the agent refused it"))),
            Err(e) => Err(no_answer(&e)),
        };
    }
    let passphrase = match (encrypted, &args.passphrase_file) {
        (false, _) => None,
        (true, Some(from)) => Some(secret_input::from_file(from)?),
        (true, None) => Some(secret_input::ask(&format!(
            "Passphrase for {}: ",
            sshwhy_report::safe::shown(path.as_os_str().as_bytes())
        ))?),
    };
    let key = match file.unlock(passphrase.as_ref().map(|p| p.as_bytes())) {
        Ok(key) => key,
        Err(UnlockError::WrongPassphrase) => return Ok(Err(format!("{shown}: wrong passphrase"))),
        Err(UnlockError::WrongOrDamaged { .. }) => {
            return Ok(Err(format!(
                "{shown}: wrong passphrase, or the file is damaged; see {look}"
            )));
        }
        Err(_) => {
            return Ok(Err(format!("{shown}: the file is damaged; see {look}")));
        }
    };
    let key = if key.comment().is_empty() {
        key.with_comment(path.as_os_str().as_bytes().to_vec())
    } else {
        key
    };
    let certificate = if args.key_only {
        None
    } else {
        certificate(path)
    };
    let certificate = certificate.filter(|c| c.same_public(key.public()));
    let named = format!("{} ({shown})", key.public().fingerprint());
    let with_cert = certificate.map(|c| key.clone().with_public(c));
    if let Err(e) = client.add(key, constraints.to_vec()) {
        return match e {
            ClientError::Refused => Ok(Err(why_refused(args, &named))),
            e => Err(no_answer(&e)),
        };
    }
    let mut said = format!("added {named}");
    if let Some(key) = with_cert {
        match client.add(key, constraints.to_vec()) {
            Ok(()) => said.push_str(", and its certificate"),
            Err(ClientError::Refused) => said.push_str("; its certificate was refused"),
            Err(e) => return Err(no_answer(&e)),
        }
    }
    Ok(Ok(said))
}

/// The command that says what is wrong with a file.
fn look(path: &Path) -> String {
    let path = sshwhy_causes::template::quote(path.as_os_str().as_bytes());
    match path {
        Some(path) => format!("sshwhy key show -- {}", String::from_utf8_lossy(&path)),
        None => "sshwhy key show".into(),
    }
}

/// An agent says no and gives no reason; which one it is tells some.
fn why_refused(args: &Add, named: &str) -> String {
    let limits = args.lifetime.is_some() || args.confirm || !args.destination.is_empty();
    let found = place(&args.which).map(|p| ask(&p));
    let why = match found.map(|f| (f.kind, f.locked)) {
        Some((_, Some(true))) => "it is locked: sshwhy agent unlock",
        Some((Kind::Gpg, _)) => {
            "gpg-agent asks for a passphrase to keep the key under, and had no terminal or window \
             to ask in, or nobody answered: export GPG_TTY=\"$(tty)\"; gpg-connect-agent \
             updatestartuptty /bye; then add the key again"
        }
        Some((Kind::Pageant, _)) if limits => {
            "Pageant has no lifetimes, confirmations and destinations: add it without -t, -c, -h"
        }
        Some((_, Some(false))) if !limits => {
            "it is not locked, so it does not know this kind of key"
        }
        Some((_, Some(false))) => {
            "it is not locked, so it does not know this kind of key, or not these limits \
             (destinations: ssh-agent from 8.9 on)"
        }
        _ => "it may be locked, or not know this kind of key or constraint",
    };
    format!("the agent refused {named}: {why}")
}

/// The certificate beside a key: `NAME-cert.pub`.
fn certificate(path: &Path) -> Option<PublicKey> {
    let mut name = path.as_os_str().to_owned();
    name.push("-cert.pub");
    let data = std::fs::read(PathBuf::from(name)).ok()?;
    let public = sshwhy_keys::load_public(&data).ok()?;
    public.key.certificate().is_some().then_some(public.key)
}
