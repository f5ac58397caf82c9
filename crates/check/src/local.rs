//! This machine, as ssh_config asks about it.

use sshwhy_config::client::{ClientFacts, Local};
use sshwhy_config::{FileText, Files, glob_match};
use std::ffi::OsStr;
use std::fs;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Most bytes of a file of configuration, host keys or a key.
pub const LIMIT: u64 = 16 << 20;

/// A path out of bytes.
#[must_use]
pub fn path(bytes: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(bytes))
}

/// The content of a regular file of at most [`LIMIT`] bytes.
///
/// # Errors
/// The system's, or `InvalidData` for what is no regular file or too large.
pub fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let meta = fs::metadata(path)?;
    if !meta.is_file() {
        let why = if meta.is_dir() {
            "a directory, not a file"
        } else {
            "not a regular file"
        };
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidData, why));
    }
    let mut data = Vec::with_capacity(usize::try_from(meta.len().min(LIMIT)).unwrap_or(0));
    fs::File::open(path)?
        .take(LIMIT + 1)
        .read_to_end(&mut data)?;
    if data.len() as u64 > LIMIT {
        return Err(std::io::Error::new(
            std::io::ErrorKind::InvalidData,
            "more than 16 MiB",
        ));
    }
    Ok(data)
}

/// The empty device, the one file that is none and that ssh's users name for "no configuration".
fn is_null(path: &Path) -> bool {
    let device = |p: &Path| {
        let meta = fs::metadata(p).ok()?;
        meta.file_type().is_char_device().then(|| meta.rdev())
    };
    let here = device(path);
    here.is_some() && here == device(Path::new("/dev/null"))
}

/// The files of this machine, as its user may read them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

impl Files for Disk {
    fn read(&self, at: &[u8]) -> FileText {
        if is_null(path(at)) {
            return FileText::Text(Arc::from(&b""[..]));
        }
        match read(path(at)) {
            Ok(bytes) => FileText::Text(Arc::from(bytes)),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => FileText::Missing,
            Err(e) => FileText::Unreadable(e.raw_os_error().unwrap_or(5)),
        }
    }

    fn glob(&self, pattern: &[u8]) -> Vec<Vec<u8>> {
        let mut found: Vec<Vec<u8>> = vec![b"/".to_vec()];
        // One part of the path after another; a part without signs needs no listing.
        for part in pattern.split(|b| *b == b'/').filter(|p| !p.is_empty()) {
            let plain = !part.iter().any(|b| matches!(b, b'*' | b'?' | b'[' | b'\\'));
            let mut next = Vec::new();
            for dir in &found {
                let join = |name: &[u8]| {
                    let slash: &[u8] = if dir.ends_with(b"/") { b"" } else { b"/" };
                    [dir.as_slice(), slash, name].concat()
                };
                if plain {
                    let full = join(part);
                    if path(&full).exists() {
                        next.push(full);
                    }
                    continue;
                }
                let entries = fs::read_dir(path(dir)).into_iter().flatten().flatten();
                for entry in entries.take(100_000) {
                    let name = entry.file_name();
                    let hidden = name.as_bytes().starts_with(b".") && !part.starts_with(b".");
                    if !hidden && glob_match(part, name.as_bytes()) {
                        next.push(join(name.as_bytes()));
                    }
                }
            }
            found = next;
        }
        found.sort();
        found
    }
}

/// What ssh_config may ask of this machine. Commands of `Match exec` are not run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Here;

impl ClientFacts for Here {
    fn env(&self, name: &[u8]) -> Option<Vec<u8>> {
        std::env::var_os(OsStr::from_bytes(name)).map(|v| v.as_bytes().to_vec())
    }

    fn home_of(&self, user: &[u8]) -> Option<Vec<u8>> {
        passwd(|fields| fields.first() == Some(&user)).map(|entry| entry.home)
    }

    fn exec(&self, _command: &[u8]) -> Option<bool> {
        None
    }

    fn local_network(&self, _list: &[u8]) -> Option<bool> {
        None
    }

    fn trusted(&self, at: &[u8]) -> bool {
        fs::metadata(path(at)).is_ok_and(|meta| {
            let mine = meta.uid() == 0 || meta.uid() == rustix::process::getuid().as_raw();
            mine && meta.mode() & 0o022 == 0
        })
    }
}

struct Passwd {
    name: Vec<u8>,
    home: Vec<u8>,
}

/// The first entry of /etc/passwd for which `is` holds.
fn passwd(is: impl Fn(&[&[u8]]) -> bool) -> Option<Passwd> {
    let text = read(Path::new("/etc/passwd")).ok()?;
    text.split(|b| *b == b'\n').find_map(|line| {
        let fields: Vec<&[u8]> = line.split(|b| *b == b':').collect();
        let entry = is(&fields);
        entry.then(|| Passwd {
            name: fields.first().copied().unwrap_or_default().to_vec(),
            home: fields.get(5).copied().unwrap_or_default().to_vec(),
        })
    })
}

/// Who runs this, where; the habits are those of OpenSSH's release `release`. An account that
/// /etc/passwd does not have takes its name and home from the environment.
#[must_use]
pub fn local(release: (u16, u16)) -> Local {
    let uid = rustix::process::getuid().as_raw();
    let number = uid.to_string();
    let entry = passwd(|fields| fields.get(2) == Some(&number.as_bytes()));
    let var = |name: &str| std::env::var_os(name).map(|v| v.as_bytes().to_vec());
    let (user, home) = match entry {
        Some(entry) => (entry.name, entry.home),
        None => (
            var("USER").unwrap_or(number.into_bytes()),
            var("HOME").unwrap_or_default(),
        ),
    };
    Local {
        user,
        uid,
        home,
        hostname: rustix::system::uname().nodename().to_bytes().to_vec(),
        release,
    }
}

/// The home of who runs this.
#[must_use]
pub fn home() -> PathBuf {
    path(&local((99, 0)).home).to_owned()
}
