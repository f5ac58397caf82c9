//! AuthorizedKeysFile: which files, whether sshd may read them, and what their lines say
//! (`user_key_allowed2`, `auth_openkeyfile`).

use crate::conf::{Kw, Said};
use crate::found;
use crate::lines;
use crate::pass::{Granted, Pass, Stop};
use crate::sources::{Near, Search, Tried};
use crate::{Gate, strict};
use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::vec::Vec;
use sshwhy_authfile::OfferedKey as Wanted;
use sshwhy_causes::Finding;
use sshwhy_causes::authorized_keys as ak;
use sshwhy_config::has_glob_magic;
use sshwhy_world::access::READ;
use sshwhy_world::resolve::{Resolved, is_below, join, resolve};
use sshwhy_world::{Account, Errno, Feature, MacMode, Mend, Software};

/// A key file that sshd opened and is content with.
pub(crate) struct Opened {
    /// The path as sshd names it.
    pub(crate) path: Vec<u8>,
    /// Where it really is.
    pub(crate) real: Vec<u8>,
}

/// Why a key file was not read.
pub(crate) enum NotOpened {
    /// With how near it came, and what is wrong.
    Because(Near, Box<Finding>),
    /// The gate ends here.
    Stop(Stop),
}

impl From<Stop> for NotOpened {
    fn from(stop: Stop) -> Self {
        NotOpened::Stop(stop)
    }
}

impl From<sshwhy_world::Gap> for NotOpened {
    fn from(gap: sshwhy_world::Gap) -> Self {
        NotOpened::Stop(gap.into())
    }
}

/// Expands the tokens of a path (`%h`, `%u`, `%U`, `%%`) and makes it absolute.
///
/// # Errors
/// The token that sshd does not know.
pub(crate) fn expand(account: &Account, word: &[u8]) -> Result<Vec<u8>, Vec<u8>> {
    let mut out = Vec::new();
    let mut bytes = word.iter().copied();
    while let Some(b) = bytes.next() {
        if b != b'%' {
            out.push(b);
            continue;
        }
        match bytes.next() {
            Some(b'%') => out.push(b'%'),
            Some(b'h') => out.extend_from_slice(&account.home),
            Some(b'u') => out.extend_from_slice(&account.name),
            Some(b'U') => out.extend_from_slice(account.uid.to_string().as_bytes()),
            Some(other) => return Err(alloc::vec![b'%', other]),
            None => return Err(b"%".to_vec()),
        }
    }
    if out.first() != Some(&b'/') {
        out = join(&account.home, &out);
    }
    Ok(out)
}

/// The files that one word of AuthorizedKeysFile names for this account, after tokens and, on
/// builds that do so, globbing as the user. sshd comes to a word only after the files of the one
/// before it, so that a bad token behind the file with the key is never seen.
fn paths(pass: &Pass<'_>, words: &Said<Vec<Vec<u8>>>, word: &[u8]) -> Gate<Vec<Vec<u8>>> {
    if word.eq_ignore_ascii_case(b"none") {
        return Ok(Vec::new());
    }
    match expand(pass.account()?, word) {
        Ok(path) if pass.has(Feature::KeysFileGlob) && has_glob_magic(&path) => {
            let hits = crate::server::glob(pass.world, &path, pass.cred.as_ref());
            if hits.is_empty() {
                // Kept as it is: open(2) of the pattern itself will tell.
                return Ok(alloc::vec![path]);
            }
            Ok(hits)
        }
        Ok(path) => Ok(alloc::vec![path]),
        Err(token) => {
            let f = Finding::new(&ak::keys_file_bad_token::CAUSE)
                .arg("token", token)
                .arg("path", word)
                .mend(Mend::Config {
                    keyword: b"authorizedkeysfile".to_vec(),
                    value: b".ssh/authorized_keys".to_vec(),
                });
            let f = found::with_setting(f, words);
            pass.refuse(f)?;
            Ok(Vec::new())
        }
    }
}

