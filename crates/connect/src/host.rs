//! The host key: compared with what is known, asked about where nobody knows it.

use crate::ask::{Ask, Notice, Stranger};
use hmac::{Hmac, KeyInit, Mac};
use russh::client::{self, ChannelOpenHandle, DisconnectReason, Msg, Session};
use russh::keys::PublicKeyOrCertificate;
use russh::{Channel, ChannelId};
use sha1::Sha1;
use sshwhy_check::hosts::{self, Standing};
use sshwhy_check::local;
use sshwhy_check::probe::{Known, stand};
use sshwhy_check::target::{Habits, Target};
use sshwhy_keys::{CertType, PublicKey, base64};
use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

/// Why a host key was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// How it stands.
    pub standing: Standing,
    /// Its fingerprint, `SHA256:…`.
    pub fingerprint: String,
    /// Its type, as OpenSSH prints it: `ED25519`.
    pub kind: &'static str,
}

/// What a connection's own task has seen.
#[derive(Default)]
pub(crate) struct Seen {
    refused: Mutex<Option<Refused>>,
    disconnect: Mutex<Option<String>>,
    /// A person is thinking: no time limit counts.
    pub(crate) asking: AtomicBool,
}

impl Seen {
    pub(crate) fn refused(&self) -> Option<Refused> {
        let kept = self.refused.lock();
        kept.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The server's words as it ended the connection.
    pub(crate) fn disconnect(&self) -> Option<String> {
        let kept = self.disconnect.lock();
        kept.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// StrictHostKeyChecking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Strict {
    Yes,
    Ask,
    /// `accept-new`, and `no`: a changed key is never taken here.
    AcceptNew,
}

impl Strict {
    fn of(target: &Target) -> Strict {
        let config = target.config.as_ref();
        match config.and_then(|c| c.first("stricthostkeychecking")) {
            Some(v) if v.eq_ignore_ascii_case(b"yes") || v.eq_ignore_ascii_case(b"true") => {
                Strict::Yes
            }
            Some(v) if v.eq_ignore_ascii_case(b"ask") => Strict::Ask,
            Some(_) => Strict::AcceptNew,
            None => Strict::Ask,
        }
    }
}

/// What russh asks while a connection lives.
pub(crate) struct Host {
    pub(crate) target: Target,
    pub(crate) known: Known,
    pub(crate) ask: Arc<dyn Ask>,
    pub(crate) seen: Arc<Seen>,
    /// The agent's socket, where it is forwarded.
    pub(crate) agent: Option<PathBuf>,
}

impl Host {
    /// How a key stands under the name it goes by, and, on another port than 22, under the bare
    /// name, as ssh looks.
    fn standing(&self, blob: &[u8]) -> Standing {
        let found = stand(&self.target, &self.known, blob);
        let (name, port) = self.target.known_as();
        if found == Standing::Unknown && port != 22 && self.target.habits == Habits::OpenSsh {
            let bare = hosts::standing(&self.known.files, &name, 22, blob);
            if matches!(bare, Standing::Known { .. } | Standing::Revoked { .. }) {
                return bare;
            }
        }
        found
    }

    /// The blob that is to be compared: a certificate that does not hold is its plain key.
    fn shown(&self, key: &PublicKeyOrCertificate) -> Option<Vec<u8>> {
        match key {
            PublicKeyOrCertificate::PublicKey { key, .. } => key.to_bytes().ok(),
            PublicKeyOrCertificate::Certificate(certificate) => {
                let blob = certificate.to_bytes().ok()?;
                let key = PublicKey::from_blob(&blob).ok()?;
                let (name, _) = self.target.known_as();
                if certificate_holds(&key, &name) {
                    Some(blob)
                } else {
                    Some(key.to_plain().blob().to_vec())
                }
            }
        }
    }

    fn decide(&self, blob: &[u8]) -> bool {
        let standing = self.standing(blob);
        let key = PublicKey::from_blob(blob).ok();
        let plain = key.as_ref().map(PublicKey::to_plain);
        let fingerprint = plain.as_ref().map_or_else(
            || sshwhy_keys::fingerprint::sha256(blob),
            PublicKey::fingerprint,
        );
        let kind = plain.as_ref().map_or("key", |k| k.key_type().short_name());
        let trusted = match &standing {
            Standing::Known { .. } => return true,
            Standing::Changed { .. } | Standing::Revoked { .. } => false,
            Standing::Unknown | Standing::OtherTypes { .. } => {
                let strict = Strict::of(&self.target);
                let file = hosts::user_files(&self.target).into_iter().next();
                let stranger = Stranger {
                    host: self.name(),
                    kind,
                    fingerprint: fingerprint.clone(),
                    other_types: match &standing {
                        Standing::OtherTypes { at } => Some(at.clone()),
                        _ => None,
                    },
                    file: file.clone(),
                };
                let yes = match strict {
                    Strict::Yes => false,
                    Strict::AcceptNew => true,
                    Strict::Ask => {
                        self.seen.asking.store(true, Ordering::Relaxed);
                        let yes = self.ask.trust(&stranger);
                        self.seen.asking.store(false, Ordering::Relaxed);
                        yes
                    }
                };
                if yes && let (Some(file), Some(plain)) = (file, &plain) {
                    self.write(&file, plain);
                }
                yes
            }
        };
        if !trusted {
            let refused = Refused {
                standing,
                fingerprint,
                kind,
            };
            let mut kept = self.seen.refused.lock();
            let kept = kept.as_deref_mut();
            if let Ok(kept) = kept {
                *kept = Some(refused);
            }
        }
        trusted
    }

    /// The name under which known_hosts has it.
    fn name(&self) -> Vec<u8> {
        let (name, port) = self.target.known_as();
        hosts::name(&name, port)
    }

    fn write(&self, file: &[u8], key: &PublicKey) {
        let hash = self
            .target
            .config
            .as_ref()
            .is_some_and(|c| c.flag("hashknownhosts", false));
        let name = if hash {
            hashed(&self.name())
        } else {
            Some(self.name())
        };
        let done = match name {
            Some(name) => append(file, &line(&name, key)),
            None => Err(io::Error::other("no randomness")),
        };
        self.ask.tell(&match done {
            Ok(()) => Notice::HostKeyWritten(file.to_vec()),
            Err(e) => Notice::HostKeyNotWritten(file.to_vec(), e.to_string()),
        });
    }
}

/// `sshkey_cert_check_host`: a host's, valid now, for this name, without options that are not known.
/// That its authority is trusted is known_hosts' matter.
fn certificate_holds(key: &PublicKey, name: &[u8]) -> bool {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |d| d.as_secs());
    let name = name.to_ascii_lowercase();
    key.certificate().is_some_and(|c| {
        c.cert_type == CertType::Host
            && c.valid_after <= now
            && now < c.valid_before
            && c.critical_options.is_empty()
            && c.principals
                .iter()
                .any(|p| sshwhy_config::glob_match(p, &name))
            && c.verify_signature().is_ok()
    })
}

/// `host_hash`: `|1|salt|hash`.
fn hashed(name: &[u8]) -> Option<Vec<u8>> {
    let mut salt = [0u8; 20];
    getrandom::fill(&mut salt).ok()?;
    let mut mac = Hmac::<Sha1>::new_from_slice(&salt).ok()?;
    mac.update(name);
    let hash = mac.finalize().into_bytes();
    Some(
        format!(
            "|1|{}|{}",
            base64::encode(&salt),
            base64::encode(hash.as_slice())
        )
        .into_bytes(),
    )
}

fn line(name: &[u8], key: &PublicKey) -> Vec<u8> {
    [
        name,
        b" ",
        key.key_type().name(),
        b" ",
        base64::encode(key.blob()).as_bytes(),
        b"\n",
    ]
    .concat()
}

/// Puts a line behind a file's last one, which may lack its end.
fn append(file: &[u8], line: &[u8]) -> io::Result<()> {
    let path = local::path(file);
    if let Some(dir) = path.parent()
        && !dir.exists()
    {
        DirBuilder::new().mode(0o700).create(dir)?;
    }
    let mut file = OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)?;
    let mut whole = line.to_vec();
    if file.seek(SeekFrom::End(0))? > 0 {
        file.seek(SeekFrom::End(-1))?;
        let mut last = [0u8; 1];
        file.read_exact(&mut last)?;
        if last != *b"\n" {
            whole.insert(0, b'\n');
        }
    }
    file.write_all(&whole)
}

