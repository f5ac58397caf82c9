//! What the script printed, read.

use sshwhy_world::account::{Account, Group, Shadow};
use sshwhy_world::{Acl, AclEntry, AclTag, Errno, Kind, Node};
use std::collections::BTreeMap;
use std::iter::Peekable;

/// What is known of a path.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    pub(super) node: Option<Result<Node, Errno>>,
    /// Why there is no node, and then nothing else either.
    pub(super) unseen: Option<&'static str>,
    pub(super) names: Option<Vec<Vec<u8>>>,
    /// Why there are no names.
    pub(super) unlisted: Option<&'static str>,
    pub(super) content: Option<Vec<u8>>,
    /// Why there is no content.
    pub(super) unread: Option<&'static str>,
    /// The node has an ACL that is not known.
    pub(super) acl_unknown: bool,
}

/// A process of the server.
#[derive(Clone, Debug, Default)]
pub(super) struct Process {
    pub(super) stat: Vec<u8>,
    pub(super) words: Vec<Vec<u8>>,
}

/// Everything a bundle holds.
#[derive(Clone, Debug, Default)]
pub struct Bundle {
    pub(super) places: BTreeMap<Vec<u8>, Place>,
    pub(super) accounts: Option<Vec<Account>>,
    pub(super) groups: Option<Vec<Group>>,
    pub(super) shadow: Option<BTreeMap<Vec<u8>, Shadow>>,
    /// Groups of the account that it is about.
    pub(super) groups_of: Option<Vec<u32>>,
    pub(super) uid: Option<u32>,
    pub(super) now: Option<i64>,
    /// Seconds east of UTC, now.
    pub(super) offset: i64,
    pub(super) zone: Vec<u8>,
    pub(super) version: Vec<u8>,
    /// The version of Debian's package.
    pub(super) package: Vec<u8>,
    /// ID, VERSION_ID and ID_LIKE of os-release.
    pub(super) os: Vec<u8>,
    pub(super) mac: Vec<u8>,
    pub(super) unit: Option<Vec<Vec<u8>>>,
    pub(super) boot: Vec<u8>,
    pub(super) processes: Vec<Process>,
    /// SSH_CONNECTION: address and port of the client and of the server.
    pub connection: Option<Vec<u8>>,
    /// The account that the bundle is about, where it says so.
    pub user: Option<Vec<u8>>,
    /// The key that was refused, as a public key line.
    pub key: Option<Vec<u8>>,
    /// Lines that are damaged.
    pub damaged: usize,
    /// The script came to its end.
    pub whole: bool,
}

fn words(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|b| *b == b' ').filter(|w| !w.is_empty())
}

fn number<T: std::str::FromStr>(word: Option<&[u8]>) -> Option<T> {
    std::str::from_utf8(word?).ok()?.parse().ok()
}

/// `cksum` of POSIX.
fn cksum(data: &[u8]) -> u32 {
    let mut crc = 0u32;
    let mut feed = |byte: u8| {
        crc ^= u32::from(byte) << 24;
        for _ in 0..8 {
            let top = crc & 0x8000_0000 != 0;
            crc <<= 1;
            if top {
                crc ^= 0x04c1_1db7;
            }
        }
    };
    data.iter().copied().for_each(&mut feed);
    let mut length = data.len();
    while length != 0 {
        feed(u8::try_from(length & 0xff).unwrap_or(0));
        length >>= 8;
    }
    !crc
}

type Cut<'b> = std::slice::Split<'b, u8, fn(&u8) -> bool>;

/// The lines of a bundle, ends of lines as terminals leave them.
struct Lines<'b> {
    rest: Peekable<Cut<'b>>,
}

impl<'b> Lines<'b> {
    fn next(&mut self) -> Option<&'b [u8]> {
        self.rest.next()
    }

    /// The lines that begin with `mark`, without it.
    fn marked(&mut self, mark: u8) -> Vec<&'b [u8]> {
        let mut out = Vec::new();
        while let Some(line) = self.rest.next_if(|l| l.first() == Some(&mark)) {
            out.push(line.get(1..).unwrap_or_default());
        }
        out
    }
}

