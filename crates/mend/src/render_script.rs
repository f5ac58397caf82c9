//! A plan as a POSIX shell script, and as one line for a console.
//!
//! Besides the tools of POSIX it needs stat(1) with `-c` and mktemp(1), as coreutils, BusyBox and
//! Toybox have them, and setfacl(1) or restorecon(8) where an ACL or a label changes.

use crate::change::{Change, Made, Plan, What};
use crate::plan_after::without_acl;
use crate::render::{CannotSay, Splice, sayable, title};
use sshwhy_world::{Acl, AclTag, Kind};

const HEAD: &str = "\
#!/bin/sh
# The changes of a plan by sshwhy. Run it as root. It stops at the first thing that is not as the
# plan found it, and nothing after that is touched.
# `sshwhy fix` does the same and can take it back; this script cannot.
set -eu
umask 077
LC_ALL=C
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
stop() {
    printf '%s\\n' \"stopped: $1 is not as the plan found it\" >&2
    exit 1
}
";

/// The script. `root` stands before every path: a mounted disk.
///
/// # Errors
/// The first change that a script cannot say.
pub fn script(plan: &Plan, root: Option<&[u8]>) -> Result<Vec<u8>, CannotSay> {
    let mut out = HEAD.as_bytes().to_vec();
    for change in &plan.changes {
        out.extend_from_slice(
            format!("\n# {}: {}\n", title(change), change.reasons.join(", ")).as_bytes(),
        );
        let path = at(root, &change.path);
        out.extend(assign("p", &path));
        out.extend(check(change));
        for command in commands(change)? {
            out.extend(command);
            out.push(b'\n');
        }
    }
    if let Some(reload) = &plan.reload {
        out.extend_from_slice(
            b"\n# sshd has to hear of it; check first, and keep this session open meanwhile.\n\
              sshd -t\n",
        );
        let way = if reload.restart {
            "restart it"
        } else {
            "let it read its configuration (systemctl reload ssh, or sshd)"
        };
        out.extend_from_slice(format!("printf '%s\\n' 'sshd: {way}'\n").as_bytes());
    }
    Ok(out)
}

/// One line for a console, without checks: for a machine that lets nobody in.
///
/// # Errors
/// The first change that a line cannot say.
pub fn rescue(plan: &Plan, root: Option<&[u8]>) -> Result<Vec<u8>, CannotSay> {
    let mut parts: Vec<Vec<u8>> = vec![b"umask 077".to_vec()];
    for change in &plan.changes {
        let path = at(root, &change.path);
        let mut set = assign("p", &path);
        set.pop();
        let set: Vec<u8> = set
            .iter()
            .map(|b| if *b == b'\n' { b';' } else { *b })
            .collect();
        parts.push(set);
        parts.extend(commands(change)?);
    }
    let mut out = parts.join(&b" && "[..]);
    out.push(b'\n');
    Ok(out)
}

fn at(root: Option<&[u8]>, path: &[u8]) -> Vec<u8> {
    match root {
        Some(root) => [root.strip_suffix(b"/").unwrap_or(root), path].concat(),
        None => path.to_vec(),
    }
}

/// `name='…'`, for any bytes: what cannot be seen is written in octal for printf(1), with a mark
/// behind it that keeps trailing line feeds.
fn assign(name: &str, value: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    if value.iter().all(|b| (0x20..0x7f).contains(b)) {
        out.extend_from_slice(format!("{name}='").as_bytes());
        for &b in value {
            match b {
                b'\'' => out.extend_from_slice(b"'\\''"),
                _ => out.push(b),
            }
        }
        out.extend_from_slice(b"'\n");
        return out;
    }
    out.extend_from_slice(format!("{name}=$(printf '").as_bytes());
    out.extend(octal(value));
    out.extend_from_slice(format!(".')\n{name}=${{{name}%.}}\n").as_bytes());
    out
}

