//! Following a path through links and directories, as the kernel and realpath(3) do.

use crate::World;
use crate::access::{Cred, EXECUTE};
use crate::fact::{Fact, Gap};
use crate::fs::{Errno, Kind, Node};
use alloc::collections::VecDeque;
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
    let mut todo: VecDeque<Vec<u8>> = components(path);
    let mut here: Vec<u8> = b"/".to_vec();
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
    while let Some(name) = todo.pop_front() {
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
        if name == b".." {
            here = parent(&here).to_vec();
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
            continue;
        }
        if name.len() > 255 {
            return Ok(Err(Stop {
                errno: Errno::NameTooLong,
                at: here,
                node: Some(node),
                links,
            }));
        }
        let next = join(&here, &name);
        let found = match lstat(world, &next)? {
            Ok(n) => n,
            Err(errno) => {
                return Ok(Err(Stop {
                    errno,
                    at: next,
                    node: None,
                    links,
                }));
            }
        };
        if let Kind::Link(target) = &found.kind {
            if links.len() >= MAX_LINKS {
                return Ok(Err(Stop {
                    errno: Errno::Loop,
                    at: next,
                    node: Some(found),
                    links,
                }));
            }
            for part in components(target).into_iter().rev() {
                todo.push_front(part);
            }
            let absolute = target.first() == Some(&b'/');
            links.push((next, target.clone()));
            if absolute {
                here = b"/".to_vec();
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
            }
            continue;
        }
        here = next;
        node = found;
    }
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

fn lstat(world: &dyn World, path: &[u8]) -> Result<Result<Node, Errno>, Gap> {
    match world.lstat(path) {
        Fact::Known(answer) => Ok(answer),
        Fact::Unknown(gap) => Err(gap),
    }
}

fn components(path: &[u8]) -> VecDeque<Vec<u8>> {
    path.split(|&b| b == b'/')
        .filter(|c| !c.is_empty() && *c != b".")
        .map(<[u8]>::to_vec)
        .collect()
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
