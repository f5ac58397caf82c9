//! systemd's unit files for sshd: what a service hides from its own daemon, and where a socket
//! unit listens for it.

use crate::tree::Tree;
use sshwhy_world::Sandbox;
use sshwhy_world::resolve::is_below;

/// A setting and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Setting {
    key: Vec<u8>,
    value: Vec<u8>,
    file: Vec<u8>,
    line: u32,
}

/// Where units are looked for, the first wins (systemd.unit(5)).
const DIRS: [&str; 5] = [
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
];
const MAX_UNIT: usize = 1 << 20;

/// Settings of one section, over continued lines.
fn parse(text: &[u8], section: &[u8], file: &[u8], out: &mut Vec<Setting>) {
    let mut inside = false;
    let mut pending: Option<(Vec<u8>, u32)> = None;
    for (n, raw) in text.split(|&b| b == b'\n').enumerate() {
        let line = u32::try_from(n + 1).unwrap_or(u32::MAX);
        let words = raw.trim_ascii();
        if matches!(words.first(), Some(b'#' | b';')) {
            continue;
        }
        let (mut whole, at) = pending.take().unwrap_or((Vec::new(), line));
        if let Some(part) = words.strip_suffix(b"\\") {
            whole.extend_from_slice(part);
            whole.push(b' ');
            pending = Some((whole, at));
            continue;
        }
        whole.extend_from_slice(words);
        if let Some(name) = whole.strip_prefix(b"[").and_then(|w| w.strip_suffix(b"]")) {
            inside = name == section;
        } else if inside && let Some(eq) = whole.iter().position(|&b| b == b'=') {
            out.push(Setting {
                key: whole[..eq].trim_ascii().to_vec(),
                value: whole[eq + 1..].trim_ascii().to_vec(),
                file: file.to_vec(),
                line: at,
            });
        }
    }
}

/// The settings of a unit and its drop-ins, in systemd's order. `None`: no such unit.
fn settings(tree: &Tree, unit: &str, section: &[u8], live: bool) -> Option<Vec<Setting>> {
    let dirs = || DIRS.iter().filter(|d| live || !d.starts_with("/run"));
    let main = dirs()
        .map(|d| format!("{d}/{unit}"))
        .find(|p| tree.exists(p.as_bytes()))?;
    let mut out = Vec::new();
    parse(
        &tree.system_file(main.as_bytes(), MAX_UNIT)?,
        section,
        main.as_bytes(),
        &mut out,
    );
    let kind = unit.rsplit('.').next().unwrap_or("service");
    let mut drop_ins: Vec<(Vec<u8>, String)> = Vec::new();
    for folder in [format!("{unit}.d"), format!("{kind}.d")] {
        for dir in dirs() {
            let dir = format!("{dir}/{folder}");
            for name in tree.names(dir.as_bytes()) {
                // The same name in a directory of more weight stands for this one.
                if name.ends_with(b".conf") && !drop_ins.iter().any(|(n, _)| *n == name) {
                    drop_ins.push((name, dir.clone()));
                }
            }
        }
    }
    drop_ins.sort();
    for (name, dir) in drop_ins {
        let path = [dir.as_bytes(), b"/", &name].concat();
        if let Some(text) = tree.system_file(&path, MAX_UNIT) {
            parse(&text, section, &path, &mut out);
        }
    }
    Some(out)
}

/// What the unit hides, and what it shows again.
#[derive(Debug, Default)]
pub(crate) struct Hidden {
    hidden: Vec<(Vec<u8>, Setting)>,
    shown: Vec<Vec<u8>>,
}

fn yes(value: &[u8]) -> bool {
    matches!(
        value.to_ascii_lowercase().as_slice(),
        b"yes" | b"true" | b"on" | b"1" | b"y" | b"t"
    )
}

impl Hidden {
    /// Reads the service that starts sshd.
    pub(crate) fn of_sshd(tree: &Tree, live: bool) -> Hidden {
        let names = [
            "ssh.service",
            "sshd.service",
            "ssh@.service",
            "sshd@.service",
        ];
        let settings = names
            .iter()
            .find_map(|n| settings(tree, n, b"Service", live));
        settings.map_or_else(Hidden::default, |s| Hidden::of(&s))
    }

