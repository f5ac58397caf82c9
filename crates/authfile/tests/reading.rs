//! Totality, options with their spans, principals, CA files and the scanner.

use sshwhy_authfile::damage::{Wanted, diagnose_line, find};
use sshwhy_authfile::{
    Answer, CaFile, Line, LineKind, Lines, OfferedKey, OptionErrorKind as E, OptionName, Options,
    Port, PrincipalsAnswer, PrincipalsLine, Rules, Scanner, Tunnel,
};

const A: &str = include_str!("lines/keys/a.pub");
const B: &str = include_str!("lines/keys/b.pub");
const R: &str = include_str!("lines/keys/r.pub");

fn blob(public: &str) -> Vec<u8> {
    sshwhy_keys::base64::decode(public.split(' ').nth(1).unwrap().as_bytes()).unwrap()
}

#[test]
fn nothing_panics_and_no_byte_is_lost_at_any_cut_or_byte_change() {
    let blob = blob(A);
    let wanted = Wanted::new(&blob, Some(b"c")).unwrap();
    let seeds = [
        format!(
            "command=\"a \\\" b\",from=\"*\",environment=\"A=b\",permitopen=\"h:1\",expiry-time=\"20990101Z\" {A}"
        ),
        format!("\u{feff}\"# @cert-authority ssh-rsa {}{B}{A}", &A[..40]),
        format!("---- BEGIN SSH2 PUBLIC KEY ----\n{}\r{A}", &A[12..50]),
    ];
    for rules in [
        Rules::openssh(9, 2),
        Rules::openssh(7, 0),
        Rules::dropbear(2022, 83),
    ] {
        for seed in &seeds {
            let seed = seed.as_bytes();
            for cut in 0..=seed.len() {
                for text in [
                    seed[..cut].to_vec(),
                    seed[cut..].to_vec(),
                    [&seed[..cut], b"\0", &seed[cut..]].concat(),
                ] {
                    let line = Line::read(&text, &rules);
                    assert_eq!(line.raw, text.strip_suffix(b"\n").unwrap_or(&text));
                    let _ = diagnose_line(&line);
                    let _ = line.options();
                    let _ = PrincipalsLine::read(&text, &rules);
                    if cut % 3 == 0 {
                        let _ = find(&text, &wanted, &rules);
                    }
                }
            }
            for at in 0..seed.len() {
                for byte in [0, b' ', b'"', b'\\', b'\t', 0xff] {
                    let mut text = seed.to_vec();
                    text[at] = byte;
                    let line = Line::read(&text, &rules);
                    if let LineKind::Candidate(c) = &line.kind {
                        assert!(c.base64.end <= text.len() && c.key_type.start < c.base64.start);
                    }
                    let _ = diagnose_line(&line);
                }
            }
        }
    }
}

