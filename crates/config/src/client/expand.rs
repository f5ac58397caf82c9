//! Percent tokens, tildes and environment variables in the values of ssh_config.

use super::{ClientConfig, ClientFacts};
use alloc::string::ToString;
use alloc::vec::Vec;

/// The values behind the percent tokens of ssh_config(5), TOKENS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tokens {
    /// `%h`: the host connected to.
    pub host: Vec<u8>,
    /// `%n`: the host as typed.
    pub original: Vec<u8>,
    /// `%k`: HostKeyAlias, or the host as typed.
    pub alias: Vec<u8>,
    /// `%p`
    pub port: u16,
    /// `%r`: the remote user.
    pub user: Vec<u8>,
    /// `%u`: the local user.
    pub local_user: Vec<u8>,
    /// `%i`: the local user's number.
    pub uid: u32,
    /// `%d`: the local user's home.
    pub home: Vec<u8>,
    /// `%l`: this machine's name.
    pub hostname: Vec<u8>,
    /// `%j`: ProxyJump, or nothing.
    pub jump: Vec<u8>,
}

/// Why a value cannot be expanded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExpandError {
    /// ssh does not know this token here, and ends; or it is not computed here (`%C`).
    Token(u8),
    /// `${NAME}` is not set: ssh ends.
    Variable(Vec<u8>),
    /// `${` without its `}`.
    Unclosed,
    /// No such account behind the `~`.
    Account(Vec<u8>),
}

impl Tokens {
    fn push(&self, token: u8, out: &mut Vec<u8>) -> Result<(), ExpandError> {
        match token {
            b'%' => out.push(b'%'),
            b'h' => out.extend_from_slice(&self.host),
            b'n' => out.extend_from_slice(&self.original),
            b'k' => out.extend_from_slice(&self.alias),
            b'p' => out.extend_from_slice(self.port.to_string().as_bytes()),
            b'r' => out.extend_from_slice(&self.user),
            b'u' => out.extend_from_slice(&self.local_user),
            b'i' => out.extend_from_slice(self.uid.to_string().as_bytes()),
            b'd' => out.extend_from_slice(&self.home),
            b'j' => out.extend_from_slice(&self.jump),
            b'l' => out.extend_from_slice(&self.hostname),
            b'L' => out.extend(self.hostname.iter().take_while(|b| **b != b'.')),
            other => return Err(ExpandError::Token(other)),
        }
        Ok(())
    }

    /// `percent_expand`.
    ///
    /// # Errors
    /// For a token that is not known.
    pub fn percent(&self, text: &[u8]) -> Result<Vec<u8>, ExpandError> {
        let mut out = Vec::with_capacity(text.len());
        let mut bytes = text.iter();
        while let Some(&b) = bytes.next() {
            if b == b'%' {
                let token = bytes.next().copied().unwrap_or(0);
                self.push(token, &mut out)?;
            } else {
                out.push(b);
            }
        }
        Ok(out)
    }

    /// `percent_dollar_expand`: tokens and `${NAME}` in one pass.
    ///
    /// # Errors
    /// For a token or a variable that is not known.
    pub fn percent_dollar(
        &self,
        text: &[u8],
        facts: &dyn ClientFacts,
    ) -> Result<Vec<u8>, ExpandError> {
        let mut out = Vec::with_capacity(text.len());
        let mut at = 0usize;
        while let Some(&b) = text.get(at) {
            match b {
                b'%' => {
                    self.push(
                        text.get(at.saturating_add(1)).copied().unwrap_or(0),
                        &mut out,
                    )?;
                    at = at.saturating_add(2);
                }
                b'$' if text.get(at.saturating_add(1)) == Some(&b'{') => {
                    let name = text.get(at.saturating_add(2)..).unwrap_or_default();
                    let Some(end) = name.iter().position(|b| *b == b'}') else {
                        return Err(ExpandError::Unclosed);
                    };
                    let name = name.get(..end).unwrap_or_default();
                    let Some(value) = facts.env(name) else {
                        return Err(ExpandError::Variable(name.to_vec()));
                    };
                    out.extend_from_slice(&value);
                    at = at.saturating_add(end).saturating_add(3);
                }
                _ => {
                    out.push(b);
                    at = at.saturating_add(1);
                }
            }
        }
        Ok(out)
    }
}

/// `tilde_expand_filename`.
pub(super) fn tilde(
    text: &[u8],
    home: &[u8],
    facts: &dyn ClientFacts,
) -> Result<Vec<u8>, ExpandError> {
    let Some(rest) = text.strip_prefix(b"~") else {
        return Ok(text.to_vec());
    };
    let cut = rest.iter().position(|b| *b == b'/').unwrap_or(rest.len());
    let (name, tail) = rest.split_at_checked(cut).unwrap_or((rest, b""));
    let mut out = if name.is_empty() {
        home.to_vec()
    } else {
        facts
            .home_of(name)
            .ok_or_else(|| ExpandError::Account(name.to_vec()))?
    };
    if out.last() != Some(&b'/') {
        out.push(b'/');
    }
    out.extend_from_slice(tail.strip_prefix(b"/").unwrap_or(tail));
    Ok(out)
}

impl ClientConfig {
    /// What the percent tokens stand for once everything is read.
    #[must_use]
    pub fn tokens(&self) -> Tokens {
        let host = self.hostname();
        Tokens {
            original: self.asked.host.clone(),
            alias: self
                .first("hostkeyalias")
                .map_or_else(|| self.asked.host.clone(), <[u8]>::to_vec),
            port: self.port(),
            user: self.user().to_vec(),
            local_user: self.local.user.clone(),
            uid: self.local.uid,
            home: self.local.home.clone(),
            hostname: self.local.hostname.clone(),
            jump: self
                .first("proxyjump")
                .filter(|j| !j.eq_ignore_ascii_case(b"none"))
                .unwrap_or_default()
                .to_vec(),
            host,
        }
    }

    /// A path as ssh opens it: `~`, then `%` and `${…}`.
    ///
    /// # Errors
    /// ssh would end here, or the token is not computed by this program.
    pub fn path(&self, text: &[u8], facts: &dyn ClientFacts) -> Result<Vec<u8>, ExpandError> {
        let path = tilde(text, &self.local.home, facts)?;
        self.tokens().percent_dollar(&path, facts)
    }
}
