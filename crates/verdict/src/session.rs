//! What ends or surprises the session of an accepted key (`session.c`: `do_exec`, `do_child`).

use crate::conf::{Kw, Said};
use crate::found;
use crate::pam;
use crate::pass::Pass;
use crate::rc_files;
use alloc::string::ToString;
use alloc::vec::Vec;
use sshwhy_causes::Finding;
use sshwhy_causes::after_auth as cause;
use sshwhy_config::Origin;
use sshwhy_world::access::{EXECUTE, READ};
use sshwhy_world::resolve::{join, parent, resolve};
use sshwhy_world::{Account, Errno, Fact, Gap, Kind, Reader, Software, World, read_all};

/// Programs that say no and exit.
const NO_SHELLS: [&[u8]; 8] = [
    b"/usr/sbin/nologin",
    b"/sbin/nologin",
    b"/usr/bin/nologin",
    b"/bin/nologin",
    b"/bin/false",
    b"/usr/bin/false",
    b"/bin/true",
    b"/usr/bin/true",
];
/// What a program says about how it is run stands in its first bytes.
pub(crate) const HEAD: usize = 4_096;
/// Most bytes of a file's text that evidence quotes.
const QUOTE: usize = 200;
/// MAXSYMLINKS
const MAX_LINKS: usize = 40;

/// Everything that ends or surprises the session, in the order in which sshd comes to it.
pub(crate) fn look(pass: &mut Pass<'_>) -> Vec<Finding> {
    let mut out = Vec::new();
    // A fact that is missing here leaves the verdict alone, and nothing to report.
    let _ = collect(pass, &mut out);
    for f in &mut out {
        pass.dress(f);
        f.mend.clear();
    }
    let mut notes = core::mem::take(&mut pass.notes);
    for f in &mut notes {
        f.args.fill(&pass.base());
    }
    pass.notes = notes;
    out
}

fn collect(pass: &mut Pass<'_>, out: &mut Vec<Finding>) -> Result<(), Gap> {
    let Some(account) = pass.account.clone() else {
        return Ok(());
    };
    let sshd = pass.world.build().software == Software::OpenSsh;
    if sshd {
        out.extend(max_sessions(pass)?);
    }
    let forced = forced(pass)?;
    let sftp_alone = forced
        .as_ref()
        .is_some_and(|f| is_internal_sftp(&f.command));
    if sshd {
        if pass.new_password && pass.conf.is(Kw::UsePAM)? {
            out.push(new_password(pass, &account));
        }
        out.extend(nologin_file(pass, &account)?);
    }
    let chroot = if sshd {
        pass.conf.text(Kw::ChrootDirectory)?
    } else {
        rc_files::look_at_shell(pass, &account)?;
        return ends(pass, out, &account, forced);
    };
    let mut jail = None;
    if chroot.value.is_some() {
        match chroot_into(pass, &account, &chroot)? {
            Err(finding) => {
                out.push(finding);
                return Ok(());
            }
            Ok(dir) => jail = Some(dir).filter(|d| d != b"/"),
        }
    }
    if sshd && pass.conf.is(Kw::UsePAM)? {
        match pam::session_phase(pass, &account)? {
            pam::Opened::No(finding) => out.push(finding),
            pam::Opened::Yes { no_room } => out.extend(no_room),
        }
    }
    match &jail {
        Some(dir) if !sftp_alone => out.extend(shell_in(pass, &account, dir, &chroot)?),
        Some(_) => {}
        None => {
            home(pass, &account)?;
            // With any ChrootDirectory the gate before did not ask for the shell.
            if chroot.value.is_some() && !sftp_alone {
                out.extend(shell_in(pass, &account, b"/", &chroot)?);
            }
        }
    }
    let by_config = forced.as_ref().is_some_and(|f| f.said.is_some());
    rc_files::look(pass, &account, by_config, jail.is_some())?;
    sftp_subsystem(pass, sftp_alone)?;
    if jail.is_some() {
        // Programs and shells lie inside of it; what is forced is still worth saying.
        out.extend(forced.and_then(|f| surprise(pass, &f)));
        return Ok(());
    }
    ends(pass, out, &account, forced)
}

