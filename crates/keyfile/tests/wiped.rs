//! Memory given back holds no secret: the allocator looks at every block that is freed or moved.
//!
//! Needles are parts of the passphrase and of every private number, as bytes in both orders (big
//! integers keep theirs the other way round) and as base64 at each of its three alignments. What is
//! left on the stack is not looked at.
//!
//! One thing is not clean: generating an RSA key and signing with one leave parts of the primes, in
//! blocks that the crates `rsa` and `crypto-primes` free unwiped. [`judge`] holds the exception.

mod support;

use memchr::memmem::Finder;
use rand_core::{TryCryptoRng, TryRng};
use sshwhy_keyfile::{
    NewKey, OpensshOptions, PpkOptions, PrivateKey, Secret, Target, WriteError, generate, read,
    sign, write,
};
use sshwhy_keys::{Curve, KeyType, SigAlg, base64};
use std::alloc::{GlobalAlloc, Layout, System};
use std::backtrace::Backtrace;
use std::cell::Cell;
use std::convert::Infallible;
use std::sync::{Mutex, RwLock};

/// What is looked for, with its name; none: nothing is.
static NEEDLES: RwLock<Vec<(String, Finder<'static>)>> = RwLock::new(Vec::new());
/// What was found: name, size of the block, who freed it.
static FOUND: Mutex<Vec<(String, usize, String)>> = Mutex::new(Vec::new());

thread_local! {
    /// Whether this thread's blocks are looked at: other tests run beside, and so does the search.
    static WATCHED: Cell<bool> = const { Cell::new(false) };
}

struct Watch;

#[global_allocator]
static WATCH: Watch = Watch;

// An allocator cannot be had otherwise. `realloc` stays the trait's own: a new block, a copy, and
// the old one freed through `dealloc`, as if every growth moved.
#[allow(unsafe_code)]
// SAFETY: all is handed on to the system's allocator. Blocks are zeroed when they are given out, so
// that every byte of one may be read when it comes back.
unsafe impl GlobalAlloc for Watch {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is the same.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if WATCHED.try_with(Cell::get).unwrap_or(false) {
            // SAFETY: the block is whole and still the caller's, who does not touch it any more.
            let bytes = unsafe { std::slice::from_raw_parts(block, layout.size()) };
            look(bytes);
        }
        // SAFETY: the caller's promise is the same.
        unsafe { System.dealloc(block, layout) }
    }
}

fn look(block: &[u8]) {
    WATCHED.set(false);
    let needles = NEEDLES.read().expect("needles");
    if let Some((name, _)) = needles.iter().find(|(_, n)| n.find(block).is_some()) {
        let mut found = FOUND.lock().expect("findings");
        let by = if found.len() < 4 {
            Backtrace::force_capture().to_string()
        } else {
            String::new()
        };
        found.push((name.clone(), block.len(), by));
    }
    drop(needles);
    WATCHED.set(true);
}

/// What `work` left in memory that it gave back.
fn left<T>(
    needles: Vec<(String, Vec<u8>)>,
    work: impl FnOnce() -> T,
) -> (T, Vec<(String, usize, String)>) {
    // One at a time: needles are those of one piece of work.
    static TURN: Mutex<()> = Mutex::new(());
    let turn = TURN.lock().unwrap_or_else(|e| e.into_inner());
    *NEEDLES.write().expect("needles") = needles
        .into_iter()
        .map(|(name, bytes)| (name, Finder::new(bytes.leak())))
        .collect();
    FOUND.lock().expect("findings").clear();
    WATCHED.set(true);
    let out = work();
    WATCHED.set(false);
    let found = std::mem::take(&mut *FOUND.lock().expect("findings"));
    drop(turn);
    (out, found)
}

/// Fails with what was found, and who freed it.
fn clean(what: &str, found: &[(String, usize, String)]) {
    let mut text = String::new();
    for (name, size, by) in found.iter().take(4) {
        let frames: Vec<&str> = by
            .lines()
            .filter(|l| !l.trim_start().starts_with("at ") || l.contains("keyfile"))
            .filter(|l| !l.contains("std::") && !l.contains("core::") && !l.contains("wiped::look"))
            .take(24)
            .collect();
        text += &format!(
            "{name} in a freed block of {size} bytes\n{}\n",
            frames.join("\n")
        );
    }
    assert!(found.is_empty(), "{what}: {} blocks\n{text}", found.len());
}

