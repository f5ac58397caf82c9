//! What the kernel would let a process do with a node, from its mode bits and its ACL.

use crate::fs::{AclTag, Node};
use alloc::vec::Vec;

/// The identity a process acts with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cred {
    /// Effective user id.
    pub uid: u32,
    /// Effective group id.
    pub gid: u32,
    /// Supplementary groups.
    pub groups: Vec<u32>,
}

/// Read permission.
pub const READ: u8 = 4;
/// Write permission.
pub const WRITE: u8 = 2;
/// Execute, or search of a directory.
pub const EXECUTE: u8 = 1;

impl Cred {
    /// Whether the process is in a group.
    #[must_use]
    pub fn in_group(&self, gid: u32) -> bool {
        self.gid == gid || self.groups.contains(&gid)
    }

    /// Whether the kernel grants `want` (of [`READ`], [`WRITE`], [`EXECUTE`]) on `node`, by the
    /// algorithm of acl(5). uid 0 may read and search anything, and execute what has any x bit.
    #[must_use]
    pub fn may(&self, node: &Node, want: u8) -> bool {
        if self.uid == 0 {
            return want & EXECUTE == 0 || node.is_dir() || node.mode & 0o111 != 0;
        }
        let bits = |shift: u32| ((node.mode >> shift) & 7) as u8;
        if node.uid == self.uid {
            return bits(6) & want == want;
        }
        let Some(acl) = node.acl.as_ref().filter(|a| !a.entries.is_empty()) else {
            let shift = if self.in_group(node.gid) { 3 } else { 0 };
            return bits(shift) & want == want;
        };
        let mask = acl.mask().unwrap_or(7);
        for e in &acl.entries {
            if e.tag == AclTag::User(self.uid) {
                return e.perm & mask & want == want;
            }
        }
        let mut in_any = false;
        for e in &acl.entries {
            let member = match e.tag {
                AclTag::GroupObj => self.in_group(node.gid),
                AclTag::Group(gid) => self.in_group(gid),
                _ => false,
            };
            if member {
                in_any = true;
                if e.perm & mask & want == want {
                    return true;
                }
            }
        }
        !in_any && bits(0) & want == want
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::{Acl, AclEntry, Kind};
    use alloc::vec;

    fn bob() -> Cred {
        Cred {
            uid: 2,
            gid: 2,
            groups: vec![50],
        }
    }

    #[test]
    fn the_owners_bits_count_even_where_the_group_has_more() {
        let node = Node::new(Kind::File, 0o070, 2, 50);
        assert!(!bob().may(&node, READ));
    }

    #[test]
    fn the_mask_bounds_a_named_user() {
        let mut node = Node::new(Kind::File, 0o640, 1, 1);
        node.acl = Some(Acl {
            entries: vec![
                AclEntry {
                    tag: AclTag::User(2),
                    perm: 6,
                },
                AclEntry {
                    tag: AclTag::Mask,
                    perm: 4,
                },
            ],
        });
        assert!(bob().may(&node, READ));
        assert!(!bob().may(&node, WRITE));
    }

    #[test]
    fn a_member_of_a_refused_group_does_not_fall_through_to_others() {
        let node = Node::new(Kind::File, 0o604, 1, 50);
        assert!(!bob().may(&node, READ));
    }
}