/// What the last step starts: internal-sftp, the forced command, the shell.
fn ends(
    pass: &Pass<'_>,
    out: &mut Vec<Finding>,
    account: &Account,
    forced: Option<Forced>,
) -> Result<(), Gap> {
    let sftp_alone = forced
        .as_ref()
        .is_some_and(|f| is_internal_sftp(&f.command));
    if !sftp_alone {
        out.extend(shell(pass, account)?);
    }
    if let Some(forced) = forced {
        out.extend(command_fails(pass, &forced)?);
        out.extend(surprise(pass, &forced));
    }
    Ok(())
}

/// MaxSessions 0: no shell, no command, no subsystem; forwarding works.
fn max_sessions(pass: &Pass<'_>) -> Result<Option<Finding>, Gap> {
    let said = pass.conf.number(Kw::MaxSessions)?;
    if said.value > 0 {
        return Ok(None);
    }
    Ok(Some(found::with_setting(
        Finding::new(&cause::max_sessions::CAUSE),
        &said,
    )))
}

/// `do_pwchange`
fn new_password(pass: &Pass<'_>, account: &Account) -> Finding {
    let mut finding = Finding::new(&cause::password_expired_forced_change::CAUSE);
    if let Fact::Known(Some(shadow)) = pass.world.shadow(&account.name) {
        let words = if shadow.last_change == 0 {
            b"the day of the last change is 0: a new password is asked for".to_vec()
        } else {
            alloc::format!(
                "changed on {}, valid for {} days",
                crate::account::day(shadow.last_change),
                shadow.max
            )
            .into_bytes()
        };
        finding = finding.evidence(found::account(
            "/etc/shadow",
            account.name.as_slice(),
            words,
        ));
    }
    finding
}

/// `do_nologin`: without PAM, and for everyone but uid 0.
fn nologin_file(pass: &Pass<'_>, account: &Account) -> Result<Option<Finding>, Gap> {
    if account.uid == 0 || pass.conf.is(Kw::UsePAM)? {
        return Ok(None);
    }
    let Ok(file) = resolve(pass.world, b"/etc/nologin", None)? else {
        return Ok(None);
    };
    let mut evidence = found::path(pass.world, b"/etc/nologin", &file.node);
    if let Fact::Known(Ok((text, _))) = read_all(pass.world, &file.real, Reader::Root, QUOTE) {
        evidence.detail = Some(text.trim_ascii().to_vec()).filter(|t| !t.is_empty());
    }
    let said = pass.conf.flag(Kw::UsePAM)?;
    let finding = Finding::new(&cause::nologin_file::CAUSE)
        .arg("path", &b"/etc/nologin"[..])
        .evidence(evidence);
    Ok(Some(found::with_setting(finding, &said)))
}

/// The command that runs whatever the client asks for.
struct Forced {
    command: Vec<u8>,
    origin: Vec<u8>,
    said: Option<Said<Option<Vec<u8>>>>,
}

/// What runs in place of the client's wish.
pub(crate) fn forced_command(pass: &Pass<'_>) -> Result<Option<Vec<u8>>, Gap> {
    Ok(forced(pass)?.map(|f| f.command))
}

/// The command of `Subsystem sftp`.
pub(crate) fn sftp_command(pass: &Pass<'_>) -> Option<Vec<u8>> {
    let all = pass.conf.effective().subsystems();
    let (_, command, _) = all.into_iter().find(|(name, _, _)| *name == b"sftp")?;
    Some(command.to_vec())
}

/// ForceCommand goes before `command=` and a certificate's force-command.
fn forced(pass: &Pass<'_>) -> Result<Option<Forced>, Gap> {
    if pass.world.build().software == Software::OpenSsh {
        let said = pass.conf.text(Kw::ForceCommand)?;
        if let Some(command) = said.value.clone() {
            return Ok(Some(Forced {
                command,
                origin: said.origin.clone(),
                said: Some(said),
            }));
        }
    }
    let Some(granted) = &pass.granted else {
        return Ok(None);
    };
    let Some(command) = granted.command.clone() else {
        return Ok(None);
    };
    let origin = if granted.command_from_cert {
        b"the certificate".to_vec()
    } else if granted.line > 0 {
        let mut origin = granted.file.clone();
        origin.extend_from_slice(alloc::format!(":{}", granted.line).as_bytes());
        origin
    } else {
        granted.origin.clone()
    };
    Ok(Some(Forced {
        command,
        origin,
        said: None,
    }))
}