/// Nothing may be left, but by the crates that compute with RSA keys. Where they come to wipe their
/// numbers, this fails: the exception goes.
fn judge(kind: NewKey, found: &[(String, usize, String)]) {
    if !matches!(kind, NewKey::Rsa { .. }) {
        return clean(&format!("{kind:?}"), found);
    }
    assert!(
        !found.is_empty(),
        "the rsa crate wipes: no exception is needed any more"
    );
    for (name, _, by) in found.iter().filter(|(_, _, by)| !by.is_empty()) {
        let outside = by.contains("rsa::") || by.contains("crypto_primes::");
        assert!(
            outside,
            "{name} is left by another than the rsa crate\n{by}"
        );
    }
}

const PASSPHRASE: &[u8] = b"Zq7-marker-passphrase-0xC0FFEE-that-nothing-else-has";

/// Twelve bytes are no chance.
const PART: usize = 12;

fn needles_of(name: &str, secret: &[u8]) -> Vec<(String, Vec<u8>)> {
    assert!(secret.len() >= 28, "{name} is too short to be told");
    let mut out = Vec::new();
    let middle = secret.len() / 2;
    for start in [1, middle, secret.len() - PART - 1] {
        let part = secret[start..start + PART].to_vec();
        let reversed = part.iter().rev().copied().collect();
        out.push((format!("{name} at {start}"), part));
        out.push((format!("{name} at {start}, reversed"), reversed));
    }
    // Whatever stands before it in its blob, one of three neighbours begins a group of base64;
    // several, as a line may break within one.
    for start in 1..secret.len().min(28) - PART {
        let text = base64::encode(&secret[start..start + PART]);
        out.push((format!("{name} at {start} in base64"), text.into_bytes()));
    }
    out
}

fn needles(key: &PrivateKey) -> Vec<(String, Vec<u8>)> {
    let mut out = needles_of("the passphrase", PASSPHRASE);
    let mut add = |name, bytes: &[u8]| out.extend(needles_of(name, bytes));
    match key.secret() {
        Secret::Ed25519 { seed } => add("the seed", seed.as_slice()),
        Secret::Ed448 { seed } => add("the seed", seed.as_slice()),
        Secret::Ecdsa { scalar, .. } => add("the scalar", scalar),
        Secret::Rsa { d, p, q, iqmp } => {
            add("d", d);
            add("p", p);
            add("q", q);
            add("iqmp", iqmp);
        }
        _ => panic!("no key of this kind is made here"),
    }
    out
}

/// SplitMix64: the same key again, so that its numbers are known before it is made.
struct Again(u64);

impl TryRng for Again {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.try_next_u64()? as u32)
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Ok(z ^ (z >> 31))
    }
    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        for part in out.chunks_mut(8) {
            let bytes = self.try_next_u64()?.to_le_bytes();
            part.iter_mut().zip(bytes).for_each(|(to, b)| *to = b);
        }
        Ok(())
    }
}

impl TryCryptoRng for Again {}

const KINDS: [NewKey; 6] = [
    NewKey::Ed25519,
    NewKey::Ed448,
    NewKey::Ecdsa(Curve::P256),
    NewKey::Ecdsa(Curve::P384),
    NewKey::Ecdsa(Curve::P521),
    NewKey::Rsa { bits: 2048 },
];

fn made(kind: NewKey) -> PrivateKey {
    generate(kind, b"a comment".to_vec(), &mut Again(7)).expect("a key")
}

fn targets() -> [Target; 5] {
    let cheap = PpkOptions {
        memory: 64,
        passes: 2,
        ..PpkOptions::default()
    };
    [
        Target::Ppk(PpkOptions {
            version: 2,
            ..cheap.clone()
        }),
        Target::Ppk(cheap),
        Target::Openssh(OpensshOptions {
            rounds: 1,
            ..OpensshOptions::default()
        }),
        Target::Pem,
        Target::Pkcs8 { iterations: 2 },
    ]
}

