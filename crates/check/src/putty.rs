//! PuTTY's saved sessions and host keys, from its files on Unix or an exported registry file.
//!
//! The readers take bytes, so that the live registry can be a third source.

use sshwhy_keys::{KeyType, PublicKey};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A saved session: names as in the registry, values as text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Session {
    /// Its name, decoded.
    pub name: Vec<u8>,
    /// Its settings.
    pub values: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl Session {
    /// A setting that is not empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        let value = self.values.get(name.as_bytes())?;
        (!value.is_empty()).then_some(value.as_slice())
    }

    /// The port; 22 where it is not said.
    #[must_use]
    pub fn port(&self) -> u16 {
        let text = self
            .get("PortNumber")
            .and_then(|v| std::str::from_utf8(v).ok());
        text.and_then(|t| t.parse().ok())
            .filter(|p| *p != 0)
            .unwrap_or(22)
    }

    /// Whether the agent is asked.
    #[must_use]
    pub fn tries_agent(&self) -> bool {
        self.get("TryAgent") != Some(b"0")
    }
}

/// What PuTTY has saved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Saved {
    /// Sessions, in the order found.
    pub sessions: Vec<Session>,
    /// Host keys: name (`ssh-ed25519@22:host`) and value.
    pub host_keys: Vec<(Vec<u8>, Vec<u8>)>,
}

/// Why an exported registry file is not one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotReg {
    /// The line, from 1.
    pub line: usize,
    /// What was expected there.
    pub expected: &'static str,
}

impl Saved {
    /// A session by its name, without regard to case; PuTTY's Default Settings are beneath it.
    #[must_use]
    pub fn session(&self, name: &[u8]) -> Option<Session> {
        let find = |n: &[u8]| {
            self.sessions
                .iter()
                .find(|s| s.name.eq_ignore_ascii_case(n))
        };
        find(name).cloned()
    }

    /// What holds where no session is named.
    #[must_use]
    pub fn defaults(&self) -> Session {
        self.session(b"Default Settings").unwrap_or_default()
    }
}