/// `IS_INTERNAL_SFTP`
fn is_internal_sftp(command: &[u8]) -> bool {
    command
        .strip_prefix(b"internal-sftp")
        .is_some_and(|rest| matches!(rest.first(), None | Some(b' ' | b'\t')))
}

/// What is forced, as a finding.
fn surprise(pass: &Pass<'_>, forced: &Forced) -> Option<Finding> {
    let (which, other) = match cloud_user(&forced.command) {
        Some(other) => (&cause::root_cloud_image_banner::CAUSE, Some(other)),
        None if is_internal_sftp(&forced.command) => (&cause::internal_sftp_only::CAUSE, None),
        None => (&cause::forced_command_surprise::CAUSE, None),
    };
    Some(about(pass, Finding::new(which), forced, other))
}

fn about(pass: &Pass<'_>, finding: Finding, forced: &Forced, other: Option<Vec<u8>>) -> Finding {
    let mut finding = match &forced.said {
        Some(said) => found::with_setting(finding, said),
        None => finding.arg("origin", forced.origin.as_slice()),
    }
    .arg("command", forced.command.as_slice());
    if let Some(other) = other {
        finding.args.set("other_user", other);
    }
    if forced.said.is_some() {
        return finding;
    }
    let Some(granted) = &pass.granted else {
        return finding;
    };
    if granted.command_from_cert {
        return finding.evidence(found::key(
            forced.command.as_slice(),
            "force-command of the certificate",
        ));
    }
    finding.args.set("file", granted.file.as_slice());
    finding.args.set("line", granted.line.to_string());
    let text = [&b"command=\""[..], &forced.command, b"\""].concat();
    let mut evidence = found::text(&granted.file, granted.line, &text, 0..text.len());
    // The option stands somewhere in the line; only its own text is shown.
    evidence.column = None;
    evidence.end_column = None;
    finding.evidence(evidence)
}

/// The account that cloud-init's sentence names.
fn cloud_user(command: &[u8]) -> Option<Vec<u8>> {
    const SENTENCE: &[u8] = b"Please login as the user ";
    let at = command
        .windows(SENTENCE.len())
        .position(|w| w.eq_ignore_ascii_case(SENTENCE))?;
    let rest = command.get(at + SENTENCE.len()..)?;
    let quoted = |b: &u8| matches!(b, b'\\' | b'"' | b'\'' | b' ');
    let start = rest.iter().position(|b| !quoted(b))?;
    let name = rest.get(start..)?;
    let end = name.iter().position(quoted).unwrap_or(name.len());
    Some(name.get(..end)?.to_vec())
}

/// A forced program, named by its full path, that cannot be run.
fn command_fails(pass: &Pass<'_>, forced: &Forced) -> Result<Option<Finding>, Gap> {
    let command = forced.command.as_slice();
    let end = command
        .iter()
        .position(|b| b" \t;&|<>()".contains(b))
        .unwrap_or(command.len());
    let program = command.get(..end).unwrap_or(b"");
    let odd = program.iter().any(|b| b"$`'\"\\*?[~=".contains(b));
    if program.first() != Some(&b'/') || odd || is_internal_sftp(command) {
        return Ok(None);
    }
    let (status, evidence) = match resolve(pass.world, program, pass.cred.as_ref())? {
        Ok(r) if r.node.is_file() && pass.cred.as_ref().is_none_or(|c| c.may(&r.node, EXECUTE)) => {
            return Ok(None);
        }
        Ok(r) => ("126", found::path(pass.world, &r.real, &r.node)),
        Err(stop) if stop.errno == Errno::NotFound => ("127", found::absent(program)),
        Err(stop) => match &stop.node {
            Some(node) => ("126", found::path(pass.world, &stop.at, node)),
            None => return Ok(None),
        },
    };
    let finding = Finding::new(&cause::force_command_fails::CAUSE)
        .arg("status", status)
        .arg("path", program)
        .evidence(evidence);
    Ok(Some(about(pass, finding, forced, None)))
}