impl Bundle {
    /// Whether some text is what the script prints.
    #[must_use]
    pub fn is_one(text: &[u8]) -> bool {
        text.split(|b| *b == b'\n')
            .take(64)
            .any(|l| l.starts_with(b"@sshwhy 1 "))
    }

    /// The account that looked.
    #[must_use]
    pub fn uid(&self) -> Option<u32> {
        self.uid
    }

    /// Reads a text. Never fails: what does not parse is counted and not known.
    #[must_use]
    pub fn read(text: &[u8]) -> Bundle {
        let mut bundle = Bundle::default();
        bundle.add(text);
        bundle
    }

    /// Adds what another script printed.
    pub fn add(&mut self, text: &[u8]) {
        // A console's ends of lines; contents that have CR are in hexadecimal.
        let text: Vec<u8> = text.iter().copied().filter(|b| *b != b'\r').collect();
        let is_end: fn(&u8) -> bool = |b| *b == b'\n';
        let mut lines = Lines {
            rest: text.split(is_end).peekable(),
        };
        self.whole = false;
        while let Some(line) = lines.next() {
            if self.record(line, &mut lines).is_none() && line.starts_with(b"@") {
                self.damaged = self.damaged.saturating_add(1);
            }
        }
    }

    fn place(&mut self, path: &[u8]) -> &mut Place {
        self.places.entry(path.to_vec()).or_default()
    }

    fn record(&mut self, line: &[u8], lines: &mut Lines<'_>) -> Option<()> {
        let cut = line.iter().position(|b| *b == b' ').unwrap_or(line.len());
        let (name, rest) = line.split_at_checked(cut)?;
        let rest = rest.get(1..).unwrap_or_default();
        match name {
            b"@sshwhy" => {
                let mut w = words(rest).skip(1);
                self.uid = number(w.next());
                self.now = number(w.next());
                self.offset = zone_offset(w.next()?)?;
                let ends: Vec<&[u8]> = w.collect();
                if ends.len() == 4 {
                    self.connection = Some(ends.join(&b' '));
                }
            }
            b"@v" => self.version = rest.to_vec(),
            b"@k" => self.package = rest.to_vec(),
            b"@o" => self.os = rest.to_vec(),
            b"@i" => self.zone = rest.to_vec(),
            b"@mac" => self.mac = rest.to_vec(),
            b"@boot" => self.boot = rest.to_vec(),
            b"@user" => self.user = Some(rest.to_vec()),
            b"@key" => self.key = Some(rest.to_vec()),
            b"@unit" => {
                let all = lines.marked(b' ');
                self.unit = Some(all.iter().map(|l| l.to_vec()).collect());
            }
            b"@passwd" => {
                let all = lines.marked(b' ');
                self.accounts = Some(all.iter().filter_map(|l| Account::from_line(l)).collect());
            }
            b"@group" => {
                let all = lines.marked(b' ');
                self.groups = Some(all.iter().filter_map(|l| Group::from_line(l)).collect());
            }
            b"@shadow" => {
                let all = lines.marked(b' ');
                self.shadow = (rest == b"yes")
                    .then(|| all.iter().filter_map(|l| Shadow::from_line(l)).collect());
            }
            b"@groups" => {
                let ids: Vec<u32> = words(rest).filter_map(|w| number(Some(w))).collect();
                self.groups_of = (!ids.is_empty()).then_some(ids);
            }
            b"@p" => {
                let words = lines.marked(b' ').iter().map(|l| l.to_vec()).collect();
                self.processes.push(Process {
                    stat: rest.to_vec(),
                    words,
                });
            }
            b"@x" => {
                let (why, path) = split(rest)?;
                let place = self.place(path);
                match why {
                    b"none" => place.node = Some(Err(Errno::NotFound)),
                    b"notdir" => place.node = Some(Err(Errno::NotDir)),
                    b"denied" => place.unseen = Some("the account that looked may not see it"),
                    b"nolist" => place.unlisted = Some("the account that looked may not list it"),
                    b"noread" => place.unread = Some("the account that looked may not read it"),
                    b"secret" => place.unread = Some("it holds a private key, and is not shown"),
                    b"big" => place.unread = Some("it is larger than 300,000 bytes"),
                    _ => return None,
                }
            }
            b"@n" => self.node(rest, lines)?,
            b"@d" => {
                let names = lines.marked(b' ').iter().map(|l| l.to_vec()).collect();
                self.place(rest).names = Some(names);
            }
            b"@t" => {
                let mut text = lines.marked(b'|').join(&b'\n');
                text.push(b'\n');
                self.content(rest, text)?;
            }
            b"@h" => {
                let mut data = Vec::new();
                for line in lines.marked(b' ') {
                    for word in words(line) {
                        let byte = u8::from_str_radix(std::str::from_utf8(word).ok()?, 16).ok()?;
                        data.push(byte);
                    }
                }
                self.content(rest, data)?;
            }
            b"@end" => self.whole = true,
            b"@l" | b"@a" => return None,
            _ => return (!name.starts_with(b"@")).then_some(()),
        }
        Some(())
    }