/// Opens a key or principals file as sshd does: with the user's rights, a regular file, and safe.
pub(crate) fn open(pass: &Pass<'_>, path: &[u8]) -> Result<Opened, NotOpened> {
    let cred = pass.cred()?.clone();
    let world = pass.world;
    if let Some(hidden) = world.sandbox(path).known()? {
        let f = Finding::new(&ak::systemd_sandbox::CAUSE)
            .arg("path", path)
            .arg("found", hidden.setting.as_slice())
            .arg("file", hidden.file.as_slice())
            .arg("line", hidden.line.to_string())
            .evidence(found::text(
                &hidden.file,
                u64::from(hidden.line),
                &hidden.setting,
                0..hidden.setting.len(),
            ));
        return Err(because(Near::Unreadable, f));
    }
    let resolved = match resolve(world, path, Some(&cred))? {
        Ok(r) => r,
        Err(stop) => return Err(unresolved(pass, path, &stop)?),
    };
    if !cred.may(&resolved.node, READ) {
        return Err(because(Near::Unreadable, unreadable(pass, path, &resolved)));
    }
    if let Some(denial) = world.mac(&resolved.real).known()?
        && denial.enforcing
    {
        let which = match denial.mode {
            MacMode::SeLinux => &ak::selinux_label::CAUSE,
            MacMode::AppArmor => &ak::apparmor_denied::CAUSE,
        };
        let mut f = Finding::new(which)
            .arg("path", resolved.real.as_slice())
            .arg("found", denial.have.as_slice())
            .evidence(found::path(world, &resolved.real, &resolved.node));
        if let Some(want) = &denial.want {
            f.args.set("expected", want.as_slice());
        }
        if let Some(log) = &denial.log {
            let mut e = sshwhy_causes::Evidence::new(sshwhy_causes::EvidenceKind::Log);
            e.detail = Some(log.clone());
            f = f.evidence(e);
        }
        return Err(because(Near::Unreadable, f));
    }
    if !resolved.node.is_file() {
        let account = pass.account()?;
        let f = Finding::new(&ak::keys_file_not_regular::CAUSE)
            .arg("path", resolved.real.as_slice())
            .arg("found", kind_word(&resolved.node.kind))
            .evidence(found::path(world, &resolved.real, &resolved.node))
            .mend(Mend::Regular {
                path: resolved.real.clone(),
                uid: account.uid,
                gid: account.gid,
            });
        return Err(because(Near::Unsafe, f));
    }
    if world.build().software == Software::Dropbear {
        // It has its own order and its own exceptions.
        return Ok(Opened {
            path: path.to_vec(),
            real: resolved.real,
        });
    }
    match strict::safe_path(pass, &resolved.real, &resolved.node) {
        Ok(()) => {}
        Err(Stop::Refused(f)) if world.waived(f.cause.id) => {}
        Err(Stop::Refused(f)) => return Err(NotOpened::Because(Near::Unsafe, f)),
        Err(other) => return Err(other.into()),
    }
    Ok(Opened {
        path: path.to_vec(),
        real: resolved.real,
    })
}

/// [`open`] of a file of AuthorizedKeysFile, whose name some builds take for a glob pattern.
fn open_keys(pass: &Pass<'_>, path: &[u8]) -> Result<Opened, NotOpened> {
    let (world, cred) = (pass.world, pass.cred()?);
    if pass.has(Feature::KeysFileGlob) && has_glob_magic(path) {
        let hits = crate::server::glob(world, path, Some(cred));
        if !hits.iter().any(|h| h == path) && resolve(world, path, Some(cred))?.is_ok() {
            let f = Finding::new(&ak::keys_file_glob::CAUSE)
                .arg("path", path)
                .evidence(found::key(
                    path,
                    "read as a glob pattern, it matches no file",
                ));
            return Err(because(Near::UnsafeWithKey, f));
        }
    }
    open(pass, path)
}

fn because(near: Near, finding: Finding) -> NotOpened {
    NotOpened::Because(near, Box::new(finding))
}

fn kind_word(kind: &sshwhy_world::Kind) -> &'static str {
    use sshwhy_world::Kind;
    match kind {
        Kind::File => "a regular file",
        Kind::Dir => "a directory",
        Kind::Link(_) => "a symbolic link",
        Kind::Fifo => "a named pipe",
        Kind::Socket => "a socket",
        Kind::CharDevice => "a character device",
        Kind::BlockDevice => "a block device",
    }
}