    fn of(settings: &[Setting]) -> Hidden {
        let mut out = Hidden::default();
        for s in settings {
            let key = s.key.as_slice();
            // A later line of these replaces the earlier ones, an empty list forgets them.
            let single = matches!(key, b"ProtectHome" | b"PrivateTmp" | b"RootDirectory");
            if single || s.value.is_empty() {
                out.hidden.retain(|(_, old)| old.key != s.key);
            }
            let mut hide = |path: &[u8]| out.hidden.push((path.to_vec(), s.clone()));
            match key {
                b"ProtectHome" if yes(&s.value) || s.value == b"tmpfs" => {
                    for path in [&b"/home"[..], b"/root", b"/run/user"] {
                        hide(path);
                    }
                }
                b"PrivateTmp" if yes(&s.value) || s.value == b"disconnected" => {
                    hide(b"/tmp");
                    hide(b"/var/tmp");
                }
                b"RootDirectory" if !matches!(s.value.as_slice(), b"" | b"/") => hide(b"/"),
                b"InaccessiblePaths" | b"InaccessibleDirectories" | b"TemporaryFileSystem" => {
                    for word in s
                        .value
                        .split(u8::is_ascii_whitespace)
                        .filter(|w| !w.is_empty())
                    {
                        let word = word.split(|&b| b == b':').next().unwrap_or(word);
                        let start = word.iter().position(|b| !b"-+".contains(b));
                        let path = word.get(start.unwrap_or(0)..).unwrap_or(word);
                        hide(strip_slash(path));
                    }
                }
                b"BindPaths" | b"BindReadOnlyPaths" => {
                    if s.value.is_empty() {
                        out.shown.clear();
                    }
                    for word in s
                        .value
                        .split(u8::is_ascii_whitespace)
                        .filter(|w| !w.is_empty())
                    {
                        let mut parts = word.split(|&b| b == b':');
                        let source = parts.next().unwrap_or(word);
                        let target = parts.next().filter(|t| !t.is_empty()).unwrap_or(source);
                        let target = target.strip_prefix(b"-").unwrap_or(target);
                        out.shown.push(strip_slash(target).to_vec());
                    }
                }
                _ => {}
            }
        }
        out
    }

    /// What hides `path`: the nearest setting counts.
    pub(crate) fn at(&self, path: &[u8]) -> Option<Sandbox> {
        let (hidden, setting) = self
            .hidden
            .iter()
            .filter(|(h, _)| is_below(path, h))
            .max_by_key(|(h, _)| h.len())?;
        let shown = self
            .shown
            .iter()
            .filter(|s| is_below(path, s))
            .map(Vec::len)
            .max();
        if shown.is_some_and(|len| len >= hidden.len()) {
            return None;
        }
        Some(Sandbox {
            setting: [setting.key.as_slice(), b"=", &setting.value].concat(),
            file: setting.file.clone(),
            line: setting.line,
        })
    }
}

fn strip_slash(path: &[u8]) -> &[u8] {
    match path.strip_suffix(b"/") {
        Some(rest) if !rest.is_empty() => rest,
        _ => path,
    }
}

/// The TCP ports on which systemd itself listens for sshd.
pub(crate) fn socket_ports(tree: &Tree) -> Vec<u16> {
    let Some(settings) = ["ssh.socket", "sshd.socket"]
        .iter()
        .find_map(|n| settings(tree, n, b"Socket", true))
    else {
        return Vec::new();
    };
    let mut ports = Vec::new();
    for s in settings.iter().filter(|s| s.key == b"ListenStream") {
        if s.value.is_empty() {
            ports.clear();
        }
        let port = s.value.rsplit(|&b| b == b':').next().unwrap_or_default();
        if let Some(port) = std::str::from_utf8(port).ok().and_then(|p| p.parse().ok()) {
            ports.push(port);
        }
    }
    ports
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hidden(text: &str) -> Hidden {
        let mut settings = Vec::new();
        parse(text.as_bytes(), b"Service", b"/unit", &mut settings);
        Hidden::of(&settings)
    }

    #[test]
    fn protect_home_hides_homes_and_the_last_word_counts() {
        let h = hidden("[Unit]\nProtectHome=yes\n[Service]\n# x\nProtectHome=true\n");
        let s = h.at(b"/home/alice/.ssh").unwrap();
        assert_eq!(
            (s.setting.as_slice(), s.line),
            (&b"ProtectHome=true"[..], 5)
        );
        assert!(h.at(b"/homes").is_none());
        assert!(
            hidden("[Service]\nProtectHome=yes\nProtectHome=read-only\n")
                .at(b"/root")
                .is_none()
        );
    }

    #[test]
    fn a_bind_shows_again_what_lies_under_a_hidden_path() {
        let h = hidden(
            "[Service]\nInaccessiblePaths=-/srv \\\n  +/data\nTemporaryFileSystem=/home:ro\n\
             BindReadOnlyPaths=/keys:/home/alice\n",
        );
        assert!(h.at(b"/srv/x").is_some() && h.at(b"/data").is_some());
        assert!(h.at(b"/home/bob").is_some());
        assert!(h.at(b"/home/alice/.ssh").is_none());
        assert!(
            hidden("[Service]\nInaccessiblePaths=/srv\nInaccessiblePaths=\n")
                .at(b"/srv")
                .is_none()
        );
    }
}
