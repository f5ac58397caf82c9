//! Another name that a refused key could be for: the one that the user's own files point to.
//!
//! The server is asked whether it would take the key for that name, and nothing is signed. It costs a
//! connection, since a name stays for the whole of one; one name is asked about and no more.

use crate::identity::{Identity, Secret};
use crate::local::{Disk, Here, local};
use crate::probe::{Limits, Question, Report};
use crate::putty::Saved;
use crate::target::{Asked, Habits, Target};
use sshwhy_config::client::{self, ClientConfig};
use sshwhy_rank::Place;

/// Longest name that is asked about, in bytes: `useradd` makes none longer.
const LONGEST: usize = 32;

/// A name, and what points to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherName {
    /// The name.
    pub user: Vec<u8>,
    /// What points to it.
    pub from: Hint,
}

/// What points to another name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    /// `User` in ssh_config, for this host.
    Config,
    /// A saved session of PuTTY's with this host.
    Session,
    /// The key's comment is `name@…`.
    Comment,
    /// The server's system: its images come with this account.
    Image,
}

impl Hint {
    /// In words, after a name.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Hint::Config => "ssh_config has it for this host",
            Hint::Session => "a saved session of PuTTY's has it for this host",
            Hint::Comment => "the key's comment begins so",
            Hint::Image => "images of the server's system have it",
        }
    }
}

/// The name that the user's settings have for this host, where another one was typed.
#[must_use]
pub fn configured(asked: &Asked, saved: &Saved, target: &Target) -> Option<OtherName> {
    let (user, from) = match target.habits {
        Habits::OpenSsh => {
            let question = client::Asked {
                host: target.typed.clone(),
                user: None,
                port: asked.port,
                options: asked.options.clone(),
                file: asked.config.clone(),
            };
            let config = ClientConfig::read(&Disk, &Here, &question, &local((10, 2)));
            (config.first("user")?.to_vec(), Hint::Config)
        }
        Habits::Putty => {
            let user = saved.sessions.iter().find_map(|s| {
                let host = s.get("HostName")?;
                let at = host.iter().rposition(|b| *b == b'@');
                let (user, host) = match at.and_then(|at| host.split_at_checked(at)) {
                    Some((user, host)) => (Some(user), host.get(1..).unwrap_or_default()),
                    None => (s.get("UserName"), host),
                };
                let user = user.filter(|u| !u.is_empty() && *u != target.user)?;
                (host.eq_ignore_ascii_case(&target.host) && s.port() == target.port)
                    .then(|| user.to_vec())
            })?;
            (user, Hint::Session)
        }
    };
    fits(user, from, target)
}

/// The name to ask about, where `configured` is none: by the key's comment, and where the account is
/// root or nobody named one, by the server's system.
#[must_use]
pub fn likely(
    configured: Option<OtherName>,
    target: &Target,
    identity: &Identity,
    report: &Report,
) -> Option<OtherName> {
    configured
        .or_else(|| {
            let at = identity.comment.iter().position(|b| *b == b'@')?;
            let user = identity.comment.get(..at)?;
            // Root made many a key, and is seldom the account that it is for.
            let plain = user != b"root";
            fits(user.to_vec(), Hint::Comment, target).filter(|_| plain)
        })
        .or_else(|| {
            let usual = target.user == b"root" || !target.user_named;
            let user = image(report.wire.identification()?)?;
            fits(user.to_vec(), Hint::Image, target).filter(|_| usual)
        })
}

/// The account that the cloud images of a system come with.
fn image(identification: &[u8]) -> Option<&'static [u8]> {
    let says = |word: &[u8]| identification.windows(word.len()).any(|w| w == word);
    [
        (&b"Ubuntu"[..], &b"ubuntu"[..]),
        (b"Raspbian", b"pi"),
        (b"Debian", b"debian"),
        (b"FreeBSD", b"ec2-user"),
    ]
    .into_iter()
    .find(|(word, _)| says(word))
    .map(|(_, user)| user)
}

