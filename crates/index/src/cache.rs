//! Indexes in memory, for a server that is asked again and again.

use crate::stored::read_places;
use crate::{Identity, Index, KeyLine};
use std::collections::HashMap;
use std::fmt;
use std::fs::File;
use std::sync::{Arc, Mutex, PoisonError};

/// Files below this many bytes are scanned: that takes less than a look into an index saves.
const SMALL: u64 = 1 << 20;
/// Most files that are indexed; the rest are scanned.
const MOST_FILES: usize = 16;

/// What is known of one file, by device and inode.
#[derive(Clone)]
enum Known {
    /// Its index.
    Index(Arc<Index>),
    /// It had none when it was this.
    None(Identity),
}

/// Indexes of large files, each made when it is first asked for and again when its file has
/// changed. Clones share them.
#[derive(Clone, Default)]
pub struct Cache(Arc<Mutex<HashMap<(u64, u64), Known>>>);

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cache")
    }
}

impl Cache {
    /// The lines of `file` that may hold the key with this SHA-256 fingerprint, as they stand there
    /// now, and the number of all its lines. `None`: it is to be scanned.
    #[must_use]
    pub fn lines(&self, file: &File, wanted: &[u8; 32]) -> Option<(Vec<KeyLine>, u64)> {
        let identity = Identity::of(file).ok()?;
        if identity.size < SMALL {
            return None;
        }
        let index = self.index(file, identity)?;
        let lines = read_places(file, &index.places(wanted)).ok()??;
        (Identity::of(file).ok()? == identity).then_some((lines, index.lines))
    }

    fn index(&self, file: &File, identity: Identity) -> Option<Arc<Index>> {
        let key = (identity.dev, identity.ino);
        // Whoever comes while one is made waits for it: the alternative is a scan, no faster.
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match known.get(&key) {
            Some(Known::Index(index)) if index.identity == identity => return Some(index.clone()),
            Some(Known::None(then)) if *then == identity => {
                // Only time makes a file settle; everything else needs another file.
                return None;
            }
            _ => {}
        }
        known.remove(&key);
        match Index::of(file) {
            Ok(index) if index.identity == identity => {
                let index = Arc::new(index);
                if known.len() < MOST_FILES {
                    known.insert(key, Known::Index(index.clone()));
                }
                Some(index)
            }
            Ok(_) | Err(crate::NoIndex::Unsettled | crate::NoIndex::Changed) => None,
            Err(_) => {
                if known.len() < MOST_FILES {
                    known.insert(key, Known::None(identity));
                }
                None
            }
        }
    }
}