    fn node(&mut self, rest: &[u8], lines: &mut Lines<'_>) -> Option<()> {
        let mut at = rest.splitn(8, |b| *b == b' ');
        let raw = u32::from_str_radix(std::str::from_utf8(at.next()?).ok()?, 16).ok()?;
        let (uid, gid) = (number(at.next())?, number(at.next())?);
        let (size, links, mtime) = (number(at.next())?, number(at.next())?, number(at.next())?);
        let mark = at.next()?;
        let path = at.next()?;
        let mut acl = None;
        let mut acl_unknown = false;
        let kind = match raw & 0o170_000 {
            0o100_000 => Kind::File,
            0o040_000 => Kind::Dir,
            0o120_000 => {
                let target = lines.rest.next_if(|l| l.starts_with(b"@l "))?;
                Kind::Link(target.get(3..)?.to_vec())
            }
            0o010_000 => Kind::Fifo,
            0o140_000 => Kind::Socket,
            0o020_000 => Kind::CharDevice,
            _ => Kind::BlockDevice,
        };
        if mark == b"+" {
            let mut entries = Vec::new();
            while let Some(line) = lines.rest.next_if(|l| l.starts_with(b"@a ")) {
                entries.push(acl_entry(line.get(3..)?)?);
            }
            // The owner, the group, the others and the mask are always there.
            if entries.len() < 4 {
                acl_unknown = true;
            } else {
                acl = Some(Acl { entries });
            }
        }
        let mut node = Node::new(kind, raw & 0o7777, uid, gid);
        node.size = size;
        node.links = links;
        node.mtime = mtime;
        node.acl = acl;
        let place = self.place(path);
        place.node = Some(Ok(node));
        place.acl_unknown = acl_unknown;
        Some(())
    }

    /// A content, if it is what was sent.
    fn content(&mut self, head: &[u8], mut data: Vec<u8>) -> Option<()> {
        let mut at = head.splitn(3, |b| *b == b' ');
        let sum: u32 = number(at.next())?;
        let size: usize = number(at.next())?;
        let path = at.next()?;
        if size == 0 {
            data.clear();
        }
        let place = self.place(path);
        if data.len() == size && cksum(&data) == sum {
            place.content = Some(data);
            return Some(());
        }
        place.content = None;
        place.unread = Some("its text was changed on the way here: the checksum differs");
        None
    }
}

fn split(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = line.iter().position(|b| *b == b' ')?;
    Some((line.get(..at)?, line.get(at.checked_add(1)?..)?))
}

