//! What an index points at is what a scan of the whole file finds.
#![allow(missing_docs)]

use sshwhy_authfile::scan::Scanner;
use sshwhy_authfile::{Answer, OfferedKey, Rules};
use sshwhy_index::{Cache, Index, NoIndex, Stored, beside, concerns, fingerprint, scan};
use sshwhy_keys::base64;
use std::fs::{self, File, FileTimes};
use std::path::Path;
use std::time::{Duration, SystemTime};

/// An Ed25519 key's blob; nothing looks whether its point is on the curve.
fn key(n: u64) -> Vec<u8> {
    let mut blob = b"\0\0\0\x0bssh-ed25519\0\0\0\x20".to_vec();
    for i in 0..4u64 {
        let mixed = (n * 4 + i + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        blob.extend_from_slice(&mixed.to_be_bytes());
    }
    blob
}

/// The key's numbers with needless zeros before them, which sshd drops.
fn rsa(zeros: usize) -> Vec<u8> {
    let mut modulus = vec![0; zeros + 1];
    modulus.extend((0..256u32).map(|i| u8::try_from(i * 37 % 251).unwrap() | 0x81));
    let mut blob = b"\0\0\0\x07ssh-rsa\0\0\0\x03\x01\0\x01".to_vec();
    blob.extend_from_slice(&u32::try_from(modulus.len()).unwrap().to_be_bytes());
    blob.extend_from_slice(&modulus);
    blob
}

/// Lines of every kind that hold a key, or only seem to.
fn text() -> Vec<u8> {
    let mut out: Vec<u8> = Vec::new();
    let mut line = |parts: &[&[u8]]| {
        out.extend(parts.concat());
        out.push(b'\n');
    };
    for n in 0..300u64 {
        let k = base64::encode(&key(n % 250)).into_bytes();
        let cut = k.len() / 2;
        let (a, b) = k.split_at(cut);
        match n % 15 {
            0 => line(&[b"ssh-ed25519 ", &k, b" a@b"]),
            1 => line(&[b"command=\"/usr/bin/x y\",restrict ssh-ed25519 ", &k]),
            2 => line(&[b"# ssh-ed25519 ", &k]),
            3 => line(&[b"ssh-ed25519 ", a, b"\r", b, b" c"]),
            4 => line(&[b"ssh-ed25519 ", &k, b"\r"]),
            5 => line(&[b"ssh-ed25519 ", &k, b" ssh-ed25519 ", &k]),
            6 => line(&[b"ssh-ed25519 x", &k]),
            7 => line(&[b"ssh-ed25519 ", a, b"\n", b]),
            8 => line(&[b"bad option ssh-ed25519 ", &k]),
            9 => line(&[b"\tssh-ed25519\t", &k, b"\tx"]),
            10 => line(&[b"ssh-rsa ", &k]),
            11 => line(&[b"cert-authority ssh-ed25519 ", &k]),
            12 => line(&[b"ssh-ed25519 ", &k, &k]),
            13 => line(&[b"expiry-time=\"20200101\" ssh-ed25519 ", &k, b"\0 ", &k]),
            _ => line(&[b""]),
        }
    }
    for zeros in [0, 1, 2, 3] {
        line(&[b"ssh-rsa ", base64::encode(&rsa(zeros)).as_bytes(), b" n"]);
    }
    // No newline at the end.
    out.extend(b"ssh-ed25519 ");
    out.extend(base64::encode(&key(999)).into_bytes());
    out
}

/// A file that was last changed long ago.
fn settled(path: &Path, text: &[u8]) -> File {
    fs::write(path, text).unwrap();
    let file = File::options().read(true).write(true).open(path).unwrap();
    std::thread::sleep(Duration::from_millis(2100));
    file
}

/// The numbers of the lines that decide something about the key.
fn by_scan(rules: &Rules, text: &[u8], blob: &[u8], cert: bool) -> Vec<(u64, Answer)> {
    let wanted = match cert {
        true => OfferedKey::certificate(blob),
        false => OfferedKey::plain(blob).unwrap(),
    };
    let mut out = Vec::new();
    let mut scanner = Scanner::new(rules, wanted);
    let mut take = |f: sshwhy_authfile::Found<'_>| {
        if !matches!(f.answer, Answer::NoKeyHere(_) | Answer::OtherKey { .. }) {
            out.push((f.number, f.answer));
        }
    };
    for chunk in text.chunks(1000) {
        scanner.push(chunk, &mut take);
    }
    scanner.finish(&mut take);
    out
}

