//! Whom to ask, as the user's own client would find it.

use crate::local::{Disk, Here, local};
use crate::putty::{Saved, Session};
use sshwhy_config::client::{self, ClientConfig, Jump};

/// Whose habits count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Habits {
    /// OpenSSH's ssh and its ssh_config.
    OpenSsh,
    /// PuTTY, plink and their saved sessions.
    Putty,
}

/// What was asked for on the command line.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// `[USER@]HOST[:PORT]`, or the name of a saved session.
    pub target: Vec<u8>,
    /// `-p`.
    pub port: Option<u16>,
    /// `-l`-like user that wins over the target's.
    pub user: Option<Vec<u8>>,
    /// `-F`: this ssh_config in place of the usual ones.
    pub config: Option<Vec<u8>>,
    /// `-o`, as ssh has them.
    pub options: Vec<Vec<u8>>,
    /// A saved session that has to be there.
    pub session: Option<Vec<u8>>,
}

/// Where the login goes.
#[derive(Clone, Debug)]
pub struct Target {
    /// Whose habits.
    pub habits: Habits,
    /// The account.
    pub user: Vec<u8>,
    /// Whether somebody named it; else it is the local one.
    pub user_named: bool,
    /// The host as it was typed.
    pub typed: Vec<u8>,
    /// The host to connect to.
    pub host: Vec<u8>,
    /// Its port.
    pub port: u16,
    /// Steps of ProxyJump before it.
    pub jumps: Vec<Jump>,
    /// A command that carries the connection, expanded.
    pub proxy: Option<Vec<u8>>,
    /// The name under which the host key is known.
    pub alias: Vec<u8>,
    /// The file and line that gave it its port: HostKeyAlias has none.
    pub alias_has_port: bool,
    /// ssh_config, for OpenSSH.
    pub config: Option<ClientConfig>,
    /// The file named in place of the usual ones: ssh hands it on to its jumps.
    pub config_file: Option<Vec<u8>>,
    /// The saved session, for PuTTY.
    pub session: Option<Session>,
}

/// Why there is no target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoTarget {
    /// What is wrong.
    pub why: String,
    /// What helps.
    pub help: &'static str,
}

/// `[USER@]HOST[:PORT]`, `ssh://…`, `[v6]:port`, or a bare IPv6 address.
#[must_use]
pub fn split(text: &[u8]) -> (Option<Vec<u8>>, Vec<u8>, Option<u16>) {
    let text = text.strip_prefix(b"ssh://").unwrap_or(text);
    let text = text.strip_suffix(b"/").unwrap_or(text);
    let (user, rest) = match text.iter().rposition(|b| *b == b'@') {
        Some(at) => (
            text.get(..at).map(<[u8]>::to_vec),
            text.get(at.saturating_add(1)..).unwrap_or_default(),
        ),
        None => (None, text),
    };
    let number = |t: &[u8]| {
        let port = std::str::from_utf8(t).ok()?.parse::<u16>().ok()?;
        (port != 0).then_some(port)
    };
    if let Some(inner) = rest.strip_prefix(b"[")
        && let Some(end) = inner.iter().position(|b| *b == b']')
    {
        let (host, after) = inner.split_at(end);
        let port = after.strip_prefix(b"]:").and_then(number);
        return (user, host.to_vec(), port);
    }
    let colons = rest.iter().filter(|b| **b == b':').count();
    if colons == 1
        && let Some(at) = rest.iter().position(|b| *b == b':')
        && let Some(port) = rest.get(at.saturating_add(1)..).and_then(number)
    {
        return (
            user,
            rest.get(..at).unwrap_or_default().to_vec(),
            Some(port),
        );
    }
    (user, rest.to_vec(), None)
}

impl Target {
    /// The target as OpenSSH's ssh finds it.
    ///
    /// # Errors
    /// ssh itself would end over its configuration, or no host is named.
    pub fn openssh(asked: &Asked) -> Result<Target, NoTarget> {
        let (user, host, port) = split(&asked.target);
        if host.is_empty() || host.starts_with(b"-") {
            return Err(NoTarget {
                why: "no host is named".into(),
                help: "sshwhy check alice@server.example -i key",
            });
        }
        let question = client::Asked {
            host: host.clone(),
            user: asked.user.clone().or(user),
            port: asked.port.or(port),
            options: asked.options.clone(),
            file: asked.config.clone(),
        };
        let config = ClientConfig::read(&Disk, &Here, &question, &local((10, 2)));
        if config.is_fatal() {
            let problem = config.problems().last();
            return Err(NoTarget {
                why: problem.map_or_else(
                    || "ssh refuses its configuration".to_owned(),
                    |p| format!("ssh refuses its configuration: {p:?}"),
                ),
                help: "ssh -G HOST says what it refuses; mend that line, or pass the file over with -F none",
            });
        }
        let tokens = config.tokens();
        let proxy = config
            .first("proxycommand")
            .filter(|c| !c.eq_ignore_ascii_case(b"none") && !c.is_empty())
            .and_then(|c| tokens.percent(c).ok());
        let alias = config.first("hostkeyalias").map(<[u8]>::to_vec);
        Ok(Target {
            habits: Habits::OpenSsh,
            user: config.user().to_vec(),
            user_named: question.user.is_some() || config.first("user").is_some(),
            typed: host,
            host: config.hostname(),
            port: config.port(),
            jumps: config.jumps(),
            proxy,
            alias_has_port: alias.is_none(),
            alias: alias.unwrap_or_else(|| config.hostname()),
            config: Some(config),
            config_file: asked.config.clone(),
            session: None,
        })
    }