/// `+0130` in seconds.
fn zone_offset(word: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(word).ok()?;
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", d) => (1, d),
        ("-", d) => (-1, d),
        _ => return None,
    };
    let hours: i64 = digits.get(..2)?.parse().ok()?;
    let minutes: i64 = digits.get(2..4)?.parse().ok()?;
    Some(sign * (hours * 3600 + minutes * 60))
}

/// `user:1000:rwx`, as getfacl(1) prints it.
fn acl_entry(line: &[u8]) -> Option<AclEntry> {
    let mut parts = line.split(|b| *b == b':');
    let (kind, id, bits) = (parts.next()?, parts.next()?, parts.next()?);
    let tag = match (kind, id) {
        (b"user", b"") => AclTag::UserObj,
        (b"user", id) => AclTag::User(number(Some(id))?),
        (b"group", b"") => AclTag::GroupObj,
        (b"group", id) => AclTag::Group(number(Some(id))?),
        (b"mask", _) => AclTag::Mask,
        (b"other", _) => AclTag::Other,
        _ => return None,
    };
    let bit = |sign: u8, value: u8| if bits.contains(&sign) { value } else { 0 };
    Some(AclEntry {
        tag,
        perm: bit(b'r', 4) | bit(b'w', 2) | bit(b'x', 1),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_those_of_cksum() {
        // `printf 'abc\n' | cksum` and `cksum </dev/null`.
        assert_eq!(cksum(b"abc\n"), 1_112_837_078);
        assert_eq!(cksum(b""), 4_294_967_295);
    }

    #[test]
    fn a_content_that_changed_on_its_way_is_not_known() {
        let good = Bundle::read(b"@t 1112837078 4 /f\n|abc\n@end\n");
        assert_eq!(
            good.places[&b"/f"[..]].content.as_deref(),
            Some(&b"abc\n"[..])
        );
        assert!(good.whole && good.damaged == 0);
        let bad = Bundle::read(b"@t 1112837078 4 /f\r\n|abd\r\n");
        let place = &bad.places[&b"/f"[..]];
        assert!(place.content.is_none() && place.unread.is_some());
        assert!(!bad.whole && bad.damaged == 1);
    }

    #[test]
    fn nodes_links_and_lists_are_read() {
        let text = b"@n 41ed 0 0 4096 3 1700000000 - /a b\n@n a1ff 0 0 1 1 2 - /l\n@l /a b\n\
            @n 81b0 7 8 1 1 2 + /f\n@a user::rw-\n@a user:9:rw-\n@a group::r--\n@a mask::rw-\n\
            @a other::---\n@d /a b\n one two\n @three\n@x none /no\n@h 1112837078 4 /f\n 61 62 63\n 0a\n";
        let bundle = Bundle::read(text);
        assert_eq!(bundle.damaged, 0);
        let node = |p: &str| bundle.places[p.as_bytes()].node.clone().unwrap();
        assert_eq!(node("/a b").unwrap().mode, 0o755);
        assert_eq!(node("/l").unwrap().kind, Kind::Link(b"/a b".to_vec()));
        assert_eq!(node("/f").unwrap().acl.unwrap().entries.len(), 5);
        assert_eq!(node("/no"), Err(Errno::NotFound));
        let names = bundle.places[&b"/a b"[..]].names.clone().unwrap();
        assert_eq!(names, [&b"one two"[..], b"@three"]);
        assert_eq!(
            bundle.places[&b"/f"[..]].content.as_deref(),
            Some(&b"abc\n"[..])
        );
    }

    #[test]
    fn no_cut_does_harm() {
        let text = b"@sshwhy 1 0 1700000000 +0100 ::1 1 ::1 22\n@n 81b0 7 8 1 1 2 + /f\n@a user::rw-\n@h 1 1 /f\n 00\n";
        for end in 0..text.len() {
            let _ = Bundle::read(&text[..end]);
        }
    }
}
