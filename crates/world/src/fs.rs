//! The file tree as lstat(2) and its relatives show it.

use alloc::vec::Vec;

/// What kind of thing a path names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Dir,
    /// A symbolic link and its target, as written.
    Link(Vec<u8>),
    /// A named pipe.
    Fifo,
    /// A socket.
    Socket,
    /// A character device.
    CharDevice,
    /// A block device.
    BlockDevice,
}

/// One node of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its kind.
    pub kind: Kind,
    /// Permission bits, set-id and sticky bits: the low twelve bits of `st_mode`.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Size in bytes.
    pub size: u64,
    /// Number of hard links.
    pub links: u64,
    /// Seconds since the epoch of the last change of the content.
    pub mtime: i64,
    /// POSIX access ACL, where there is one beyond the mode bits.
    pub acl: Option<Acl>,
    /// SELinux label, where there is one.
    pub label: Option<Vec<u8>>,
    /// The node is the root of a mount.
    pub mount_point: bool,
}

impl Node {
    /// A node of one link without ACL or label.
    #[must_use]
    pub fn new(kind: Kind, mode: u32, uid: u32, gid: u32) -> Self {
        Node {
            kind,
            mode,
            uid,
            gid,
            size: 0,
            links: 1,
            mtime: 0,
            acl: None,
            label: None,
            mount_point: false,
        }
    }

    /// Whether it is a regular file.
    #[must_use]
    pub fn is_file(&self) -> bool {
        self.kind == Kind::File
    }

    /// Whether it is a directory.
    #[must_use]
    pub fn is_dir(&self) -> bool {
        self.kind == Kind::Dir
    }
}

/// A POSIX access ACL (acl(5)).
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Acl {
    /// Its entries, in the kernel's order.
    pub entries: Vec<AclEntry>,
}

/// One ACL entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AclEntry {
    /// Whom it is about.
    pub tag: AclTag,
    /// `rwx` as the bits 4, 2 and 1.
    pub perm: u8,
}

/// Whom an ACL entry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AclTag {
    /// The owner.
    UserObj,
    /// A named user.
    User(u32),
    /// The owning group.
    GroupObj,
    /// A named group.
    Group(u32),
    /// The upper bound of all but owner and others.
    Mask,
    /// Everyone else.
    Other,
}

impl Acl {
    /// Parses `system.posix_acl_access`: a version of 2 and entries of eight bytes, little endian.
    /// Unknown tags are left out; a wrong version or length gives `None`.
    #[must_use]
    pub fn from_xattr(raw: &[u8]) -> Option<Acl> {
        let (version, rest) = raw.split_first_chunk::<4>()?;
        if u32::from_le_bytes(*version) != 2 || rest.len() % 8 != 0 {
            return None;
        }
        let entries = rest
            .chunks_exact(8)
            .filter_map(|e| {
                let tag = u16::from_le_bytes([e[0], e[1]]);
                let perm = e[2] & 7;
                let id = u32::from_le_bytes([e[4], e[5], e[6], e[7]]);
                let tag = match tag {
                    0x01 => AclTag::UserObj,
                    0x02 => AclTag::User(id),
                    0x04 => AclTag::GroupObj,
                    0x08 => AclTag::Group(id),
                    0x10 => AclTag::Mask,
                    0x20 => AclTag::Other,
                    _ => return None,
                };
                Some(AclEntry { tag, perm })
            })
            .collect();
        Some(Acl { entries })
    }

    /// The mask, if there is one.
    #[must_use]
    pub fn mask(&self) -> Option<u8> {
        self.entries
            .iter()
            .find(|e| e.tag == AclTag::Mask)
            .map(|e| e.perm)
    }
}

/// Why a file operation failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errno {
    /// ENOENT
    NotFound,
    /// EACCES or EPERM
    Denied,
    /// ENOTDIR
    NotDir,
    /// EISDIR
    IsDir,
    /// ELOOP
    Loop,
    /// ENAMETOOLONG
    NameTooLong,
    /// Not a regular file where one is needed.
    NotRegular,
    /// Any other errno.
    Other(i32),
}

impl Errno {
    /// strerror(3) in English, as sshd logs it.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Errno::NotFound => "No such file or directory",
            Errno::Denied => "Permission denied",
            Errno::NotDir => "Not a directory",
            Errno::IsDir => "Is a directory",
            Errno::Loop => "Too many levels of symbolic links",
            Errno::NameTooLong => "File name too long",
            Errno::NotRegular => "Not a regular file",
            Errno::Other(_) => "Input/output error",
        }
    }
}