/// The login shell says no, or cannot be started.
fn shell(pass: &Pass<'_>, account: &Account) -> Result<Option<Finding>, Gap> {
    let shell = account.effective_shell();
    let entry = found::account("/etc/passwd", shell, "the shell of the account");
    if NO_SHELLS.contains(&shell) {
        let finding = Finding::new(&cause::shell_nologin::CAUSE)
            .arg("path", shell)
            .arg("found", shell)
            .evidence(entry);
        return Ok(Some(finding));
    }
    let fails = |reason: &str, evidence| {
        Finding::new(&cause::shell_exec_fails::CAUSE)
            .arg("path", shell)
            .arg("reason", reason)
            .evidence(evidence)
            .evidence(entry.clone())
    };
    // The gate before looked from sshd's own directory; the shell is started in the home directory.
    let cred = pass.cred.as_ref();
    let lies = if shell.starts_with(b"/") {
        shell.to_vec()
    } else {
        let home = resolve(pass.world, &account.home, cred)?.is_ok();
        join(if home { &account.home } else { b"/" }, shell)
    };
    let there = match resolve(pass.world, &lies, cred)? {
        Ok(r) => r,
        Err(stop) if lies != shell => {
            return Ok(Some(fails(stop.errno.text(), found::absent(&lies))));
        }
        Err(stop) if stop.errno == Errno::Denied => {
            let evidence = match &stop.node {
                Some(node) => found::path(pass.world, &stop.at, node),
                None => found::absent(&stop.at),
            };
            return Ok(Some(fails(stop.errno.text(), evidence)));
        }
        // The gate before has asked for it.
        Err(_) => return Ok(None),
    };
    if pass
        .cred
        .as_ref()
        .is_some_and(|c| !c.may(&there.node, EXECUTE))
    {
        let evidence = found::path(pass.world, &there.real, &there.node);
        return Ok(Some(fails(Errno::Denied.text(), evidence)));
    }
    let Fact::Known(Ok((head, _))) = read_all(pass.world, &there.real, Reader::Root, HEAD) else {
        return Ok(None);
    };
    let node = || found::path(pass.world, &there.real, &there.node);
    let Some(starter) = starter(&head) else {
        // No program of any kind, but text without `#!`.
        let line = head.split(|&b| b == b'\n').next().unwrap_or_default();
        let text = !line.is_empty() && line.iter().all(|b| matches!(b, b' '..=b'~' | b'\t'));
        return Ok((text && !line.starts_with(b"#!")).then(|| fails("Exec format error", node())));
    };
    // The interpreter opens a script with the account's rights.
    if head.starts_with(b"#!")
        && pass
            .cred
            .as_ref()
            .is_some_and(|c| !c.may(&there.node, READ))
    {
        return Ok(Some(fails(Errno::Denied.text(), node())));
    }
    match resolve(pass.world, &starter, pass.cred.as_ref())? {
        Ok(_) => Ok(None),
        Err(stop) => Ok(Some(fails(stop.errno.text(), found::absent(&starter)))),
    }
}

/// The program that starts this one: the interpreter of a script, the loader of an ELF file.
pub(crate) fn starter(head: &[u8]) -> Option<Vec<u8>> {
    if let Some(rest) = head.strip_prefix(b"#!") {
        let line = rest.split(|&b| b == b'\n').next()?.trim_ascii();
        let end = line
            .iter()
            .position(u8::is_ascii_whitespace)
            .unwrap_or(line.len());
        return line
            .get(..end)
            .filter(|w| w.starts_with(b"/"))
            .map(<[u8]>::to_vec);
    }
    let wide = match head.get(..6)? {
        [0x7f, b'E', b'L', b'F', 1, 1] => false,
        [0x7f, b'E', b'L', b'F', 2, 1] => true,
        _ => return None,
    };
    let number = |at: usize, len: usize| -> Option<usize> {
        let bytes = head.get(at..at.checked_add(len)?)?;
        let value = bytes.iter().rev().fold(0u64, |n, b| n << 8 | u64::from(*b));
        usize::try_from(value).ok()
    };
    let (table, size, count) = if wide {
        (number(32, 8)?, number(54, 2)?, number(56, 2)?)
    } else {
        (number(28, 4)?, number(42, 2)?, number(44, 2)?)
    };
    const PT_INTERP: usize = 3;
    for i in 0..count {
        let at = table.checked_add(size.checked_mul(i)?)?;
        if number(at, 4)? != PT_INTERP {
            continue;
        }
        let (from, len) = if wide {
            (
                number(at.checked_add(8)?, 8)?,
                number(at.checked_add(32)?, 8)?,
            )
        } else {
            (
                number(at.checked_add(4)?, 4)?,
                number(at.checked_add(16)?, 4)?,
            )
        };
        let name = head.get(from..from.checked_add(len)?)?;
        let name = name.split(|&b| b == 0).next()?;
        return Some(name.to_vec()).filter(|n| n.starts_with(b"/"));
    }
    None
}