impl client::Handler for Host {
    type Error = russh::Error;

    async fn auth_banner(&mut self, banner: &str, _: &mut Session) -> Result<(), Self::Error> {
        self.ask.tell(&Notice::Banner(banner.as_bytes().to_vec()));
        Ok(())
    }

    async fn check_server_key(
        &mut self,
        key: &PublicKeyOrCertificate,
    ) -> Result<bool, Self::Error> {
        let Some(blob) = self.shown(key) else {
            return Ok(false);
        };
        // A question may stand on the terminal meanwhile.
        Ok(tokio::task::block_in_place(|| self.decide(&blob)))
    }

    async fn disconnected(
        &mut self,
        reason: DisconnectReason<Self::Error>,
    ) -> Result<(), Self::Error> {
        match reason {
            DisconnectReason::ReceivedDisconnect(info) => {
                if let Ok(mut kept) = self.seen.disconnect.lock() {
                    *kept = Some(info.message);
                }
                Ok(())
            }
            DisconnectReason::Error(e) => Err(e),
        }
    }

    async fn server_channel_open_agent_forward(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), Self::Error> {
        let Some(path) = self.agent.clone() else {
            return Ok(());
        };
        // Dropping `reply` refuses.
        let Ok(agent) = UnixStream::connect(path) else {
            return Ok(());
        };
        agent.set_nonblocking(true)?;
        let mut agent = tokio::net::UnixStream::from_std(agent)?;
        reply.accept().await;
        tokio::spawn(async move {
            let mut stream = channel.into_stream();
            // Whichever side ends it, the channel goes with it.
            let _ = tokio::io::copy_bidirectional(&mut stream, &mut agent).await;
        });
        Ok(())
    }

