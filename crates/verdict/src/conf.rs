//! The configuration as it stands for one attempt, with what a mended world changes in it.

use crate::server::Server;
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::rc::Rc;
use alloc::string::ToString;
use alloc::vec::Vec;
pub(crate) use sshwhy_config::Kw;
use sshwhy_config::pattern::AddrText;
use sshwhy_config::{
    Connection, Effective, Fact as Looked, Host, Origin, PermitRootLogin, Setting, Tri, Value,
};
use sshwhy_world::{Attempt, Fact, Gap, Software, World};

/// PermitRootLogin, in the engine's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PermitRoot {
    Yes,
    WithoutPassword,
    ForcedCommandsOnly,
    No,
}

/// PubkeyAuthOptions, in the engine's words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct AuthOptions {
    /// `touch-required`
    pub(crate) touch: bool,
    /// `verify-required`
    pub(crate) verify: bool,
}

/// A value and where it was said.
#[derive(Clone, Debug)]
pub(crate) struct Said<T> {
    pub(crate) value: T,
    /// The keyword as the manual writes it.
    pub(crate) keyword: &'static str,
    /// The arguments as written, or the default in words.
    pub(crate) raw: Vec<u8>,
    /// `/etc/ssh/sshd_config:12`, `the default of OpenSSH 9.2p1 (debian)`.
    pub(crate) origin: Vec<u8>,
    pub(crate) file: Option<Vec<u8>>,
    pub(crate) line: Option<u64>,
    pub(crate) column: u64,
    pub(crate) end_column: u64,
    /// The whole line.
    pub(crate) text: Option<Vec<u8>>,
    /// The Match line it stands under.
    pub(crate) match_line: Option<Vec<u8>>,
}

/// What sshd takes for the client's name.
enum HostName {
    /// The address.
    Address,
    Name(Vec<u8>),
    Unknown,
}

pub(crate) struct Conf<'a> {
    server: &'a Server,
    world: &'a dyn World,
    effective: Effective<'a>,
    host: HostName,
}

impl<'a> Conf<'a> {
    pub(crate) fn new(
        server: &'a Server,
        world: &'a dyn World,
        attempt: &'a Attempt,
        user: &[u8],
    ) -> Self {
        let use_dns = server.config.global().flag(Kw::UseDNS).value;
        let host = if !use_dns {
            HostName::Address
        } else if let Some(name) = &attempt.from.host {
            HostName::Name(name.clone())
        } else {
            match world.reverse(attempt.from.addr) {
                Fact::Known(Some(name)) => HostName::Name(name),
                Fact::Known(None) => HostName::Address,
                Fact::Unknown(_) => HostName::Unknown,
            }
        };
        let account = if server.config.blocks().is_empty() {
            Fact::Known(None)
        } else {
            world.account(user)
        };
        let mut names: Vec<Vec<u8>> = Vec::new();
        let mut groups_known = true;
        if server.matches_groups {
            match account.clone().map(|a| a.map(|a| world.groups_of(&a))) {
                Fact::Known(Some(Fact::Known(gids))) => {
                    for gid in gids {
                        match world.group(gid) {
                            Fact::Known(Some(g)) => names.push(g.name),
                            Fact::Known(None) => {}
                            Fact::Unknown(_) => groups_known = false,
                        }
                    }
                }
                Fact::Known(None) => {}
                _ => groups_known = false,
            }
        }
        let connection = Connection {
            user,
            user_invalid: match &account {
                Fact::Known(Some(_)) => Tri::False,
                Fact::Known(None) => Tri::True,
                Fact::Unknown(_) => Tri::Unknown,
            },
            groups: if groups_known {
                Looked::Known(&names)
            } else {
                Looked::Unknown
            },
            host: match &host {
                HostName::Address => Host::Address,
                HostName::Name(name) => Host::Name(name),
                HostName::Unknown => Host::Unknown,
            },
            addr: attempt.from.addr,
            laddr: Looked::Known(attempt.to.addr),
            lport: Looked::Known(attempt.to.port),
            rdomain: Looked::Known(b""),
        };
        let effective = server.config.evaluate(&connection);
        Conf {
            server,
            world,
            effective,
            host,
        }
    }

    /// The name that patterns are compared with. `None`: it hangs on a look-up nobody made.
    pub(crate) fn host_name(&self, addr: &AddrText) -> Option<Vec<u8>> {
        match &self.host {
            HostName::Address => Some(addr.text().to_vec()),
            HostName::Name(name) => Some(name.clone()),
            HostName::Unknown => None,
        }
    }