#[test]
fn every_option_error_has_its_words_and_its_place() {
    let rules = Rules::openssh(9, 2);
    for (text, kind, words, at) in [
        (
            "no-pty,bogus,pty k",
            E::Unknown { newer: None },
            "unknown key option",
            "bogus",
        ),
        (
            "ptyx k",
            E::Unknown { newer: None },
            "unknown key option",
            "ptyx",
        ),
        (
            "command=x k",
            E::MissingStartQuote,
            "missing start quote",
            "x",
        ),
        (
            "command=\"x k",
            E::MissingEndQuote,
            "missing end quote",
            "\"",
        ),
        (
            "command=\"x\",command=\"y\" k",
            E::Multiple(OptionName::Command),
            "multiple \"command\" clauses",
            "command=\"y\"",
        ),
        (
            "from=\"x\",from=\"y\" k",
            E::Multiple(OptionName::From),
            "multiple \"from\" clauses",
            "from=\"y\"",
        ),
        (
            "principals=\"x\",principals=\"y\" k",
            E::Multiple(OptionName::Principals),
            "multiple \"principals\" clauses",
            "principals=\"y\"",
        ),
        (
            "expiry-time=\"tomorrow\" k",
            E::InvalidExpiresTime,
            "invalid expires time",
            "tomorrow",
        ),
        (
            "environment=\"A-B=x\" k",
            E::InvalidEnvironment,
            "invalid environment string",
            "A-B=x",
        ),
        (
            "permitopen=\"[::1:22\" k",
            E::InvalidPermissionHostname,
            "invalid permission hostname",
            "[::1:22",
        ),
        (
            "permitopen=\"h\" k",
            E::InvalidPermissionPort,
            "invalid permission port",
            "h",
        ),
        (
            "tunnel=\"x\" k",
            E::InvalidTunDevice,
            "invalid tun device",
            "x",
        ),
        (
            "no-pty,",
            E::UnexpectedEnd,
            "unexpected end-of-options",
            ",",
        ),
    ] {
        let (_, result) = Options::parse(text.as_bytes(), &rules);
        let error = result.unwrap_err();
        assert_eq!((error.kind, error.sshd_text()), (kind, words), "{text}");
        assert_eq!(error.span.of(text.as_bytes()), at.as_bytes(), "{text}");
    }
    let many = |item: &str, n: usize| vec![item; n].join(",");
    let env: Vec<String> = (0..1026)
        .map(|i| format!("environment=\"A{i}=x\""))
        .collect();
    assert_eq!(
        Options::parse(env.join(",").as_bytes(), &rules)
            .1
            .unwrap_err()
            .kind,
        E::TooManyEnvironment
    );
    let open = many("permitopen=\"h:1\"", 4098);
    assert_eq!(
        Options::parse(open.as_bytes(), &rules).1.unwrap_err().kind,
        E::TooManyPermissions
    );
}

#[test]
fn an_option_newer_than_the_build_is_named() {
    for (major, minor, text, name) in [
        (7, 0, "restrict", OptionName::Restrict),
        (7, 6, "expiry-time=\"20990101\"", OptionName::ExpiryTime),
        (7, 7, "permitlisten=\"22\"", OptionName::PermitListen),
        (8, 1, "no-touch-required", OptionName::TouchRequired),
        (8, 3, "verify-required", OptionName::VerifyRequired),
        (7, 0, "pty", OptionName::Pty),
    ] {
        let (_, result) = Options::parse(text.as_bytes(), &Rules::openssh(major, minor));
        assert_eq!(
            result.unwrap_err().kind,
            E::Unknown { newer: Some(name) },
            "{text}"
        );
        assert!(
            Options::parse(text.as_bytes(), &Rules::openssh(10, 0))
                .1
                .is_ok()
        );
    }
    assert!(
        Options::parse(b"expiry-time=\"20990101Z\"", &Rules::openssh(9, 0))
            .1
            .is_err()
    );
    assert!(Options::parse(b"no-pty", &Rules::openssh(7, 0)).1.is_ok());
}