/// `safely_chroot`: the directory, or why sshd closes the connection.
fn chroot_into(
    pass: &Pass<'_>,
    account: &Account,
    said: &Said<Option<Vec<u8>>>,
) -> Result<Result<Vec<u8>, Finding>, Gap> {
    let path = expand(said.value.as_deref().unwrap_or(b""), account);
    let finding =
        |which, path: &[u8]| found::with_setting(Finding::new(which).arg("path", path), said);
    if path.first() != Some(&b'/') {
        return Ok(Err(finding(&cause::chroot_not_absolute::CAUSE, &path)));
    }
    let mut real = Vec::new();
    let ends = path
        .iter()
        .enumerate()
        .filter(|(_, b)| **b == b'/')
        .map(|(i, _)| i + 1)
        .chain(core::iter::once(path.len()));
    for end in ends {
        let part = path.get(..end).unwrap_or(b"/");
        let shown = part
            .strip_suffix(b"/")
            .filter(|p| !p.is_empty())
            .unwrap_or(part);
        let node = match resolve(pass.world, shown, None)? {
            Ok(r) => {
                real = r.real;
                r.node
            }
            Err(stop) => {
                let f =
                    finding(&cause::chroot_missing::CAUSE, shown).arg("reason", stop.errno.text());
                return Ok(Err(f.evidence(found::absent(shown))));
            }
        };
        let evidence = found::path(pass.world, &real, &node);
        if node.uid != 0 || node.mode & 0o022 != 0 {
            let f = finding(&cause::chroot_bad_ownership::CAUSE, shown)
                .arg("owner", found::user_name(pass.world, node.uid))
                .arg("group", found::group_name(pass.world, node.gid))
                .arg("mode", found::octal(node.mode));
            return Ok(Err(f.evidence(evidence)));
        }
        if !node.is_dir() {
            let f =
                finding(&cause::chroot_missing::CAUSE, shown).arg("reason", Errno::NotDir.text());
            return Ok(Err(f.evidence(evidence)));
        }
    }
    Ok(Ok(real))
}

/// A leading `~`, then %h, %u, %U and %%.
fn expand(text: &[u8], account: &Account) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    if let Some(tail) = rest
        .strip_prefix(b"~")
        .filter(|t| t.is_empty() || t.starts_with(b"/"))
    {
        out.extend_from_slice(&account.home);
        rest = tail;
    }
    let mut bytes = rest.iter();
    while let Some(&b) = bytes.next() {
        if b != b'%' {
            out.push(b);
            continue;
        }
        match bytes.next() {
            Some(b'h') => out.extend_from_slice(&account.home),
            Some(b'u') => out.extend_from_slice(&account.name),
            Some(b'U') => out.extend_from_slice(account.uid.to_string().as_bytes()),
            Some(&other) => out.push(other),
            None => {}
        }
    }
    out
}

/// The shell as it looks from inside the chroot.
fn shell_in(
    pass: &Pass<'_>,
    account: &Account,
    dir: &[u8],
    said: &Said<Option<Vec<u8>>>,
) -> Result<Option<Finding>, Gap> {
    let shell = account.effective_shell();
    if inside(pass.world, dir, shell)? {
        return Ok(None);
    }
    let finding = Finding::new(&cause::chroot_no_shell::CAUSE)
        .arg("path", dir)
        .arg("shell", shell)
        .evidence(found::absent(&join(
            dir,
            shell.strip_prefix(b"/").unwrap_or(shell),
        )));
    Ok(Some(found::with_setting(finding, said)))
}