/// `%XX` of session names.
fn unescape(name: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(name.len());
    let mut rest = name;
    while let Some((&b, tail)) = rest.split_first() {
        rest = tail;
        let pair = tail.get(..2).and_then(|p| std::str::from_utf8(p).ok());
        match pair.and_then(|p| u8::from_str_radix(p, 16).ok()) {
            Some(byte) if b == b'%' => {
                out.push(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            _ => out.push(b),
        }
    }
    out
}

/// PuTTY's folder on Unix: `$PUTTYDIR`, `$XDG_CONFIG_HOME/putty` or `~/.config/putty` where that is,
/// `~/.putty`.
#[must_use]
pub fn folder(env: &dyn Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    if let Some(dir) = env("PUTTYDIR") {
        return Some(dir);
    }
    let home = env("HOME");
    let config = env("XDG_CONFIG_HOME").or_else(|| Some(home.as_ref()?.join(".config")));
    if let Some(dir) = config.map(|c| c.join("putty")).filter(|d| d.is_dir()) {
        return Some(dir);
    }
    home.map(|h| h.join(".putty"))
}

/// Reads PuTTY's files on Unix. What cannot be read is as if it were not there.
#[must_use]
pub fn from_files(env: &dyn Fn(&str) -> Option<PathBuf>) -> Saved {
    use std::os::unix::ffi::OsStrExt;
    let mut saved = Saved::default();
    let folder = folder(env);
    let at = |var: &str, name: &str| env(var).or_else(|| Some(folder.as_ref()?.join(name)));
    if let Some(dir) = at("PUTTYSESSIONS", "sessions") {
        let mut files: Vec<PathBuf> = std::fs::read_dir(dir)
            .into_iter()
            .flatten()
            .flatten()
            .map(|e| e.path())
            .take(10_000)
            .collect();
        files.sort();
        for file in files {
            let Ok(text) = crate::local::read(&file) else {
                continue;
            };
            let name = file.file_name().map(|n| unescape(n.as_bytes()));
            saved.sessions.push(Session {
                name: name.unwrap_or_default(),
                values: settings(&text),
            });
        }
    }
    if let Some(text) =
        at("PUTTYSSHHOSTKEYS", "sshhostkeys").and_then(|f| crate::local::read(&f).ok())
    {
        for line in text.split(|b| *b == b'\n') {
            let line = line.trim_ascii();
            if let Some(space) = line.iter().position(|b| *b == b' ') {
                let (name, value) = line.split_at(space);
                saved
                    .host_keys
                    .push((name.to_vec(), value.trim_ascii().to_vec()));
            }
        }
    }
    saved
}

/// `Name=Value` lines.
fn settings(text: &[u8]) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut values = BTreeMap::new();
    for line in text.split(|b| *b == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if let Some(at) = line.iter().position(|b| *b == b'=') {
            let (name, value) = line.split_at(at);
            values.insert(name.to_vec(), value.get(1..).unwrap_or_default().to_vec());
        }
    }
    values
}

/// Text of a registry file: UTF-16 with a byte order mark (regedit's version 5), or bytes.
fn decode(data: &[u8]) -> Vec<u8> {
    let (little, body) = match data {
        [0xff, 0xfe, rest @ ..] => (true, rest),
        [0xfe, 0xff, rest @ ..] => (false, rest),
        [0xef, 0xbb, 0xbf, rest @ ..] => return rest.to_vec(),
        other => return other.to_vec(),
    };
    let units = body.chunks_exact(2).map(|pair| match pair {
        [a, b] if little => u16::from_le_bytes([*a, *b]),
        [a, b] => u16::from_be_bytes([*a, *b]),
        _ => 0,
    });
    char::decode_utf16(units)
        .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect::<String>()
        .into_bytes()
}

/// Reads what `regedit /e` or `reg export` wrote of `HKCU\Software\SimonTatham\PuTTY`.
///
/// # Errors
/// Names the line at which the file is none of the kind.
pub fn from_reg(data: &[u8]) -> Result<Saved, NotReg> {
    let text = decode(data);
    let mut lines = text
        .split(|b| *b == b'\n')
        .map(|l| l.strip_suffix(b"\r").unwrap_or(l))
        .enumerate();
    let head = lines
        .next()
        .map(|(_, l)| l.trim_ascii().to_vec())
        .unwrap_or_default();
    if !head.starts_with(b"Windows Registry Editor") && head != b"REGEDIT4" {
        return Err(NotReg {
            line: 1,
            expected: "`Windows Registry Editor Version 5.00`",
        });
    }
    let mut saved = Saved::default();
    let mut place = Place::Elsewhere;
    for (index, line) in lines {
        let line = line.trim_ascii();
        if let Some(rest) = line.strip_prefix(b"[") {
            let key = rest.strip_suffix(b"]").ok_or(NotReg {
                line: index + 1,
                expected: "`]` at the end of a key",
            })?;
            place = Place::of(key);
            if let Place::Session(name) = &place {
                saved.sessions.push(Session {
                    name: name.clone(),
                    ..Session::default()
                });
            }
        } else if line.starts_with(b"\"") {
            let Some((name, value)) = assignment(line) else {
                return Err(NotReg {
                    line: index + 1,
                    expected: "`\"name\"=value`",
                });
            };
            match &place {
                Place::Session(_) => {
                    if let Some(session) = saved.sessions.last_mut() {
                        session.values.insert(name, value);
                    }
                }
                Place::HostKeys => saved.host_keys.push((name, value)),
                Place::Elsewhere => {}
            }
        }
    }
    Ok(saved)
}

/// What a key of the registry holds.
enum Place {
    Session(Vec<u8>),
    HostKeys,
    Elsewhere,
}

impl Place {
    fn of(key: &[u8]) -> Place {
        let mut parts = key.rsplit(|b| *b == b'\\');
        let last = parts.next().unwrap_or_default();
        let above = parts.next().unwrap_or_default();
        if last.eq_ignore_ascii_case(b"SshHostKeys") {
            Place::HostKeys
        } else if above.eq_ignore_ascii_case(b"Sessions") {
            Place::Session(unescape(last))
        } else {
            Place::Elsewhere
        }
    }
}

/// `"name"="text"` or `"name"=dword:0000002a`, with the escapes of quotes and backslashes.
fn assignment(line: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let (name, rest) = quoted(line)?;
    let rest = rest.strip_prefix(b"=")?;
    if let Some(hex) = rest.strip_prefix(b"dword:") {
        let number = u32::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()?;
        return Some((name, number.to_string().into_bytes()));
    }
    match quoted(rest) {
        Some((value, _)) => Some((name, value)),
        // A kind of value that no setting here has: kept as it stands.
        None => Some((name, rest.to_vec())),
    }
}

fn quoted(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut rest = text.strip_prefix(b"\"")?;
    let mut out = Vec::new();
    loop {
        let (&b, tail) = rest.split_first()?;
        rest = tail;
        match b {
            b'"' => return Some((out, rest)),
            b'\\' => {
                let (&next, tail) = rest.split_first()?;
                out.push(next);
                rest = tail;
            }
            other => out.push(other),
        }
    }
}

/// The host keys that PuTTY knows for a host and port, as blobs. A value that is none is left out.
#[must_use]
pub fn known(saved: &Saved, host: &[u8], port: u16) -> Vec<Vec<u8>> {
    let end = [format!("@{port}:").as_bytes(), host].concat();
    let of_host = saved.host_keys.iter().filter(|(name, _)| {
        let at = name.iter().position(|b| *b == b'@').unwrap_or(0);
        name.get(at..).is_some_and(|n| n.eq_ignore_ascii_case(&end))
    });
    of_host
        .filter_map(|(name, value)| blob(name, value))
        .collect()
}

/// The blob behind PuTTY's own way of writing a host key: numbers in hexadecimal.
fn blob(name: &[u8], value: &[u8]) -> Option<Vec<u8>> {
    let kind = name.split(|b| *b == b'@').next()?;
    let parts: Vec<&[u8]> = value.split(|b| *b == b',').collect();
    let number = |i: usize| hex(parts.get(i)?);
    let mut out = Vec::new();
    let mut put = |bytes: &[u8]| {
        out.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(0).to_be_bytes());
        out.extend_from_slice(bytes);
    };
    match kind {
        b"rsa2" => {
            put(b"ssh-rsa");
            put(&mpint(number(0)?));
            put(&mpint(number(1)?));
        }
        b"ssh-ed25519" | b"ssh-ed448" => {
            // x and y: the encoding is y, least byte first, with the lowest bit of x on top.
            let (len, bit) = if kind == b"ssh-ed25519" {
                (32, 31)
            } else {
                (57, 56)
            };
            let (x, mut y) = (number(0)?, number(1)?);
            y.reverse();
            y.resize(len, 0);
            if x.last().is_some_and(|b| b & 1 == 1) {
                *y.get_mut(bit)? |= 0x80;
            }
            put(kind);
            put(&y);
        }
        b"ecdsa-sha2-nistp256" | b"ecdsa-sha2-nistp384" | b"ecdsa-sha2-nistp521" => {
            let curve = kind.strip_prefix(b"ecdsa-sha2-")?;
            let size = KeyType::from_name(kind).curve()?.bits().div_ceil(8) as usize;
            let pad = |n: Vec<u8>| {
                let zeros = size.saturating_sub(n.len());
                [vec![0; zeros], n].concat()
            };
            let point = [vec![4], pad(number(1)?), pad(number(2)?)].concat();
            put(kind);
            put(curve);
            put(&point);
        }
        _ => return None,
    }
    PublicKey::from_blob(&out).is_ok().then_some(out)
}