    /// The gap that an unknown name leaves.
    pub(crate) fn host_gap(&self) -> Gap {
        Gap::not_looked(
            "the name of the client's address",
            "UseDNS is on, and nobody asked the resolver",
            "give the name with --from ADDRESS,NAME",
        )
    }

    fn overridden(&self, kw: Kw) -> Option<&'a [u8]> {
        self.world
            .config_overrides()
            .iter()
            .find(|(k, _)| k.eq_ignore_ascii_case(kw.name().as_bytes()))
            .map(|(_, v)| v.as_slice())
    }

    fn known<T>(setting: Setting<'a, T>) -> Result<Setting<'a, T>, Gap> {
        match setting.undetermined_by.first() {
            None => Ok(setting),
            Some(place) => Err(Gap::not_looked(
                format!(
                    "whether `Match` at {}:{} holds",
                    place.file.escape_ascii(),
                    place.line
                ),
                "it hangs on a fact that was not looked up",
                "give the client's name with --from ADDRESS,NAME",
            )),
        }
    }

    fn said<T, U>(&self, kw: Kw, setting: &Setting<'a, T>, value: U, default: Vec<u8>) -> Said<U> {
        let mut said = Said {
            value,
            keyword: kw.name(),
            raw: default,
            origin: Vec::new(),
            file: None,
            line: None,
            column: 1,
            end_column: 1,
            text: None,
            match_line: None,
        };
        if let Some(value) = self.overridden(kw) {
            said.raw = value.to_vec();
            said.origin = b"as mended".to_vec();
            return said;
        }
        if self.world.build().software == Software::Dropbear {
            said.origin = b"as Dropbear is built".to_vec();
            return said;
        }
        match &setting.origin {
            Origin::Default { .. } => {
                said.origin.clone_from(&self.server.default_origin);
            }
            Origin::CommandLine { raw, .. } => {
                said.raw = raw.to_vec();
                said.origin = b"sshd's command line".to_vec();
            }
            Origin::File {
                place,
                match_block,
                raw,
                ..
            } => {
                said.raw = raw.to_vec();
                let mut origin = place.file.to_vec();
                origin.extend_from_slice(format!(":{}", place.line).as_bytes());
                said.origin = origin;
                said.file = Some(place.file.to_vec());
                said.line = Some(u64::from(place.line));
                said.column = u64::from(place.column.max(1));
                said.end_column = u64::from(place.end_column.max(place.column.max(1)));
                said.text = self
                    .server
                    .config_line(&place.file, place.line)
                    .map(<[u8]>::to_vec);
                said.match_line = match_block.map(|m| {
                    let mut line = b"Match ".to_vec();
                    line.extend_from_slice(m.text);
                    line
                });
            }
        }
        said
    }

    /// A yes/no keyword's value alone.
    pub(crate) fn is(&self, kw: Kw) -> Result<bool, Gap> {
        if let Some(value) = self.overridden(kw) {
            return Ok(!value.eq_ignore_ascii_case(b"no"));
        }
        Ok(Self::known(self.effective.flag(kw))?.value)
    }

    /// A yes/no keyword.
    pub(crate) fn flag(&self, kw: Kw) -> Result<Said<bool>, Gap> {
        let setting = Self::known(self.effective.flag(kw))?;
        let value = self.is(kw)?;
        let default = if setting.value {
            b"yes".to_vec()
        } else {
            b"no".to_vec()
        };
        Ok(self.said(kw, &setting, value, default))
    }

    /// A keyword of one string; `None` where it is not set, or `none`.
    pub(crate) fn text(&self, kw: Kw) -> Result<Said<Option<Vec<u8>>>, Gap> {
        let setting = Self::known(self.effective.text(kw))?;
        let value = match self.overridden(kw) {
            Some(v) if v.eq_ignore_ascii_case(b"none") => None,
            Some(v) => Some(v.to_vec()),
            None => setting.value.map(ToOwned::to_owned),
        };
        let default = setting
            .value
            .map_or_else(|| b"none".to_vec(), <[u8]>::to_vec);
        Ok(self.said(kw, &setting, value, default))
    }

    /// A keyword of several words.
    pub(crate) fn words(&self, kw: Kw) -> Result<Said<Vec<Vec<u8>>>, Gap> {
        if self.nobody_sets(kw) && self.server.config.dialect().default_text(kw).is_none() {
            return Ok(self.unset(kw));
        }
        let setting = Self::known(self.effective.words(kw))?;
        let value: Vec<Vec<u8>> = match self.overridden(kw) {
            Some(v) => v
                .split(|&b| b == b' ')
                .filter(|w| !w.is_empty() && !matches!(*w, b"none" | b"any"))
                .map(ToOwned::to_owned)
                .collect(),
            None => setting.value.iter().map(|w| w.to_vec()).collect(),
        };
        let default = if setting.value.is_empty() {
            b"none".to_vec()
        } else {
            setting.value.join(&b" "[..])
        };
        let mut said = self.said(kw, &setting, value, default);
        if !setting.more.is_empty() {
            said.raw = setting.value.join(&b" "[..]);
        }
        Ok(said)
    }

    /// No line, no option and no mend sets a keyword, wherever a Match block may stand.
    fn nobody_sets(&self, kw: Kw) -> bool {
        !self.server.keywords.contains(&kw) && self.world.config_overrides().is_empty()
    }

    /// The empty value of a keyword that nobody sets.
    fn unset(&self, kw: Kw) -> Said<Vec<Vec<u8>>> {
        Said {
            value: Vec::new(),
            keyword: kw.name(),
            raw: b"none".to_vec(),
            origin: self.server.default_origin.clone(),
            file: None,
            line: None,
            column: 1,
            end_column: 1,
            text: None,
            match_line: None,
        }
    }

    /// PubkeyAuthOptions.
    pub(crate) fn auth_options(&self) -> Result<Said<AuthOptions>, Gap> {
        let kw = Kw::PubkeyAuthOptions;
        let setting = Self::known(self.effective.value(kw))?;
        let value = match setting.value {
            Some(&Value::AuthOptions { touch, verify }) => AuthOptions { touch, verify },
            _ => AuthOptions::default(),
        };
        Ok(self.said(kw, &setting, value, b"none".to_vec()))
    }

    /// An algorithm list, resolved, its names joined by commas. Where nobody sets it, it is made
    /// once for the server.
    pub(crate) fn joined_algorithms(&self, kw: Kw) -> Result<Rc<[u8]>, Gap> {
        if !self.nobody_sets(kw) {
            return Ok(Rc::from(self.algorithms(kw)?.value.join(&b","[..])));
        }
        if let Some(joined) = self.server.lists.borrow().get(&kw) {
            return Ok(Rc::clone(joined));
        }
        let joined: Rc<[u8]> = Rc::from(self.algorithms(kw)?.value.join(&b","[..]));
        self.server
            .lists
            .borrow_mut()
            .insert(kw, Rc::clone(&joined));
        Ok(joined)
    }

    /// An algorithm list, resolved.
    pub(crate) fn algorithms(&self, kw: Kw) -> Result<Said<Vec<Vec<u8>>>, Gap> {
        let setting = Self::known(self.effective.algorithms(kw))?;
        let mut value: Vec<Vec<u8>> = setting
            .value
            .iter()
            .map(|a| a.as_bytes().to_vec())
            .collect();
        if let Some(more) = self.overridden(kw) {
            value.push(more.strip_prefix(b"+").unwrap_or(more).to_vec());
        }
        let default = setting.value.join(",").into_bytes();
        Ok(self.said(kw, &setting, value, default))
    }

    /// A number.
    pub(crate) fn number(&self, kw: Kw) -> Result<Said<i64>, Gap> {
        let setting = Self::known(self.effective.int(kw))?;
        let value = match self.overridden(kw).map(core::str::from_utf8) {
            Some(Ok(text)) => text.parse().unwrap_or(setting.value),
            _ => setting.value,
        };
        let default = setting.value.to_string().into_bytes();
        Ok(self.said(kw, &setting, value, default))
    }

    /// PermitRootLogin.
    pub(crate) fn permit_root(&self) -> Result<Said<PermitRoot>, Gap> {
        let kw = Kw::PermitRootLogin;
        let setting = Self::known(self.effective.permit_root_login())?;
        let (value, word) = match setting.value {
            PermitRootLogin::Yes => (PermitRoot::Yes, "yes"),
            PermitRootLogin::No => (PermitRoot::No, "no"),
            PermitRootLogin::ProhibitPassword => (PermitRoot::WithoutPassword, "prohibit-password"),
            PermitRootLogin::ForcedCommandsOnly => {
                (PermitRoot::ForcedCommandsOnly, "forced-commands-only")
            }
        };
        let value = if self.overridden(kw).is_some() {
            PermitRoot::WithoutPassword
        } else {
            value
        };
        Ok(self.said(kw, &setting, value, word.as_bytes().to_vec()))
    }

    /// The server it belongs to.
    pub(crate) fn effective(&self) -> &Effective<'a> {
        &self.effective
    }
}