/// Bytes as a format for printf(1).
fn octal(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for &b in bytes {
        if b.is_ascii_alphanumeric() || b"_./@+=:,- ".contains(&b) {
            out.push(b);
        } else {
            out.extend_from_slice(format!("\\{b:03o}").as_bytes());
        }
    }
    out
}

/// What has to be there.
fn check(change: &Change) -> Vec<u8> {
    let Some(node) = &change.before else {
        return b"{ [ ! -e \"$p\" ] && [ ! -h \"$p\" ]; } || stop \"$p\"\n".to_vec();
    };
    let mut out = Vec::new();
    let kind = match node.kind {
        Kind::File => "[ -f \"$p\" ] && [ ! -h \"$p\" ]",
        Kind::Dir => "[ -d \"$p\" ] && [ ! -h \"$p\" ]",
        Kind::Link(_) => "[ -h \"$p\" ]",
        Kind::Fifo => "[ -p \"$p\" ] && [ ! -h \"$p\" ]",
        Kind::Socket => "[ -S \"$p\" ] && [ ! -h \"$p\" ]",
        Kind::CharDevice => "[ -c \"$p\" ] && [ ! -h \"$p\" ]",
        Kind::BlockDevice => "[ -b \"$p\" ] && [ ! -h \"$p\" ]",
    };
    out.extend_from_slice(format!("{{ {kind}; }} || stop \"$p\"\n").as_bytes());
    if !matches!(node.kind, Kind::Link(_)) {
        out.extend_from_slice(
            format!(
                "[ \"$(stat -c '%a %u %g' -- \"$p\")\" = '{:o} {} {}' ] || stop \"$p\"\n",
                node.mode, node.uid, node.gid
            )
            .as_bytes(),
        );
    }
    let bytes = match &change.what {
        What::Write { before, .. } | What::Replace { before, .. } | What::Remove { before } => {
            before.as_deref()
        }
        _ => None,
    };
    if let Some(bytes) = bytes {
        out.extend_from_slice(
            format!(
                "[ \"$(cksum < \"$p\")\" = '{} {}' ] || stop \"$p\"\n",
                cksum(bytes),
                bytes.len()
            )
            .as_bytes(),
        );
    }
    out
}

/// The commands of one change; `$p` is its path.
fn commands(change: &Change) -> Result<Vec<Vec<u8>>, CannotSay> {
    let mut out: Vec<Vec<u8>> = Vec::new();
    let mut say = |text: String| out.push(text.into_bytes());
    match &change.what {
        What::Mode { to } => say(format!("chmod {to:04o} -- \"$p\"")),
        What::Owner { uid, gid } => match gid {
            Some(gid) => say(format!("chown -h {uid}:{gid} -- \"$p\"")),
            None => say(format!("chown -h {uid} -- \"$p\"")),
        },
        What::Acl { to } => match to {
            Some(acl) => say(format!("setfacl --set {} -- \"$p\"", acl_words(acl))),
            None => {
                // setfacl gives the group its own entry, no longer masked: it is cut first.
                let node = change.before.as_ref();
                let mode = node.map(|n| without_acl(n.mode, n.acl.as_ref()));
                let own = mode.map_or(0, |m| m >> 3 & 7);
                say(format!("setfacl -n -m g::{own} -- \"$p\""));
                say("setfacl -b -- \"$p\"".to_owned());
            }
        },
        What::Label { .. } => say("restorecon -F -- \"$p\"".to_owned()),
        What::MakeDir(made) => {
            say("mkdir -- \"$p\"".to_owned());
            say(own(*made, "p"));
        }
        What::Remove { .. } => say("rm -f -- \"$p\"".to_owned()),
        What::Write {
            before,
            after,
            made,
        } => {
            say("t=$(mktemp -- \"$p.XXXXXX\")".to_owned());
            match before {
                // Mode, owner and ACL stay as they are.
                Some(_) => say("cp -p -- \"$p\" \"$t\"".to_owned()),
                None => say(own(*made, "t")),
            }
            out.push(content(change, before.as_deref(), after)?);
            out.push(b"mv -f -- \"$t\" \"$p\"".to_vec());
            out.push(RESTORE.to_vec());
        }
        What::Replace {
            before,
            after,
            made,
        } => {
            say("t=$(mktemp -- \"$p.XXXXXX\")".to_owned());
            say(own(*made, "t"));
            out.push(content(change, before.as_deref(), after)?);
            out.push(b"mv -f -- \"$t\" \"$p\"".to_vec());
            out.push(RESTORE.to_vec());
        }
    }
    Ok(out)
}