/// The path does not lead to a file.
fn unresolved(
    pass: &Pass<'_>,
    path: &[u8],
    stop: &sshwhy_world::resolve::Stop,
) -> Result<NotOpened, NotOpened> {
    let account = pass.account()?.clone();
    let world = pass.world;
    if stop.errno == Errno::Denied {
        let mut f = Finding::new(&ak::keys_file_unreadable::CAUSE)
            .arg("file", path)
            .arg("path", stop.at.as_slice())
            .arg("what", "directory");
        if let Some(node) = &stop.node {
            f = f
                .arg("mode", found::octal(node.mode))
                .arg("owner", found::user_name(world, node.uid))
                .arg("group", found::group_name(world, node.gid))
                .arg(
                    "bits",
                    if node.uid == account.uid {
                        "u+x"
                    } else {
                        "o+x"
                    },
                )
                .evidence(found::path(world, &stop.at, node));
            f = if node.uid == account.uid {
                f.mend(Mend::Mode {
                    path: stop.at.clone(),
                    clear: 0,
                    set: 0o100,
                })
            } else if node.uid == 0 && is_below(&stop.at, &account.home) {
                f.mend(Mend::Owner {
                    path: stop.at.clone(),
                    uid: account.uid,
                })
                .mend(Mend::Mode {
                    path: stop.at.clone(),
                    clear: 0,
                    set: 0o100,
                })
            } else {
                f.mend(Mend::Mode {
                    path: stop.at.clone(),
                    clear: 0,
                    set: 0o001,
                })
            };
        }
        return Ok(because(
            Near::Unreadable,
            f.arg("reason", stop.errno.text()),
        ));
    }
    let home_gone = resolve(world, &account.home, None)?.is_err();
    let dangling = !stop.links.is_empty() && matches!(stop.errno, Errno::NotFound | Errno::Loop);
    let f = if home_gone && is_below(path, &account.home) {
        Finding::new(&ak::home_missing_or_unmounted::CAUSE)
            .arg("path", account.home.as_slice())
            .evidence(found::absent(&account.home))
    } else if dangling {
        let (link, target) = &stop.links[stop.links.len() - 1];
        Finding::new(&ak::keys_file_dangling_symlink::CAUSE)
            .arg("path", link.as_slice())
            .arg("target", target.as_slice())
            .evidence(match &stop.node {
                Some(node) => found::path(world, &stop.at, node),
                None => found::absent(&stop.at),
            })
    } else {
        let near = if stop.errno == Errno::NotFound {
            stop.at.as_slice()
        } else {
            path
        };
        Finding::new(&ak::keys_file_missing::CAUSE)
            .arg("path", path)
            .arg("reason", stop.errno.text())
            .evidence(found::absent(near))
    };
    let f = f.arg("file", path);
    Ok(because(Near::Missing, with_new_line(pass, f, path)))
}

/// Mends a missing or empty file by a line with the key.
pub(crate) fn with_new_line(pass: &Pass<'_>, finding: Finding, path: &[u8]) -> Finding {
    let (Some(key), Ok(account)) = (pass.attempt.key.as_ref(), pass.account()) else {
        return finding;
    };
    if key.key.as_ref().is_ok_and(|k| k.is_certificate()) {
        return finding;
    }
    let mut line = key.type_name().to_vec();
    line.push(b' ');
    line.extend_from_slice(sshwhy_keys::base64::encode(&key.blob).as_bytes());
    let finding = finding.arg("line_to_add", line.as_slice());
    finding.mend(Mend::KeyLine {
        path: path.to_vec(),
        line,
        uid: account.uid,
        gid: account.gid,
    })
}

/// The file is there, and the user may not read it.
fn unreadable(pass: &Pass<'_>, path: &[u8], resolved: &Resolved) -> Finding {
    let world = pass.world;
    let node = &resolved.node;
    let mut f = Finding::new(&ak::keys_file_unreadable::CAUSE)
        .arg("file", path)
        .arg("path", resolved.real.as_slice())
        .arg("what", "file")
        .arg("mode", found::octal(node.mode))
        .arg("owner", found::user_name(world, node.uid))
        .arg("group", found::group_name(world, node.gid))
        .arg("reason", Errno::Denied.text())
        .evidence(found::path(world, &resolved.real, node));
    let Ok(account) = pass.account() else {
        return f;
    };
    f.args.set(
        "bits",
        if node.uid == account.uid {
            "u+r"
        } else {
            "o+r"
        },
    );
    // Only a plain file of its own, reached without a link inside the home, may be looked into to
    // see what would come next: anything else might be another's secret.
    let own = resolved.links.is_empty()
        && node.is_file()
        && node.links == 1
        && is_below(&resolved.real, &account.home);
    if !own {
        return f;
    }
    if node.uid != account.uid {
        f = f.mend(Mend::Owner {
            path: resolved.real.clone(),
            uid: account.uid,
        });
    }
    f.mend(Mend::Mode {
        path: resolved.real.clone(),
        clear: 0,
        set: 0o400,
    })
}