#[test]
fn an_index_points_at_every_line_that_a_scan_finds() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("keys");
    let text = text();
    let file = settled(&path, &text);
    let index = Index::of(&file).unwrap();
    index.write(&beside(&path), 0o644).unwrap();
    let stored = Stored::new(File::open(beside(&path)).unwrap()).unwrap();
    let mut found = 0;
    for (major, minor) in [(7, 4), (8, 4), (10, 0)] {
        let rules = Rules::openssh(major, minor);
        let keys = (0..250).chain([999, 5000]).map(key);
        for blob in keys.chain((0..4).map(rsa)) {
            let print = fingerprint(&blob).unwrap();
            assert_eq!(stored.places(&print).unwrap(), index.places(&print));
            let lines = stored.lines(&file, &print).unwrap().unwrap();
            for cert in [false, true] {
                let wanted = match cert {
                    true => OfferedKey::certificate(&blob),
                    false => OfferedKey::plain(&blob).unwrap(),
                };
                let mut indexed = Vec::new();
                let scanner = Scanner::new(&rules, wanted);
                for line in &lines {
                    scanner.line(line.place.line, &line.raw, |f| {
                        if !matches!(f.answer, Answer::NoKeyHere(_) | Answer::OtherKey { .. }) {
                            indexed.push((f.number, f.answer));
                        }
                    });
                }
                assert_eq!(indexed, by_scan(&rules, &text, &blob, cert));
                found += indexed.len();
            }
            // What is printed is the same with and without the index.
            let printed: Vec<_> = lines
                .into_iter()
                .filter(|l| concerns(&l.raw, &print))
                .collect();
            assert_eq!(printed, scan(&file, &print).unwrap());
        }
    }
    assert!(found > 500, "{found}");
}

#[test]
fn an_index_is_used_for_no_other_state_of_its_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("keys");
    let line = |n| format!("ssh-ed25519 {} k\n", base64::encode(&key(n)));
    let file = settled(&path, (line(1) + &line(2)).as_bytes());
    let print = fingerprint(&key(2)).unwrap();
    Index::of(&file)
        .unwrap()
        .write(&beside(&path), 0o644)
        .unwrap();
    let stored = || Stored::new(File::open(beside(&path)).unwrap()).unwrap();
    let lines = stored().lines(&file, &print).unwrap().unwrap();
    assert_eq!(lines.len(), 1);

    // Another file in its place, with the same size and time of change.
    let times = FileTimes::new().set_modified(file.metadata().unwrap().modified().unwrap());
    let other = dir.path().join("other");
    fs::write(&other, line(3) + &line(4)).unwrap();
    File::options()
        .write(true)
        .open(&other)
        .unwrap()
        .set_times(times)
        .unwrap();
    fs::rename(&other, &path).unwrap();
    let replaced = File::open(&path).unwrap();
    assert!(stored().lines(&replaced, &print).unwrap().is_none());

    // The same file, written to in place, and its time of change set back.
    fs::write(&path, line(5) + &line(6)).unwrap();
    let file = settled(&path, (line(7) + &line(8)).as_bytes());
    Index::of(&file)
        .unwrap()
        .write(&beside(&path), 0o644)
        .unwrap();
    fs::write(&path, line(8) + &line(7)).unwrap();
    file.set_times(times).unwrap();
    assert!(stored().lines(&file, &print).unwrap().is_none());

    // Touched, not changed: the owner and the modes count as well.
    let file = settled(&path, line(7).as_bytes());
    let index = Index::of(&file).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
    assert_ne!(
        &sshwhy_index::Identity::of(&file).unwrap(),
        index.identity()
    );
}

#[test]
fn what_was_just_written_has_no_index() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("keys");
    fs::write(&path, "x\n").unwrap();
    let file = File::open(&path).unwrap();
    assert!(matches!(Index::of(&file), Err(NoIndex::Unsettled)));
}

#[test]
fn a_cache_follows_its_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("keys");
    let many = |from: u64| -> String {
        let lines = from..from + 13_000;
        lines
            .map(|n| format!("ssh-ed25519 {} k{n}\n", base64::encode(&key(n))))
            .collect()
    };
    let print = fingerprint(&key(12_999)).unwrap();
    let cache = Cache::default();
    let file = settled(&path, many(0).as_bytes());
    let (lines, total) = cache.lines(&file, &print).unwrap();
    assert_eq!((lines.len(), total), (1, 13_000));
    assert_eq!(lines[0].place.line, 13_000);
    // Just changed: scanned, until its times can be believed.
    fs::write(&path, many(1)).unwrap();
    assert!(cache.lines(&file, &print).is_none());
    std::thread::sleep(Duration::from_millis(2100));
    let (lines, _) = cache.lines(&file, &print).unwrap();
    assert_eq!(lines[0].place.line, 12_999);
    assert!(
        cache
            .lines(&file, &fingerprint(&key(0)).unwrap())
            .unwrap()
            .0
            .is_empty()
    );
}

#[test]
fn a_damaged_index_is_none() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("keys");
    let file = settled(&path, &text());
    let index = beside(&path);
    Index::of(&file).unwrap().write(&index, 0o600).unwrap();
    let whole = fs::read(&index).unwrap();
    let print = fingerprint(&key(0)).unwrap();
    for len in 0..whole.len() {
        fs::write(&index, &whole[..len]).unwrap();
        assert!(Stored::new(File::open(&index).unwrap()).is_err(), "{len}");
        if len > 300 && len % 97 != 0 {
            continue;
        }
        // Any byte changed: an error, another file's index, or places; no panic, no endless loop.
        let mut bent = whole.clone();
        bent[len] ^= 0x5a;
        fs::write(&index, &bent).unwrap();
        if let Ok(stored) = Stored::new(File::open(&index).unwrap()) {
            let _ = stored.lines(&file, &print);
        }
    }
}