/// A new inode has its directory's label until the policy's own is set.
const RESTORE: &[u8] = b"{ ! command -v restorecon > /dev/null || restorecon -F -- \"$p\" || :; }";

fn own(made: Made, name: &str) -> String {
    format!(
        "chown {}:{} -- \"${name}\" && chmod {:04o} -- \"${name}\"",
        made.uid, made.gid, made.mode
    )
}

/// Writes the new bytes to `$t`: those that stay come from `$p`, so that no line is printed here
/// that does not change.
fn content(change: &Change, before: Option<&[u8]>, after: &[u8]) -> Result<Vec<u8>, CannotSay> {
    let old = before.unwrap_or_default();
    let splice = Splice::of(old, after);
    sayable(change, splice.middle)?;
    let mut out = b"{ :".to_vec();
    if splice.head > 0 {
        out.extend_from_slice(
            format!("; dd if=\"$p\" bs={} count=1 2> /dev/null", splice.head).as_bytes(),
        );
    }
    for piece in splice.middle.chunks(2_000) {
        out.extend_from_slice(b"; printf '");
        out.extend(octal(piece));
        out.extend_from_slice(b"'");
    }
    if splice.tail > 0 {
        out.extend_from_slice(
            format!("; tail -c +{} -- \"$p\"", old.len() - splice.tail + 1).as_bytes(),
        );
    }
    out.extend_from_slice(b"; } > \"$t\"");
    Ok(out)
}

/// The words of setfacl(1).
fn acl_words(acl: &Acl) -> String {
    let words: Vec<String> = acl
        .entries
        .iter()
        .map(|e| {
            let who = match e.tag {
                AclTag::UserObj => "u:".to_owned(),
                AclTag::User(uid) => format!("u:{uid}"),
                AclTag::GroupObj => "g:".to_owned(),
                AclTag::Group(gid) => format!("g:{gid}"),
                AclTag::Mask => "m:".to_owned(),
                AclTag::Other => "o:".to_owned(),
            };
            let bit = |mask: u8, c: char| if e.perm & mask != 0 { c } else { '-' };
            format!("{who}:{}{}{}", bit(4, 'r'), bit(2, 'w'), bit(1, 'x'))
        })
        .collect();
    words.join(",")
}

/// The checksum of cksum(1): CRC of the bytes and of their number (POSIX, XCU cksum).
fn cksum(bytes: &[u8]) -> u32 {
    const POLYNOMIAL: u32 = 0x04c1_1db7;
    let mut crc = 0u32;
    let mut step = |byte: u8| {
        crc ^= u32::from(byte) << 24;
        for _ in 0..8 {
            let carry = crc & 0x8000_0000 != 0;
            crc <<= 1;
            if carry {
                crc ^= POLYNOMIAL;
            }
        }
    };
    for &b in bytes {
        step(b);
    }
    let mut n = bytes.len() as u64;
    while n > 0 {
        step((n & 0xff) as u8);
        n >>= 8;
    }
    !crc
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_cksum() {
        // printf '' | cksum; printf 'hello\n' | cksum
        assert_eq!(cksum(b""), 4_294_967_295);
        assert_eq!(cksum(b"hello\n"), 3_015_617_425);
    }

    #[test]
    fn a_path_is_one_word_whatever_it_holds() {
        assert_eq!(assign("p", b"/a b'c"), b"p='/a b'\\''c'\n");
        assert_eq!(
            assign("p", b"/x\n\xff$(y)"),
            b"p=$(printf '/x\\012\\377\\044\\050y\\051.')\np=${p%.}\n"
        );
    }
}