/// Every file of AuthorizedKeysFile, left to right.
pub(crate) fn files(
    pass: &mut Pass<'_>,
    search: &mut Search,
    wanted: Wanted<'_>,
) -> Gate<Option<Granted>> {
    let words = pass.conf.words(Kw::AuthorizedKeysFile)?;
    let mut any = false;
    for word in &words.value {
        let paths = match paths(pass, &words, word) {
            Ok(paths) => paths,
            // What an earlier file says is not known: it may have let the key in.
            Err(Stop::Refused(f)) if !search.gaps.is_empty() => {
                let gap = search.gaps[0].0.clone();
                return Err(Stop::Unknown(gap, Some(f)));
            }
            Err(other) => return Err(other),
        };
        for path in paths {
            any = true;
            if let Some(granted) = in_file(pass, search, &words, &path, wanted)? {
                return Ok(Some(granted));
            }
        }
    }
    if !any {
        let f = Finding::new(&ak::keys_file_none::CAUSE).mend(Mend::Config {
            keyword: b"authorizedkeysfile".to_vec(),
            value: b".ssh/authorized_keys".to_vec(),
        });
        let f = found::with_setting(f, &words);
        search.tried.push(Tried::new(Near::NotListed, b"", f));
    }
    Ok(None)
}

/// One of these files.
fn in_file(
    pass: &mut Pass<'_>,
    search: &mut Search,
    words: &Said<Vec<Vec<u8>>>,
    path: &[u8],
    wanted: Wanted<'_>,
) -> Gate<Option<Granted>> {
    match open_keys(pass, path) {
        Ok(file) => {
            if let Some(granted) = lines::search_file(pass, search, &file, wanted)? {
                return Ok(Some(granted));
            }
        }
        Err(NotOpened::Because(near, finding)) => {
            let near = if near == Near::Unsafe && lines::holds_key(pass, path, wanted) {
                Near::UnsafeWithKey
            } else {
                near
            };
            let finding = found::with_setting(*finding, words);
            search.tried.push(Tried::new(near, path, finding));
        }
        Err(NotOpened::Stop(Stop::Unknown(gap, finding))) => search.gaps.push((gap, finding)),
        Err(NotOpened::Stop(other)) => return Err(other),
    }
    Ok(None)
}

/// No key is known to try: what can be said about the files all the same.
pub(crate) fn without_key(pass: &mut Pass<'_>, search: &mut Search) -> Gate {
    let words = pass.conf.words(Kw::AuthorizedKeysFile)?;
    let mut any = false;
    for word in &words.value {
        for path in &paths(pass, &words, word)? {
            any = true;
            match open_keys(pass, path) {
                Ok(file) => {
                    if !lines::keys_in(pass, &file).is_empty() {
                        // There are keys, and which of them is offered is not known.
                        return Err(Stop::Skipped);
                    }
                    let f = Finding::new(&ak::keys_file_empty::CAUSE)
                        .arg("path", path.as_slice())
                        .arg("file", path.as_slice());
                    let f = found::with_setting(f, &words);
                    search.tried.push(Tried::new(Near::NotListed, path, f));
                }
                Err(NotOpened::Because(near, finding)) => {
                    let f = found::with_setting(*finding, &words);
                    search.tried.push(Tried::new(near, path, f));
                }
                Err(NotOpened::Stop(stop)) => return Err(stop),
            }
        }
    }
    if !any {
        let f = Finding::new(&ak::keys_file_none::CAUSE);
        return Err(found::with_setting(f, &words).into());
    }
    let command = pass.conf.text(Kw::AuthorizedKeysCommand)?;
    if command.value.is_some() {
        return Err(sshwhy_world::Gap::not_looked(
            "the keys that AuthorizedKeysCommand gives",
            "no key to ask about was named",
            "name the key with --key",
        )
        .into());
    }
    search.tried.sort_by_key(|t| core::cmp::Reverse(t.near));
    match search.tried.drain(..).next() {
        Some(best) => Err(best.finding.into()),
        None => Err(Stop::Skipped),
    }
}
