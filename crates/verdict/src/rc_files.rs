//! Start-up files that may end a session or spoil it: sshd's (`do_rc_files`) and the shell's own.
//! What they do only running them tells: all of it is notes.

use crate::conf::Kw;
use crate::found;
use crate::pass::Pass;
use alloc::vec::Vec;
use sshwhy_causes::after_auth::rc_file_exit;
use sshwhy_causes::{Certainty, Evidence, Finding};
use sshwhy_world::resolve::{base_name, resolve};
use sshwhy_world::{Account, Fact, Gap, Reader, read_all};

/// Most bytes of a start-up file that are read.
const LIMIT: usize = 1 << 16;

/// Adds the notes. `by_config`: ForceCommand is set; `jailed`: the session is in a chroot.
pub(crate) fn look(
    pass: &mut Pass<'_>,
    account: &Account,
    by_config: bool,
    jailed: bool,
) -> Result<(), Gap> {
    let mut notes = Vec::new();
    notes.extend(of_sshd(pass, account, by_config)?);
    if !jailed {
        notes.extend(of_shell(pass, account)?);
    }
    pass.notes.append(&mut notes);
    Ok(())
}

/// Adds what the shell's own files say: what another server than sshd starts reads them too.
pub(crate) fn look_at_shell(pass: &mut Pass<'_>, account: &Account) -> Result<(), Gap> {
    let found = of_shell(pass, account)?;
    pass.notes.extend(found);
    Ok(())
}

fn note(path: &[u8], evidence: Evidence) -> Finding {
    let mut finding = Finding::new(&rc_file_exit::CAUSE)
        .arg("path", path)
        .evidence(evidence);
    finding.certainty = Certainty::Possible;
    finding
}

/// `do_rc_files`: the account's own, or else the one for all.
fn of_sshd(pass: &Pass<'_>, account: &Account, by_config: bool) -> Result<Option<Finding>, Gap> {
    let by_key = pass
        .granted
        .as_ref()
        .and_then(|g| g.options.as_ref())
        .is_none_or(|o| o.user_rc);
    let mut paths = Vec::new();
    if by_key && !by_config && pass.conf.is(Kw::PermitUserRC)? {
        paths.push([&account.home[..], b"/.ssh/rc"].concat());
    }
    paths.push(b"/etc/ssh/sshrc".to_vec());
    for path in paths {
        if let Ok(r) = resolve(pass.world, &path, pass.cred.as_ref())? {
            return Ok(Some(note(&path, found::path(pass.world, &r.real, &r.node))));
        }
    }
    Ok(None)
}

/// A line of the shell's start-up files that leaves the shell, outside of every condition as far
/// as its place at the margin shows.
fn of_shell(pass: &Pass<'_>, account: &Account) -> Result<Option<Finding>, Gap> {
    for name in own_files(base_name(account.effective_shell())) {
        let path = [&account.home[..], b"/", name].concat();
        let Ok(r) = resolve(pass.world, &path, pass.cred.as_ref())? else {
            continue;
        };
        let Fact::Known(Ok((text, _))) = read_all(pass.world, &r.real, Reader::Root, LIMIT) else {
            continue;
        };
        for (i, line) in text.split(|&b| b == b'\n').enumerate() {
            if leaves(line) {
                let place = found::text(&path, i as u64 + 1, line, 0..line.trim_ascii_end().len());
                return Ok(Some(note(&path, place)));
            }
        }
    }
    Ok(None)
}

/// What a shell reads, in a session with a command or with a terminal.
fn own_files(shell: &[u8]) -> &'static [&'static [u8]] {
    match shell {
        b"bash" => &[b".bashrc", b".bash_profile", b".bash_login", b".profile"],
        b"zsh" => &[b".zshenv", b".zprofile", b".zshrc"],
        b"sh" | b"dash" | b"ash" | b"ksh" => &[b".profile"],
        _ => &[],
    }
}

/// `exit`, `logout`, or `exec` of another program; `exec` with a redirection stays in the shell.
fn leaves(line: &[u8]) -> bool {
    let mut words = line
        .split(|b| b.is_ascii_whitespace() || *b == b';')
        .map(<[u8]>::trim_ascii);
    match words.next() {
        Some(b"exit" | b"logout") => true,
        Some(b"exec") => words
            .find(|w| !w.is_empty())
            .is_some_and(|w| !w.iter().any(|b| b"<>".contains(b)) && w.first() != Some(&b'#')),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::leaves;

    #[test]
    fn only_a_line_at_the_margin_that_leaves_the_shell_counts() {
        assert!(leaves(b"exit 1"));
        assert!(leaves(b"exit; # no"));
        assert!(leaves(b"exec /usr/bin/fish -l"));
        assert!(!leaves(b"exec 2>/dev/null"));
        assert!(!leaves(b"    *) return;;"));
        assert!(!leaves(b"  exit 1"));
        assert!(!leaves(b"exit_code=1"));
    }
}
