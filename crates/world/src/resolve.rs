//! Following a path through links and directories, as the kernel and realpath(3) do.

use crate::World;
use crate::access::{Cred, EXECUTE};
use crate::fact::{Fact, Gap};
use crate::fs::{Errno, Kind, Node};
use alloc::vec::Vec;

/// The kernel's limit of links in one look-up (MAXSYMLINKS).
pub const MAX_LINKS: usize = 40;

/// Where a path leads.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// The path without links, `.` and `..`.
    pub real: Vec<u8>,
    /// What lies there.
    pub node: Node,
    /// The links that were followed, each with its target as written.
    pub links: Vec<(Vec<u8>, Vec<u8>)>,
}

/// Where and why following a path ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// The error.
    pub errno: Errno,
    /// The path (without links) at which it arose.
    pub at: Vec<u8>,
    /// What lies there, if anything does.
    pub node: Option<Node>,
    /// The links followed so far.
    pub links: Vec<(Vec<u8>, Vec<u8>)>,
}

/// Joins a directory and a name.
#[must_use]
pub fn join(dir: &[u8], name: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(dir.len() + 1 + name.len());
    out.extend_from_slice(dir);
    if dir != b"/" {
        out.push(b'/');
    }
    out.extend_from_slice(name);
    out
}

/// dirname(3) of an absolute path without a trailing slash. The root is its own parent.
#[must_use]
pub fn parent(path: &[u8]) -> &[u8] {
    match path.iter().rposition(|&b| b == b'/') {
        Some(0) | None => b"/",
        Some(i) => &path[..i],
    }
}

/// The last component.
#[must_use]
pub fn base_name(path: &[u8]) -> &[u8] {
    match path.iter().rposition(|&b| b == b'/') {
        Some(i) => &path[i + 1..],
        None => path,
    }
}

/// Whether `path` is `dir` or lies below it.
#[must_use]
pub fn is_below(path: &[u8], dir: &[u8]) -> bool {
    dir == b"/" || path == dir || (path.starts_with(dir) && path.get(dir.len()) == Some(&b'/'))
}

/// Follows `path` to its end. With `cred`, each directory must grant search to it.
///
/// # Errors
/// The outer error is a gap: a fact on the way is not known. The inner one is what the kernel
/// would answer.
pub fn resolve(
    world: &dyn World,
    path: &[u8],
    cred: Option<&Cred>,
) -> Result<Result<Resolved, Stop>, Gap> {
    // What is still to be walked, and how far into it we are.
    let mut todo: Vec<u8> = Vec::new();
    let mut rest: &[u8] = path;
    let mut here: Vec<u8> = Vec::with_capacity(path.len() + 1);
    here.push(b'/');
    let mut links: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    let mut node = match lstat(world, &here)? {
        Ok(n) => n,
        Err(errno) => {
            return Ok(Err(Stop {
                errno,
                at: here,
                node: None,
                links,
            }));
        }
    };
    let must_be_dir = path.ends_with(b"/") && path.len() > 1;
    while let Some((name, after)) = next_component(rest) {
        if !node.is_dir() {
            return Ok(Err(Stop {
                errno: Errno::NotDir,
                at: here,
                node: Some(node),
                links,
            }));
        }
        if cred.is_some_and(|c| !c.may(&node, EXECUTE)) {
            return Ok(Err(Stop {
                errno: Errno::Denied,
                at: here,
                node: Some(node),
                links,
            }));
        }
        if name.len() > 255 {
            return Ok(Err(Stop {
                errno: Errno::NameTooLong,
                at: here,
                node: Some(node),
                links,
            }));
        }
        let up = here.len();
        if name == b".." {
            let end = parent(&here).len();
            here.truncate(end);
        } else {
            if up > 1 {
                here.push(b'/');
            }
            here.extend_from_slice(name);
        }
        let found = match lstat(world, &here)? {
            Ok(n) => n,
            Err(errno) => {
                return Ok(Err(Stop {
                    errno,
                    at: here,
                    node: None,
                    links,
                }));
            }
        };
        let Kind::Link(target) = &found.kind else {
            node = found;
            rest = after;
            continue;
        };
        if links.len() >= MAX_LINKS {
            return Ok(Err(Stop {
                errno: Errno::Loop,
                at: here,
                node: Some(found),
                links,
            }));
        }
        let mut joined = target.clone();
        joined.push(b'/');
        joined.extend_from_slice(after);
        let target = target.clone();
        links.push((here.clone(), target));
        if joined.first() == Some(&b'/') {
            here.truncate(1);
            node = match lstat(world, &here)? {
                Ok(n) => n,
                Err(errno) => {
                    return Ok(Err(Stop {
                        errno,
                        at: here,
                        node: None,
                        links,
                    }));
                }
            };
        } else {
            here.truncate(up);
        }
        todo = joined;
        rest = &todo;
    }
    drop(todo);
    if must_be_dir && !node.is_dir() {
        return Ok(Err(Stop {
            errno: Errno::NotDir,
            at: here,
            node: Some(node),
            links,
        }));
    }
    Ok(Ok(Resolved {
        real: here,
        node,
        links,
    }))
}

/// The next component of a path and what follows it. Empty ones and `.` are passed over.
fn next_component(mut rest: &[u8]) -> Option<(&[u8], &[u8])> {
    loop {
        let start = rest.iter().position(|&b| b != b'/')?;
        rest = &rest[start..];
        let end = rest.iter().position(|&b| b == b'/').unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        if name != b"." {
            return Some((name, after));
        }
        rest = after;
    }
}

fn lstat(world: &dyn World, path: &[u8]) -> Result<Result<Node, Errno>, Gap> {
    match world.lstat(path) {
        Fact::Known(answer) => Ok(answer),
        Fact::Unknown(gap) => Err(gap),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mem::MemWorld;

    #[test]
    fn links_are_followed_and_loops_end() {
        let mut w = MemWorld::new(crate::Build::profile("debian-12").unwrap());
        w.dir("/a", 0o755, 0, 0);
        w.file("/a/f", 0o644, 0, 0, b"x");
        w.link("/l", "a/../a/f");
        w.link("/loop", "/loop");
        let r = resolve(&w, b"/l", None).unwrap().unwrap();
        assert_eq!(r.real, b"/a/f");
        assert_eq!(r.links.len(), 1);
        let e = resolve(&w, b"/loop", None).unwrap().unwrap_err();
        assert_eq!(e.errno, Errno::Loop);
        let e = resolve(&w, b"/a/f/x", None).unwrap().unwrap_err();
        assert_eq!(e.errno, Errno::NotDir);
    }

    #[test]
    fn search_permission_is_needed_on_every_directory() {
        let mut w = MemWorld::new(crate::Build::profile("debian-12").unwrap());
        w.dir("/a", 0o700, 0, 0);
        w.file("/a/f", 0o644, 0, 0, b"x");
        let cred = Cred {
            uid: 5,
            gid: 5,
            groups: Vec::new(),
        };
        let e = resolve(&w, b"/a/f", Some(&cred)).unwrap().unwrap_err();
        assert_eq!((e.errno, e.at.as_slice()), (Errno::Denied, &b"/a"[..]));
    }
}