    /// Whether the client tries publickey at all, by ssh_config.
    #[must_use]
    pub fn tries_keys(&self) -> bool {
        self.config.as_ref().is_none_or(|c| {
            let preferred = c.first("preferredauthentications");
            c.flag("pubkeyauthentication", true)
                && preferred.is_none_or(|l| l.split(|b| *b == b',').any(|m| m == b"publickey"))
        })
    }

    /// The target as PuTTY finds it: a saved session of that name, or a host, on Default Settings.
    ///
    /// # Errors
    /// No such session, or no host in it.
    pub fn putty(asked: &Asked, saved: &Saved) -> Result<Target, NoTarget> {
        let (user, host, port) = split(&asked.target);
        let named = match &asked.session {
            Some(name) => Some(saved.session(name).ok_or_else(|| NoTarget {
                why: format!(
                    "PuTTY has no saved session {}",
                    String::from_utf8_lossy(name)
                ),
                help: "its name is the one in PuTTY's list; a registry export is read with --putty-reg FILE",
            })?),
            None => saved.session(&asked.target),
        };
        let is_session = named.is_some();
        let session = named.unwrap_or_else(|| saved.defaults());
        let (session_user, session_host) = match session.get("HostName") {
            Some(name) if is_session => match name.iter().rposition(|b| *b == b'@') {
                Some(at) => (
                    name.get(..at).map(<[u8]>::to_vec),
                    name.get(at.saturating_add(1)..).map(<[u8]>::to_vec),
                ),
                None => (None, Some(name.to_vec())),
            },
            _ => (None, None),
        };
        // With --putty-session the target, where there is one, names the host.
        let typed = if is_session && (asked.session.is_none() || host.is_empty()) {
            session_host.unwrap_or_default()
        } else {
            host
        };
        if typed.is_empty() || typed.starts_with(b"-") {
            return Err(NoTarget {
                why: "no host is named".into(),
                help: "sshwhy check alice@server.example -i key.ppk",
            });
        }
        if let Some(kind) = proxied(&session) {
            return Err(NoTarget {
                why: format!(
                    "PuTTY's session goes through a proxy ({kind}), which check does not speak"
                ),
                help: "name the way in ssh_config (ProxyJump, or ProxyCommand nc -X 5 -x PROXY:PORT %h %p) and add --as openssh",
            });
        }
        let saved_user = session.get("UserName").map(<[u8]>::to_vec);
        let from_target = if is_session && asked.session.is_none() {
            None
        } else {
            user
        };
        let user = asked
            .user
            .clone()
            .or(from_target)
            .or(session_user)
            .or(saved_user);
        Ok(Target {
            habits: Habits::Putty,
            user_named: user.is_some(),
            user: user.unwrap_or_else(|| local((99, 0)).user),
            host: typed.clone(),
            alias: typed.clone(),
            typed,
            port: asked.port.or(port).unwrap_or_else(|| session.port()),
            jumps: Vec::new(),
            proxy: None,
            alias_has_port: true,
            config: None,
            config_file: None,
            session: Some(session),
        })
    }

    /// The name and port under which known_hosts has the host.
    #[must_use]
    pub fn known_as(&self) -> (Vec<u8>, u16) {
        let port = if self.alias_has_port { self.port } else { 22 };
        (self.alias.clone(), port)
    }
}

/// The kind of proxy of a saved session (`ProxyMethod`), where it has one.
fn proxied(session: &Session) -> Option<&'static str> {
    Some(match session.get("ProxyMethod")? {
        b"0" => return None,
        b"1" => "SOCKS 4",
        b"2" => "SOCKS 5",
        b"3" => "HTTP",
        b"4" => "Telnet",
        b"5" => "a local command",
        b"6" | b"7" | b"8" => "another SSH server",
        _ => "of a kind unknown here",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_cut_at_user_and_port() {
        let of = |t: &str| {
            let (u, h, p) = split(t.as_bytes());
            (
                u.map(|u| String::from_utf8(u).unwrap()),
                String::from_utf8(h).unwrap(),
                p,
            )
        };
        let user = |u: &str| Some(u.to_owned());
        assert_eq!(of("web"), (None, "web".into(), None));
        assert_eq!(
            of("alice@web:2222"),
            (user("alice"), "web".into(), Some(2222))
        );
        assert_eq!(of("a@b@web"), (user("a@b"), "web".into(), None));
        assert_eq!(
            of("alice@[::1]:22"),
            (user("alice"), "::1".into(), Some(22))
        );
        assert_eq!(of("2001:db8::1"), (None, "2001:db8::1".into(), None));
        assert_eq!(
            of("ssh://alice@web:22/"),
            (user("alice"), "web".into(), Some(22))
        );
        assert_eq!(of("web:"), (None, "web:".into(), None));
    }

    #[test]
    fn a_saved_session_names_host_user_and_port() {
        let saved = crate::putty::from_reg(
            b"REGEDIT4\n[HKCU\\Software\\SimonTatham\\PuTTY\\Sessions\\web]\n\
              \"HostName\"=\"web.example\"\n\"UserName\"=\"alice\"\n\"PortNumber\"=dword:00000016\n",
        )
        .unwrap();
        let asked = Asked {
            target: b"web".to_vec(),
            ..Asked::default()
        };
        let target = Target::putty(&asked, &saved).unwrap();
        assert_eq!(
            (target.user.as_slice(), target.host.as_slice()),
            (&b"alice"[..], &b"web.example"[..])
        );
        let none = Asked {
            session: Some(b"other".to_vec()),
            ..asked
        };
        assert!(
            Target::putty(&none, &saved)
                .unwrap_err()
                .why
                .contains("other")
        );
    }
}