    // What follows is asked for by no client of ours: dropping the handle refuses it.

    async fn server_channel_open_forwarded_tcpip(
        &mut self,
        _: Channel<Msg>,
        _: &str,
        _: u32,
        _: &str,
        _: u32,
        _: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), Self::Error> {
        Ok(())
    }

    async fn server_channel_open_forwarded_streamlocal(
        &mut self,
        _: Channel<Msg>,
        _: &str,
        _: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), Self::Error> {
        Ok(())
    }

    async fn server_channel_open_session(
        &mut self,
        _: Channel<Msg>,
        _: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), Self::Error> {
        Ok(())
    }

    async fn server_channel_open_direct_tcpip(
        &mut self,
        _: Channel<Msg>,
        _: &str,
        _: u32,
        _: &str,
        _: u32,
        _: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), Self::Error> {
        Ok(())
    }

    async fn server_channel_open_direct_streamlocal(
        &mut self,
        _: Channel<Msg>,
        _: &str,
        _: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), Self::Error> {
        Ok(())
    }

    async fn server_channel_open_x11(
        &mut self,
        _: Channel<Msg>,
        _: &str,
        _: u32,
        _: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), Self::Error> {
        Ok(())
    }

    async fn should_accept_unknown_server_channel(&mut self, _: ChannelId, _: &str) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_put_behind_the_last_one_and_found_again() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("new/known_hosts");
        let name = file.to_str().unwrap().as_bytes();
        let blob =
            base64::decode(b"AAAAC3NzaC1lZDI1NTE5AAAAIJa+Lb9z8kDqXIqP2eFvRzgz53sQsBgJrlfS8IDVB0Fp")
                .unwrap();
        let key = PublicKey::from_blob(&blob).unwrap();
        append(name, b"# no end of line").unwrap();
        let hidden = hashed(&hosts::name(b"Web.Example", 2222)).unwrap();
        append(name, &line(&hidden, &key)).unwrap();
        let files = [(name.to_vec(), std::fs::read(&file).unwrap())];
        let at = hosts::standing(&files, b"web.example", 2222, &blob);
        assert_eq!(
            at,
            Standing::Known {
                at: (name.to_vec(), 2)
            }
        );
        let other = hosts::standing(&files, b"web.example", 22, &blob);
        assert_eq!(other, Standing::Unknown);
    }
}