#[test]
fn options_are_typed_and_secrets_are_not_shown() {
    let text = br#"restrict,pty,command="a \"b\" \c",environment="TOKEN=hunter2",environment="TOKEN=x",permitopen="[::1]:22",permitlisten="8080",tunnel="any",expiry-time="20301231235959utc",from="a,!b" key"#;
    let (o, result) = Options::parse(text, &Rules::openssh(9, 2));
    result.unwrap();
    assert!(o.restricted && o.pty && !o.user_rc && !o.port_forwarding);
    assert_eq!(o.command.as_ref().unwrap().expose(), br#"a "b" \c"#);
    assert_eq!(
        (o.environment.len(), o.environment[0].value.expose()),
        (1, &b"hunter2"[..])
    );
    assert_eq!(
        (o.permitopen[0].host.as_slice(), &o.permitopen[0].port),
        (&b"[::1]"[..], &Port::Number(22))
    );
    assert_eq!(
        (o.permitlisten[0].host.as_slice(), &o.permitlisten[0].port),
        (&b"*"[..], &Port::Number(8080))
    );
    assert_eq!(o.tunnel, Some(Tunnel::Any));
    assert!(o.expiry[0].utc && o.expiry[0].time.second == 59);
    assert_eq!(o.from.as_ref().unwrap().bytes, b"a,!b");
    assert_eq!(o.items.len(), 10);
    let shown = format!("{o:?}");
    assert!(
        !shown.contains("hunter2") && !shown.contains("\\c"),
        "{shown}"
    );
}

#[test]
fn principals_lines_as_sshd_reads_them() {
    let rules = Rules::openssh(9, 2);
    let ask = |text: &[u8]| PrincipalsLine::read(text, &rules).answer([&b"alice"[..]]);
    let yes = |text: &[u8]| matches!(ask(text), PrincipalsAnswer::Match(_));
    assert!(
        yes(b"alice\n")
            && yes(b"  alice \t\n")
            && yes(b"alice# x")
            && yes(b"no-pty alice")
            && yes(b"from=\"a b\" alice")
    );
    assert!(
        !yes(b"alice\r\n") && !yes(b"Alice") && !yes(b"alice bob") && !yes(b"#alice") && !yes(b"")
    );
    assert!(PrincipalsLine::read(b"alice\r\n", &rules).has_trailing_cr());
    assert!(
        matches!(ask(b"bob alice"), PrincipalsAnswer::BadOptions(e) if e.sshd_text() == "unknown key option")
    );
    assert_eq!(
        ask(b"cert-authority alice"),
        PrincipalsAnswer::CertAuthorityInvalidHere
    );
    assert_eq!(ask(b" # x"), PrincipalsAnswer::Nothing);
    assert_eq!(ask(b"bob"), PrincipalsAnswer::OtherName);
}

#[test]
fn the_first_bad_line_of_a_ca_file_stops_the_scan() {
    let rules = Rules::openssh(9, 2);
    let key = blob(A);
    for (text, trusted, stop) in [
        (A.to_owned(), true, None),
        (format!("# x\n\n{B}{A}"), true, None),
        (format!("garbage\n{A}"), false, Some(1)),
        (format!("{A}garbage\n"), true, Some(2)),
        (format!("\r\n{A}"), false, Some(1)),
        (format!("{B}\r\n{A}").replace("\n\r", "\r"), true, None),
        (format!("cert-authority {A}"), false, Some(1)),
        (format!("{B}cert-authority {B}{A}"), false, Some(2)),
    ] {
        let file = CaFile::read(text.as_bytes(), &rules);
        assert_eq!(
            (file.trusts(&key), file.stops_at),
            (trusted, stop),
            "{text:?}"
        );
    }
    let old = Rules::openssh(10, 0);
    let dsa = include_str!("lines/keys/d.pub");
    assert!(!CaFile::read(format!("{dsa}{A}").as_bytes(), &old).trusts(&key));
    assert!(CaFile::read(format!("{dsa}{A}").as_bytes(), &rules).trusts(&key));
}

#[test]
fn the_scanner_finds_what_reading_every_line_finds_for_any_chunking() {
    let rules = Rules::openssh(9, 2);
    let key = blob(A);
    let offered = OfferedKey::plain(&key).unwrap();
    let b64 = A.split(' ').nth(1).unwrap();
    let (x, y) = b64.split_at(30);
    let long = "z".repeat(5000);
    let file = format!(
        "# c\n{B}{A}\r\nno-pty {A}ssh-ed25519 {x}\x0b{y} vt\nssh-ed25519 {x}\r{y} cr\r\n#{A}{R}\nbogus {A}command=\"{long}\" {A}\n{B}\r\nssh-ed25519 {b64}"
    );
    let mut want = Vec::new();
    let mut offset = 0;
    for (i, raw) in file.as_bytes().split_inclusive(|&b| b == b'\n').enumerate() {
        let answer = Line::read(raw, &rules).candidate_for(&offered);
        let concerns = !matches!(answer, Answer::NoKeyHere(_) | Answer::OtherKey { .. });
        if concerns || memchr::memmem::find(raw, b64.as_bytes()).is_some() {
            want.push((i as u64 + 1, offset as u64, answer));
        }
        offset += raw.len();
    }
    assert_eq!(want.len(), 8);
    let lines = file.split_inclusive('\n').count() as u64;
    for size in [1, 2, 3, 7, 64, 1000, file.len()] {
        let mut got = Vec::new();
        let mut scanner = Scanner::new(&rules, offered);
        for chunk in file.as_bytes().chunks(size) {
            scanner.push(chunk, |f| got.push((f.number, f.offset, f.answer)));
        }
        let totals = scanner.finish(|f| got.push((f.number, f.offset, f.answer)));
        assert_eq!(got, want, "chunks of {size}");
        assert_eq!(
            (totals.lines, totals.bytes, totals.cut),
            (lines, file.len() as u64, 0)
        );
        let mut all = Vec::new();
        let mut each = Lines::new();
        for chunk in file.as_bytes().chunks(size) {
            each.push(chunk, |n, _, l| all.push((n, l.to_vec())));
        }
        each.finish(|n, _, l| all.push((n, l.to_vec())));
        let plain: Vec<_> = file
            .lines()
            .enumerate()
            .map(|(i, _)| i as u64 + 1)
            .collect();
        assert_eq!(all.iter().map(|(n, _)| *n).collect::<Vec<_>>(), plain);
        assert_eq!(
            all.iter().map(|(_, l)| l.len()).sum::<usize>() + file.matches('\n').count(),
            file.len()
        );
    }
}

#[test]
fn a_key_on_an_endless_line_is_found_in_bounded_memory() {
    let rules = Rules::openssh(9, 2);
    let key = blob(A);
    let offered = OfferedKey::plain(&key).unwrap();
    let mut scanner = Scanner::new(&rules, offered);
    let mut got = 0;
    scanner.push(A.trim().as_bytes(), |_| got += 1);
    let fill = vec![b'x'; 1 << 20];
    for _ in 0..20 {
        scanner.push(&fill, |_| got += 1);
    }
    let mut last = None;
    scanner.push(format!("\n{A}").as_bytes(), |f| {
        last = Some((f.number, f.offset, f.cut, f.answer))
    });
    let totals = scanner.finish(|_| ());
    assert!(matches!(last, Some((2, _, false, Answer::Match(_)))));
    assert_eq!((totals.cut, totals.lines), (1, 2));
}

#[test]
fn an_rsa_key_with_needless_zeros_is_found() {
    let plain = blob(R);
    // ssh-rsa, e, n: the length of each, then its bytes.
    let (mut padded, mut rest) = (Vec::new(), &plain[..]);
    let mut zeros = 0;
    while !rest.is_empty() {
        let (len, tail) = rest.split_at(4);
        let len = u32::from_be_bytes(len.try_into().unwrap());
        padded.extend_from_slice(&(len + zeros).to_be_bytes());
        padded.extend(std::iter::repeat_n(0, zeros as usize));
        let (field, next) = tail.split_at(len as usize);
        padded.extend_from_slice(field);
        rest = next;
        zeros += 1;
    }
    for listed in [&plain, &padded] {
        for offered in [&plain, &padded] {
            let file = format!("{A}ssh-rsa {}\n", sshwhy_keys::base64::encode(listed));
            let rules = Rules::openssh(9, 2);
            let mut scanner = Scanner::new(&rules, OfferedKey::plain(offered).unwrap());
            let mut hits = Vec::new();
            scanner.push(file.as_bytes(), |f| hits.push((f.number, f.answer)));
            assert!(matches!(hits[..], [(2, Answer::Match(_))]), "{hits:?}");
        }
    }
}

#[test]
fn a_carriage_return_at_the_end_is_no_line_of_its_own_to_dropbear() {
    use sshwhy_authfile::scan::Scanner;
    let rules = Rules::dropbear(2022, 83);
    let blob = include_bytes!("../../../fuzz/ed25519.blob");
    for (text, lines) in [(&b"a\rb\r"[..], 2), (b"a\rb", 2), (b"a\r\n", 2), (b"", 0)] {
        let offered = sshwhy_authfile::OfferedKey::plain(blob).unwrap();
        let mut scanner = Scanner::new(&rules, offered);
        scanner.push(text, |_| {});
        assert_eq!(scanner.finish(|_| {}).lines, lines, "{text:?}");
    }
}
