//! Nodes of a scene on a real file system.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, chown, lchown, symlink};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, FileType, Mode, XattrFlags, makedev, mknodat, setxattr};
use sshwhy_scenario::{Entry, Scene};
use sshwhy_world::{Acl, AclTag, Kind};

/// A path of the scene below a root.
pub(crate) fn below(root: &Path, path: &[u8]) -> PathBuf {
    root.join(OsStr::from_bytes(path.strip_prefix(b"/").unwrap_or(path)))
}

/// Writes what `scene` has and `base` has not, and takes away what it lacks.
pub(crate) fn write(root: &Path, scene: &Scene, base: Option<&Scene>) -> io::Result<()> {
    let was = |path: &[u8]| base.and_then(|b| b.tree.get(path));
    for path in scene.removed.iter().rev() {
        remove(&below(root, path))?;
    }
    if let Some(base) = base {
        for path in base
            .tree
            .keys()
            .rev()
            .filter(|p| !scene.tree.contains_key(*p))
        {
            remove(&below(root, path))?;
        }
    }
    for (path, entry) in &scene.tree {
        if entry.given || was(path) == Some(entry) {
            continue;
        }
        put(&below(root, path), entry).map_err(|e| {
            io::Error::new(e.kind(), format!("{}: {e}", String::from_utf8_lossy(path)))
        })?;
    }
    Ok(())
}

fn remove(path: &Path) -> io::Result<()> {
    match std::fs::symlink_metadata(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(e) if e.kind() == io::ErrorKind::NotADirectory => Ok(()),
        Err(e) => Err(e),
        Ok(m) if m.is_dir() => std::fs::remove_dir_all(path),
        Ok(_) => std::fs::remove_file(path),
    }
}

fn put(path: &Path, entry: &Entry) -> io::Result<()> {
    let node = &entry.node;
    let found = std::fs::symlink_metadata(path).ok();
    let is_dir = found.as_ref().is_some_and(std::fs::Metadata::is_dir);
    let system_file = entry.content.is_empty()
        && found
            .as_ref()
            .is_some_and(|f| f.is_file() && f.len() > 0 && f.permissions().mode() & 0o111 != 0);
    match &node.kind {
        Kind::Dir if is_dir => {}
        Kind::Dir => {
            remove(path)?;
            std::fs::create_dir(path)?;
        }
        // A program of the system whose mode or owner changes keeps its content.
        Kind::File if system_file && entry.node.size == 0 && is_program(path) => {}
        Kind::File => {
            if !found.as_ref().is_some_and(std::fs::Metadata::is_file) {
                remove(path)?;
            }
            std::fs::write(path, &entry.content)?;
        }
        Kind::Link(target) => {
            remove(path)?;
            symlink(OsStr::from_bytes(target), path)?;
            return lchown(path, Some(node.uid), Some(node.gid));
        }
        Kind::Fifo | Kind::Socket | Kind::CharDevice | Kind::BlockDevice => {
            remove(path)?;
            let (kind, device) = match node.kind {
                Kind::Fifo => (FileType::Fifo, 0),
                Kind::Socket => (FileType::Socket, 0),
                // The null device is the only one that scenarios make.
                _ => (FileType::CharacterDevice, makedev(1, 3)),
            };
            mknodat(CWD, path, kind, Mode::from_raw_mode(0o600), device)?;
        }
    }
    chown(path, Some(node.uid), Some(node.gid))?;
    std::fs::set_permissions(path, PermissionsExt::from_mode(node.mode))?;
    if let Some(acl) = &node.acl {
        setxattr(
            path,
            c"system.posix_acl_access",
            &acl_xattr(acl),
            XattrFlags::empty(),
        )?;
    }
    if let Some(label) = &node.label {
        let mut label = label.clone();
        label.push(0);
        setxattr(path, c"security.selinux", &label, XattrFlags::empty())?;
    }
    Ok(())
}

fn is_program(path: &Path) -> bool {
    ["/usr/bin/", "/usr/sbin/", "/usr/lib/"].iter().any(|d| {
        path.as_os_str()
            .as_bytes()
            .windows(d.len())
            .any(|w| w == d.as_bytes())
    })
}

/// `system.posix_acl_access`: version 2, then tag, permissions and id of each entry.
fn acl_xattr(acl: &Acl) -> Vec<u8> {
    let mut out = 2u32.to_le_bytes().to_vec();
    for entry in &acl.entries {
        let (tag, id) = match entry.tag {
            AclTag::UserObj => (0x01u16, u32::MAX),
            AclTag::User(uid) => (0x02, uid),
            AclTag::GroupObj => (0x04, u32::MAX),
            AclTag::Group(gid) => (0x08, gid),
            AclTag::Mask => (0x10, u32::MAX),
            AclTag::Other => (0x20, u32::MAX),
        };
        out.extend_from_slice(&tag.to_le_bytes());
        out.extend_from_slice(&u16::from(entry.perm).to_le_bytes());
        out.extend_from_slice(&id.to_le_bytes());
    }
    out
}