#[test]
fn the_watch_sees_what_is_not_wiped() {
    for form in [
        PASSPHRASE.to_vec(),
        PASSPHRASE.iter().rev().copied().collect(),
        [b"x", base64::encode(PASSPHRASE).as_bytes()].concat(),
        base64::encode(&[b"y", PASSPHRASE].concat()).into_bytes(),
        base64::encode(&[b"yz", PASSPHRASE].concat()).into_bytes(),
    ] {
        let needles = needles_of("the passphrase", PASSPHRASE);
        let (_, freed) = left(needles.clone(), || drop(form.clone()));
        assert_eq!(freed.len(), 1, "{}", form.escape_ascii());
        // A growth leaves the old block behind.
        let (grown, moved) = left(needles.clone(), || {
            let mut v = Vec::with_capacity(form.len());
            v.extend_from_slice(&form);
            v.reserve(4096);
            v
        });
        assert_eq!(moved.len(), 1, "{}", form.escape_ascii());
        let (_, wiped) = left(needles, || drop(zeroize::Zeroizing::new(grown)));
        assert!(wiped.is_empty(), "{}", form.escape_ascii());
    }
}

#[test]
fn writing_reading_and_unlocking_leave_no_secret_in_memory_given_back() {
    let mut done = 0;
    let mut dirty = Vec::new();
    for kind in KINDS {
        let key = made(kind);
        for target in targets() {
            for passphrase in [None, Some(PASSPHRASE)] {
                let what = format!("{kind:?} {target:?} {}", passphrase.is_some());
                let (text, found) = left(needles(&key), || {
                    write(&key, &target, passphrase, &mut Again(1))
                });
                if !found.is_empty() {
                    dirty.push((format!("{what}: write"), found));
                }
                let text = match text {
                    Ok(text) => text,
                    Err(WriteError::Unsupported(_)) => continue,
                    Err(e) => panic!("{what}: {e}"),
                };
                let ((), found) = left(needles(&key), || {
                    let file = read(&text).unwrap_or_else(|e| panic!("{what}: {e}"));
                    let again = file
                        .unlock(passphrase)
                        .unwrap_or_else(|e| panic!("{what}: {e}"));
                    assert!(again.public().blob() == key.public().blob());
                    if passphrase.is_some() {
                        assert!(file.unlock(Some(b"another one")).is_err());
                    }
                });
                if !found.is_empty() {
                    dirty.push((format!("{what}: read and unlock"), found));
                }
                let (_, found) = left(needles(&key), || drop(text));
                if !found.is_empty() {
                    dirty.push((format!("{what}: the text"), found));
                }
                done += 1;
            }
        }
    }
    for (what, found) in &dirty {
        eprintln!("{what}: {} blocks", found.len());
    }
    if let Some((what, found)) = dirty.first() {
        clean(what, found);
    }
    assert!(done >= 40, "{done} files only");
}

#[test]
fn generating_leaves_no_secret_but_what_the_rsa_crate_leaves() {
    for kind in KINDS {
        let key = made(kind);
        let (again, found) = left(needles(&key), || made(kind));
        assert!(again.public().blob() == key.public().blob());
        judge(kind, &found);
        let ((), found) = left(needles(&key), || drop(again));
        clean(&format!("{kind:?}: the key"), &found);
    }
}

#[test]
fn signing_leaves_no_secret_but_what_the_rsa_crate_leaves() {
    for kind in KINDS {
        let key = made(kind);
        let alg = match key.public().key_type() {
            KeyType::Rsa => SigAlg::RsaSha512,
            KeyType::Ed25519 => SigAlg::Ed25519,
            KeyType::Ed448 => SigAlg::Ed448,
            KeyType::EcdsaP256 => SigAlg::EcdsaP256,
            KeyType::EcdsaP384 => SigAlg::EcdsaP384,
            _ => SigAlg::EcdsaP521,
        };
        let (signed, found) = left(needles(&key), || sign(&key, &alg, b"data", &mut Again(3)));
        assert!(signed.is_ok(), "{kind:?}");
        judge(kind, &found);
    }
}
