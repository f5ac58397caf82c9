//! Any bytes are a key file: reading never panics, loses nothing, and the fast scan of a large
//! file finds what reading line by line finds.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sshwhy_authfile::damage::{self, Wanted};
use sshwhy_authfile::scan::Scanner;
use sshwhy_authfile::{Answer, CaFile, Line, OfferedKey, Options, PrincipalsLine, Rules};

/// The key of `vectors/lab/ed25519.pub`.
const BLOB: &[u8] = include_bytes!("../ed25519.blob");

fuzz_target!(|data: &[u8]| {
    let Some((&choice, text)) = data.split_first() else { return };
    let rules = match choice % 5 {
        0 => Rules::openssh(7, 4),
        1 => Rules::openssh(9, 2),
        2 => Rules::openssh(10, 6),
        3 => Rules::dropbear(2022, 83),
        _ => Rules::dropbear(2026, 94),
    };
    let offered = OfferedKey::plain(BLOB).expect("an ed25519 blob");
    let mut by_line = Vec::new();
    let mut lines = 0u64;
    // Dropbear's `buf_getline` ends a line at CR too.
    let at_cr = rules.flavour == sshwhy_authfile::Flavour::Dropbear;
    for part in text.split_inclusive(|&b| b == b'\n' || at_cr && b == b'\r') {
        lines += 1;
        let raw = match part.strip_suffix(b"\r") {
            Some(raw) if at_cr => raw,
            _ => part,
        };
        let line = Line::read(raw, &rules);
        assert_eq!(line.raw, raw.strip_suffix(b"\n").unwrap_or(raw));
        let (_, _) = line.options();
        let _ = damage::diagnose_line(&line);
        if matches!(line.candidate_for(&offered), Answer::Match(_)) {
            by_line.push(lines);
        }
        let _ = Options::parse(raw, &rules);
        let _ = PrincipalsLine::read(raw, &rules).answer([&b"alice"[..]]);
    }
    let mut by_scan = Vec::new();
    let mut scanner = Scanner::new(&rules, offered);
    let step = usize::from(choice / 5).max(1);
    let mut take = |f: sshwhy_authfile::scan::Found<'_>| {
        if matches!(f.answer, Answer::Match(_)) {
            by_scan.push(f.number);
        }
    };
    for chunk in text.chunks(step) {
        scanner.push(chunk, &mut take);
    }
    let totals = scanner.finish(&mut take);
    assert_eq!(totals.bytes, text.len() as u64);
    assert_eq!(totals.lines, lines);
    if rules.max_lines.is_none() {
        assert_eq!(by_scan, by_line);
    }
    let wanted = Wanted::new(BLOB, Some(b"alice@laptop")).expect("a plain key");
    for d in damage::find(text, &wanted, &rules).damage {
        assert!(d.line >= 1 && d.last_line >= d.line);
    }
    let _ = CaFile::read(text, &rules);
});