/// What can be a name, and is not the one that was refused.
fn fits(user: Vec<u8>, from: Hint, target: &Target) -> Option<OtherName> {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    let name = !user.is_empty()
        && user.len() <= LONGEST
        && user.iter().all(plain)
        && !user.starts_with(b"-");
    (name && user != target.user).then_some(OtherName { user, from })
}

/// Whether the server would take a key for another name; `None`: it did not come to an answer. One
/// connection, which `ask` makes ([`crate::probe::probe`]), and no signature.
#[must_use]
pub fn would_take(
    target: &Target,
    name: &OtherName,
    identity: &Identity,
    question: &Question<'_>,
    ask: &mut dyn FnMut(&Target, &Question<'_>) -> Report,
) -> (Option<bool>, Report) {
    let target = Target {
        user: name.user.clone(),
        user_named: true,
        ..target.clone()
    };
    let bare = [Identity {
        from: identity.from.clone(),
        blob: identity.blob.clone(),
        public: identity.public.clone(),
        comment: Vec::new(),
        secret: Secret::Missing,
        troubles: Vec::new(),
        age_days: None,
        format: identity.format.clone(),
    }];
    let question = Question {
        identities: &bare,
        order: &[0],
        others: &[],
        known: question.known,
        // Where nothing but a name is needed, no shell of that account is opened.
        limits: Limits {
            session: false,
            ..question.limits
        },
        passphrase: &|_| None,
    };
    let report = ask(&target, &question);
    let said = match report.place(Some(0)) {
        Place::Unsigned => Some(true),
        Place::Query => Some(false),
        _ => None,
    };
    (said, report)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::From;

    fn target(user: &[u8], named: bool) -> Target {
        let asked = Asked {
            target: b"server.example".to_vec(),
            user: named.then(|| user.to_vec()),
            config: Some(b"none".to_vec()),
            ..Asked::default()
        };
        let mut target = Target::openssh(&asked).unwrap();
        target.user = user.to_vec();
        target
    }

    fn key(comment: &[u8]) -> Identity {
        Identity {
            from: From::File {
                path: "/k".into(),
                named: true,
            },
            blob: vec![1],
            public: None,
            comment: comment.to_vec(),
            secret: Secret::Missing,
            troubles: Vec::new(),
            age_days: None,
            format: None,
        }
    }

    #[test]
    fn a_comment_points_to_a_name_but_not_to_root_the_same_or_nonsense() {
        let of = |comment: &[u8]| {
            likely(
                None,
                &target(b"bob", true),
                &key(comment),
                &Report::default(),
            )
            .map(|n| n.user)
        };
        assert_eq!(of(b"alice@laptop").as_deref(), Some(&b"alice"[..]));
        assert_eq!(of(b"bob@laptop"), None);
        assert_eq!(of(b"root@laptop"), None);
        assert_eq!(of(b"alice"), None);
        assert_eq!(of(b"a b@laptop"), None);
        assert_eq!(of(b"-oProxyCommand=x@laptop"), None);
        assert_eq!(of(&[&[b'a'; 40][..], b"@laptop"].concat()), None);
    }

    #[test]
    fn a_saved_session_points_to_its_user() {
        let session = |host: &[u8], user: &[u8]| crate::putty::Session {
            name: host.to_vec(),
            values: [
                (b"HostName".to_vec(), host.to_vec()),
                (b"UserName".to_vec(), user.to_vec()),
            ]
            .into(),
        };
        let saved = Saved {
            sessions: vec![
                session(b"other.example", b"carol"),
                session(b"Server.example", b"alice"),
            ],
            ..Saved::default()
        };
        let mut target = target(b"bob", true);
        target.habits = Habits::Putty;
        let found = configured(&Asked::default(), &saved, &target).unwrap();
        assert_eq!(found.user, b"alice");
        assert_eq!(found.from, Hint::Session);
        target.user = b"alice".to_vec();
        assert_eq!(configured(&Asked::default(), &saved, &target), None);
    }

    #[test]
    fn images_are_known_by_their_system() {
        assert_eq!(
            image(b"SSH-2.0-OpenSSH_9.6p1 Ubuntu-3"),
            Some(&b"ubuntu"[..])
        );
        assert_eq!(image(b"SSH-2.0-OpenSSH_10.0"), None);
    }
}
