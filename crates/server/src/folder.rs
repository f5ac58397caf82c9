//! The embedded default: a folder of keys for one account, that of whoever runs the server.
//!
//! The folder is read anew for every decision, and becomes a world in memory in which the same
//! engine walks the same gates. Its configuration is one line per file of keys; modes are those of
//! the files as they lie there, and sshd's StrictModes looks at the folder itself but not above it:
//! a scratch folder lies in /tmp.

use sshwhy_causes::{Evidence, EvidenceKind};
use sshwhy_verdict::Judgement;
use sshwhy_world::account::PasswordField;
use sshwhy_world::fs::{Kind, Node};
use sshwhy_world::{Account, Build, MemWorld, Shadow};
use std::ffi::OsStr;
use std::fs;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// Most files of keys that are read.
const MOST_FILES: usize = 256;
/// Most bytes of one of them.
const MOST_BYTES: u64 = 16 << 20;
/// Where the made-up configuration stands in the world in memory. It is what a finding names: no file of
/// the machine.
pub(crate) const CONFIG: &[u8] = b"/(options of sshwhy serve)";

/// A folder whose files named `authorized_keys` or `*.pub` hold the keys of one account.
#[derive(Clone, Debug)]
pub struct Folder {
    /// The folder.
    pub path: PathBuf,
    /// The one account that is known.
    pub account: Account,
    /// Lines put before the configuration, for a server that is to refuse for a chosen reason.
    pub settings: Vec<u8>,
    /// The sshd to decide as.
    pub build: Build,
}

impl Folder {
    /// Reads the folder as it is now.
    ///
    /// # Errors
    /// The folder or a file of it cannot be read.
    pub(crate) fn world(&self) -> io::Result<MemWorld> {
        let path = fs::canonicalize(&self.path)?;
        let mut world = MemWorld::new(self.build.clone());
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        world.now = now.map_or(0, |d| i64::try_from(d.as_secs()).unwrap_or(i64::MAX));
        let account = &self.account;
        // Who starts this server can log in already: its shadow entry decides nothing here.
        let shadow = Shadow {
            password: PasswordField::Set,
            last_change: 10_000,
            min: 0,
            max: 99_999,
            warn: 7,
            inactive: -1,
            expire: -1,
        };
        if let Some(all) = &mut world.shadow {
            all.insert(account.name.clone(), shadow);
        }
        world.dir(&account.home, 0o755, account.uid, account.gid);
        let shell: &[u8] = if account.shell.is_empty() {
            b"/bin/sh"
        } else {
            &account.shell
        };
        world.file(shell, 0o755, 0, 0, b"\x7fELF");
        world.accounts.push(account.clone());
        let about = fs::metadata(&path)?;
        let node = Node::new(Kind::Dir, about.mode() & 0o7777, about.uid(), about.gid());
        world.put(path.as_os_str().as_bytes(), node, b"");
        let mut names = Vec::new();
        for file in key_files(&path)? {
            let about = fs::metadata(&file)?;
            let mut content = Vec::new();
            fs::File::open(&file)?
                .take(MOST_BYTES)
                .read_to_end(&mut content)?;
            let node = Node::new(Kind::File, about.mode() & 0o7777, about.uid(), about.gid());
            world.put(file.as_os_str().as_bytes(), node, &content);
            names.push(file);
        }
        let mut config = self.settings.clone();
        config.extend_from_slice(b"\nUsePAM no\nAcceptEnv LANG LC_*\nAuthorizedKeysFile");
        if names.is_empty() {
            names.push(path.join("authorized_keys"));
        }
        for file in names {
            config.extend_from_slice(b" \"");
            config.extend_from_slice(&percent_escaped(file.as_os_str().as_bytes()));
            config.push(b'"');
        }
        config.push(b'\n');
        world.file(CONFIG, 0o644, 0, 0, &config);
        Ok(world)
    }
}

/// Takes out of a judgement what is true of the world in memory alone: of this machine's accounts, and
/// of files that a session would meet, a folder of keys says nothing.
pub(crate) fn speaks_of_itself_alone(folder: &Folder, judgement: &mut Judgement) {
    judgement.after_login.clear();
    let own = fs::canonicalize(&folder.path).unwrap_or_else(|_| folder.path.clone());
    let known =
        |path: &[u8]| path == CONFIG || Path::new(OsStr::from_bytes(path)).starts_with(&own);
    let all = judgement.causes.iter_mut().chain(&mut judgement.notes);
    for finding in all {
        let of_here = |e: &Evidence| e.path.as_deref().is_none_or(known);
        finding.evidence.retain(of_here);
        if finding.cause.id == "user-unknown" {
            let mut known = Evidence::new(EvidenceKind::Account);
            let words = [
                b"a folder of keys is one account's: ",
                folder.account.name.as_slice(),
            ];
            known.detail = Some(words.concat());
            finding.evidence.push(known);
        }
    }
}

/// `%` as AuthorizedKeysFile reads it.
fn percent_escaped(path: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(path.len());
    for b in path {
        if *b == b'%' {
            out.push(b'%');
        }
        out.push(*b);
    }
    out
}

fn key_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut out = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.as_bytes();
        let wanted = name == b"authorized_keys" || name.ends_with(b".pub");
        // A quote or a newline would end the word in the configuration.
        let plain = !name.iter().any(|b| b.is_ascii_control() || *b == b'"');
        if wanted && plain && entry.path().is_file() && out.len() < MOST_FILES {
            out.push(entry.path());
        }
    }
    out.sort();
    Ok(out)
}