/// Whether a path leads to a file when `root` is the root directory.
fn inside(world: &dyn World, root: &[u8], path: &[u8]) -> Result<bool, Gap> {
    let split = |path: &[u8]| -> Vec<Vec<u8>> {
        let parts = path
            .split(|&b| b == b'/')
            .filter(|c| !c.is_empty() && *c != b".");
        let mut parts: Vec<Vec<u8>> = parts.map(<[u8]>::to_vec).collect();
        parts.reverse();
        parts
    };
    let mut todo = split(path);
    let mut here = root.to_vec();
    let mut links = 0;
    while let Some(name) = todo.pop() {
        if name == b".." {
            if here != root {
                here = parent(&here).to_vec();
            }
            continue;
        }
        let next = join(&here, &name);
        let Ok(node) = world.lstat(&next).known()? else {
            return Ok(false);
        };
        if let Kind::Link(target) = &node.kind {
            links += 1;
            if links > MAX_LINKS {
                return Ok(false);
            }
            if target.first() == Some(&b'/') {
                here = root.to_vec();
            }
            todo.extend(split(target));
            continue;
        }
        if todo.is_empty() {
            return Ok(node.is_file());
        }
        here = next;
    }
    Ok(false)
}

/// sshd goes on in `/` where the home cannot be entered.
fn home(pass: &mut Pass<'_>, account: &Account) -> Result<(), Gap> {
    let gone = match resolve(pass.world, &account.home, pass.cred.as_ref())? {
        Ok(r) if !r.node.is_dir() => {
            Some((Errno::NotDir, found::path(pass.world, &r.real, &r.node)))
        }
        Ok(r) if pass.cred.as_ref().is_some_and(|c| !c.may(&r.node, EXECUTE)) => {
            Some((Errno::Denied, found::path(pass.world, &r.real, &r.node)))
        }
        Ok(_) => None,
        Err(stop) => Some((
            stop.errno,
            match &stop.node {
                Some(node) => found::path(pass.world, &stop.at, node),
                None => found::absent(&account.home),
            },
        )),
    };
    if let Some((errno, evidence)) = gone {
        let expected = [&b"/home/"[..], &account.name].concat();
        let finding = Finding::new(&cause::home_missing::CAUSE)
            .arg("path", account.home.as_slice())
            .arg("reason", errno.text())
            .arg("expected", expected)
            .evidence(evidence);
        pass.notes.push(finding);
    }
    Ok(())
}

/// Whether `sftp` has a program behind it.
fn sftp_subsystem(pass: &mut Pass<'_>, forced_sftp: bool) -> Result<(), Gap> {
    if forced_sftp {
        return Ok(());
    }
    let all = pass.conf.effective().subsystems();
    let Some((_, command, origin)) = all.into_iter().find(|(name, _, _)| *name == b"sftp") else {
        return Ok(());
    };
    let program = command.split(u8::is_ascii_whitespace).next().unwrap_or(b"");
    if program.first() != Some(&b'/') || resolve(pass.world, program, None)?.is_ok() {
        return Ok(());
    }
    let (program, mut finding) = (
        program.to_vec(),
        Finding::new(&cause::sftp_subsystem_missing::CAUSE),
    );
    finding = finding
        .arg("path", program.as_slice())
        .arg("found", "sftp")
        .arg(
            "reason",
            alloc::format!("{}: {}", program.escape_ascii(), Errno::NotFound.text()),
        )
        .arg("origin", said_at(&origin))
        .evidence(found::absent(&program));
    pass.notes.push(finding);
    Ok(())
}

fn said_at(origin: &Origin<'_>) -> Vec<u8> {
    match origin {
        Origin::File { place, .. } => {
            let mut out = place.file.to_vec();
            out.extend_from_slice(alloc::format!(":{}", place.line).as_bytes());
            out
        }
        Origin::CommandLine { .. } => b"sshd's command line".to_vec(),
        Origin::Default { .. } => b"the default".to_vec(),
    }
}