/// `0x…`, without leading zeros.
fn hex(text: &[u8]) -> Option<Vec<u8>> {
    let digits = text.strip_prefix(b"0x").unwrap_or(text);
    let padded = if digits.len() % 2 == 1 {
        [b"0", digits].concat()
    } else {
        digits.to_vec()
    };
    let bytes: Option<Vec<u8>> = padded
        .chunks(2)
        .map(|p| u8::from_str_radix(std::str::from_utf8(p).ok()?, 16).ok())
        .collect();
    let bytes = bytes?;
    let zeros = bytes.iter().take_while(|b| **b == 0).count();
    Some(bytes.get(zeros..).unwrap_or_default().to_vec())
}

fn mpint(mut n: Vec<u8>) -> Vec<u8> {
    if n.first().is_some_and(|b| b & 0x80 != 0) {
        n.insert(0, 0);
    }
    n
}

#[cfg(test)]
mod tests {
    use super::*;

    const REG: &str = "Windows Registry Editor Version 5.00\r\n\r\n\
        [HKEY_CURRENT_USER\\Software\\SimonTatham\\PuTTY\\Sessions\\web%20box]\r\n\
        \"HostName\"=\"alice@web.example\"\r\n\"PortNumber\"=dword:000008ae\r\n\
        \"PublicKeyFile\"=\"C:\\\\keys\\\\my \\\"old\\\" key.ppk\"\r\n\r\n\
        [HKEY_CURRENT_USER\\Software\\SimonTatham\\PuTTY\\SshHostKeys]\r\n\
        \"rsa2@22:web.example\"=\"0x10001,0xc3\"\r\n";

    fn utf16(text: &str) -> Vec<u8> {
        let units = text.encode_utf16().flat_map(u16::to_le_bytes);
        [0xff, 0xfe].into_iter().chain(units).collect()
    }

    #[test]
    fn an_exported_registry_is_read_in_utf_16_and_in_bytes() {
        for data in [utf16(REG), REG.as_bytes().to_vec()] {
            let saved = from_reg(&data).unwrap();
            let session = saved.session(b"Web Box").unwrap();
            assert_eq!(session.get("HostName"), Some(&b"alice@web.example"[..]));
            assert_eq!(session.port(), 2222);
            assert_eq!(
                session.get("PublicKeyFile"),
                Some(&b"C:\\keys\\my \"old\" key.ppk"[..])
            );
            assert_eq!(saved.host_keys.len(), 1);
        }
    }

    #[test]
    fn a_file_that_is_none_names_its_line() {
        assert_eq!(from_reg(b"hello").unwrap_err().line, 1);
        assert_eq!(from_reg(b"REGEDIT4\n[half\n").unwrap_err().line, 2);
        let whole = utf16(REG);
        for end in 0..whole.len() {
            // Whatever is cut off, it answers.
            let _ = from_reg(&whole[..end]);
        }
    }
}
