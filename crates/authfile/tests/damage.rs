//! Every kind of damage, found and named; and nothing found where nothing is wrong.

use sshwhy_authfile::damage::{Damage, DamageKind as K, Wanted, diagnose_line, find};
use sshwhy_authfile::{Line, Rules};
use std::collections::BTreeSet;

const A: &str = include_str!("lines/keys/a.pub");
const B: &str = include_str!("lines/keys/b.pub");
const R: &str = include_str!("lines/keys/r.pub");
const E: &str = include_str!("lines/keys/e.pub");
const CERT: &str = include_str!("lines/keys/a-cert.pub");

fn b64(public: &str) -> &str {
    public.split(' ').nth(1).unwrap().trim()
}

fn blob(public: &str) -> Vec<u8> {
    sshwhy_keys::base64::decode(b64(public).as_bytes()).unwrap()
}

fn look_with(file: &[u8], public: &str, rules: &Rules) -> Vec<Damage> {
    let blob = blob(public);
    let wanted = Wanted::new(&blob, Some(b"c")).unwrap();
    let found = find(file, &wanted, rules);
    for d in &found.damage {
        if let Some(repaired) = &d.repaired
            && d.proven
        {
            let on = repaired
                .split(|&b| b == b'\n')
                .any(|l| find(l, &wanted, rules).intact == [1]);
            assert!(
                on,
                "{:?}: the repaired line is not the key's: {}",
                d.kind,
                repaired.escape_ascii()
            );
        }
    }
    found.damage
}

#[track_caller]
fn one(file: impl AsRef<[u8]>, kind: K, repaired: Option<&str>) -> Damage {
    one_of(file, A, kind, repaired)
}

#[track_caller]
fn one_of(file: impl AsRef<[u8]>, public: &str, kind: K, repaired: Option<&str>) -> Damage {
    let d = look_with(file.as_ref(), public, &Rules::openssh(9, 2));
    assert_eq!(d.first().map(|d| d.kind), Some(kind), "{d:?}");
    let d = d.into_iter().next().unwrap();
    let text = d
        .repaired
        .as_deref()
        .map(|r| String::from_utf8_lossy(r).into_owned());
    assert_eq!(text.as_deref(), repaired, "{kind:?}");
    d
}

fn key() -> String {
    format!("ssh-ed25519 {}", b64(A))
}

#[test]
fn an_intact_line_is_no_damage_in_any_harmless_dress() {
    let k = key();
    for text in [
        k.clone(),
        format!("{k} c\r\n"),
        format!("  {k}"),
        format!("no-pty,from=\"*\" {k} c"),
        format!("ssh-ed25519\t{}", b64(A)),
    ] {
        let blob = blob(A);
        let found = find(
            text.as_bytes(),
            &Wanted::new(&blob, None).unwrap(),
            &Rules::default(),
        );
        assert_eq!((found.damage, found.intact), (vec![], vec![1]), "{text}");
    }
}

#[test]
fn a_foreign_file_holds_no_damage_but_its_comment_is_seen() {
    let blob = blob(A);
    let found = find(
        format!("# x\n{B}\n{R}\n\n").as_bytes(),
        &Wanted::new(&blob, Some(b"c")).unwrap(),
        &Rules::default(),
    );
    assert_eq!(found.damage, []);
    assert_eq!(found.same_comment, [2, 4]);
}

#[test]
fn wrapped_lines_are_put_together_at_every_width_and_keep_their_options() {
    for options in ["", "no-pty,command=\"x y\" "] {
        for (public, name) in [(A, "ssh-ed25519"), (R, "ssh-rsa")] {
            let whole = format!("{options}{name} {} me@host", b64(public));
            for width in [20, 40, 64, 70, 76, 80] {
                // A break inside the options is another story.
                if width < options.len() + name.len() + 2 {
                    continue;
                }
                for glue in ["\n", "\r\n", "\\\n", " \\\n   "] {
                    let parts: Vec<&str> = whole
                        .as_bytes()
                        .chunks(width)
                        .map(|c| std::str::from_utf8(c).unwrap())
                        .collect();
                    let file = parts.join(glue);
                    // A break right behind the base64 only loses the comment, which stays behind.
                    if parts[0].len() >= options.len() + name.len() + 1 + b64(public).len() {
                        continue;
                    }
                    let d = look_with(file.as_bytes(), public, &Rules::default());
                    let d = d.first().unwrap_or_else(|| panic!("{file}"));
                    assert!(
                        matches!(d.kind, K::Wrapped | K::TypeAlone)
                            && d.proven
                            && d.repaired.is_some(),
                        "{d:?}\n{file}"
                    );
                }
            }
        }
    }
}

#[test]
fn type_alone_and_base64_on_the_next_line() {
    let d = one(
        format!("ssh-ed25519\n{} c\n", b64(A)),
        K::TypeAlone,
        Some(&format!("{} c", key())),
    );
    assert_eq!((d.line, d.last_line), (1, 2));
}

#[test]
fn truncation_at_every_character_past_the_header_is_found() {
    let k = key();
    for cut in 42..k.len() {
        let d = look_with(&k.as_bytes()[..cut], A, &Rules::default());
        assert_eq!(d.first().map(|d| d.kind), Some(K::Truncated), "{cut}");
        if cut >= 50 {
            assert!(
                d[0].proven && d[0].repaired.as_deref() == Some(k.as_bytes()),
                "{cut}"
            );
        }
    }
    // The header alone says nothing of which key it was.
    assert_eq!(look_with(&k.as_bytes()[..36], A, &Rules::default()), []);
    one(
        format!("ssh-ed25519 {}", &b64(A)[10..]),
        K::Truncated,
        Some(&k),
    );
    let d = one_of(
        format!("ecdsa-sha2-nistp256 {}", b64(E).trim_end_matches('=')),
        E,
        K::Truncated,
        Some(E.trim().trim_end_matches(" c")),
    );
    assert!(d.proven);
}

#[test]
fn changed_characters_are_shown_where_they_are() {
    let mut text = key().into_bytes();
    let at = 12 + 40;
    text[at] = if text[at] == b'x' { b'y' } else { b'x' };
    let d = one(&text, K::Damaged, Some(&key()));
    assert_eq!((d.positions, d.column, d.proven), (vec![40], at + 1, true));
    one(key().to_lowercase(), K::Damaged, Some(&key()));
    // One character lost, one too many.
    let k = key();
    one(format!("{}{}", &k[..50], &k[51..]), K::Damaged, Some(&k));
    one(format!("{}x{}", &k[..50], &k[50..]), K::Damaged, Some(&k));
}

#[test]
fn text_glued_to_the_key() {
    let k = key();
    one(format!("{k}; c"), K::TrailingJunk, Some(&format!("{k} c")));
    one(format!("{k}AAAA"), K::TrailingJunk, Some(&k));
    one(
        format!("{k}{B}"),
        K::Glued,
        Some(&format!("{k}\n{}", B.trim())),
    );
    one(
        format!("{} c{k} d", B.trim()),
        K::Glued,
        Some(&format!("{} c\n{k} d", B.trim())),
    );
    let d = one(
        format!("{} {k}", B.trim()),
        K::Glued,
        Some(&format!("{}\n{k}", B.trim())),
    );
    assert!(d.other_fingerprint().unwrap().starts_with("SHA256:"));
}

#[test]
fn a_line_that_ran_into_another_is_not_parted_from_what_may_be_its_options() {
    let (k, b) = (key(), B.trim());
    for between in [
        " cfrom=\"10.0.0.1\",no-pty ",
        " c restrict ",
        " crestrict ",
        " c no-pty,command=\"x\" ",
        " c cert-authority ",
        " c permit=x ",
    ] {
        one(format!("{b}{between}{k}"), K::Glued, None);
    }
    // The first one's own options stay with it.
    one(
        format!("no-pty {b} c{k}"),
        K::Glued,
        Some(&format!("no-pty {b} c\n{k}")),
    );
}

#[test]
fn damaged_key_types() {
    let (k, b) = (key(), b64(A));
    one(b, K::TypeMissing, Some(&k));
    one(
        format!("no-pty {b} c"),
        K::TypeMissing,
        Some(&format!("no-pty {k} c")),
    );
    one(
        format!("ssh-rsa {b} c"),
        K::TypeMismatch,
        Some(&format!("{k} c")),
    );
    one(
        format!("no-pty ecdsa-sha2-nistp256 {b}"),
        K::TypeMismatch,
        Some(&format!("no-pty {k}")),
    );
    for bad in [
        "sh-ed25519",
        "h-ed25519",
        "ssh-ed2551",
        "ssh_ed25519",
        "ssh-ed25518",
        "-ed25519",
    ] {
        one(
            format!("{bad} {b} c"),
            K::TypeDamaged,
            Some(&format!("{k} c")),
        );
    }
    one_of(
        format!("sh-rsa {}", b64(R)),
        R,
        K::TypeDamaged,
        Some(&format!("ssh-rsa {}", b64(R))),
    );
    one(format!("ssh-ed25519{b}"), K::TypeDamaged, Some(&k));
    one(format!("SSH-ED25519 {b}"), K::TypeCase, Some(&k));
}

#[test]
fn invisible_bytes() {
    let k = key();
    one(format!("\u{feff}{k}"), K::Bom, Some(&k));
    one(format!("ssh-ed25519\u{a0}{}", b64(A)), K::Nbsp, Some(&k));
    one(format!("\u{a0}{k}"), K::Nbsp, Some(&k));
    one(
        [b"ssh-ed25519\xa0".as_slice(), b64(A).as_bytes()].concat(),
        K::Nbsp,
        Some(&k),
    );
    one(
        format!("{B}\r{k} c\r").replace('\n', ""),
        K::CrOnly,
        Some(&format!("{k} c")),
    );
    for (bom, big) in [(true, true), (true, false), (false, true), (false, false)] {
        let text = format!("{}{k}\r\n", if bom { "\u{feff}" } else { "" });
        let bytes: Vec<u8> = text
            .encode_utf16()
            .flat_map(|u| {
                if big {
                    u.to_be_bytes()
                } else {
                    u.to_le_bytes()
                }
            })
            .collect();
        one(bytes, K::Utf16, Some(&k));
    }
}

#[test]
fn dress_from_elsewhere() {
    let k = key();
    for (open, shut) in [
        ("\"", "\""),
        ("'", "'"),
        ("\u{201c}", "\u{201d}"),
        ("\"", "\","),
    ] {
        one(
            format!("{open}{k} c{shut}"),
            K::Quoted,
            Some(&format!("{k} c")),
        );
    }
    for lead in ["- ", "1) ", "key: ", "> ", "$ ", "user@host:~$ ", "echo "] {
        one(
            format!("{lead}{k} c"),
            K::LeadingJunk,
            Some(&format!("{k} c")),
        );
    }
    for lead in ["#", "# ", " ## "] {
        one(
            format!("{lead}{k} c"),
            K::CommentedOut,
            Some(&format!("{k} c")),
        );
    }
    one(format!("host.example {k}"), K::KnownHosts, Some(&k));
    one(
        format!("@cert-authority *.example {k}"),
        K::KnownHosts,
        Some(&k),
    );
    one(CERT, K::Certificate, Some(&format!("{k} c")));
}

#[test]
fn blocks_of_other_formats() {
    let k = format!("{} c", key());
    let rfc = format!(
        "---- BEGIN SSH2 PUBLIC KEY ----\nComment: \"a \\\nb\"\n{}\n{}\n---- END SSH2 PUBLIC KEY ----\n",
        &b64(A)[..40],
        &b64(A)[40..]
    );
    let d = one(&rfc, K::Rfc4716, Some(&k));
    assert_eq!((d.line, d.last_line), (1, 6));
    let ppk = format!(
        "{B}PuTTY-User-Key-File-3: ssh-ed25519\r\nEncryption: none\r\nComment: x\r\nPublic-Lines: 2\r\n{}\r\n{}\r\nPrivate-Lines: 1\r\nAAAA\r\nPrivate-MAC: 00\r\n",
        &b64(A)[..64],
        &b64(A)[64..]
    );
    let d = one(ppk, K::Ppk, Some(&k));
    assert_eq!(d.line, 2);
    // SubjectPublicKeyInfo of Ed25519: a fixed beginning and the 32 bytes.
    let mut der = b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00".to_vec();
    der.extend(&blob(A)[19..]);
    let pem = format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        sshwhy_keys::base64::encode(&der)
    );
    one(pem, K::Pem, Some(&k));
    let mut openssh = b"openssh-key-v1\0....".to_vec();
    openssh.extend(blob(A));
    let private = format!(
        "-----BEGIN OPENSSH PRIVATE KEY-----\n{}\n-----END OPENSSH PRIVATE KEY-----\n",
        sshwhy_keys::base64::encode(&openssh)
    );
    one(private, K::PrivateKey, Some(&k));
    let foreign =
        "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAAAAAA\n-----END OPENSSH PRIVATE KEY-----\n";
    let d = one(foreign, K::PrivateKey, None);
    assert!(!d.proven);
}

#[test]
fn broken_option_lists() {
    let k = key();
    let fixed = |o: &str| Some(format!("{o} {k}"));
    for (bad, kind, good) in [
        ("bogus-option", K::OptionUnknown, None),
        ("restict", K::OptionUnknown, None),
        ("from=1.2.3.4", K::OptionUnquoted, fixed("from=\"1.2.3.4\"")),
        (
            "no-pty,command='x y'",
            K::OptionUnquoted,
            fixed("no-pty,command=\"x y\""),
        ),
        (
            "command=\u{201c}x y\u{201d}",
            K::OptionUnquoted,
            fixed("command=\"x y\""),
        ),
        ("command=\"x y", K::OptionUnterminatedQuote, None),
        (
            "no-pty, no-X11-forwarding",
            K::OptionSpaceInList,
            fixed("no-pty,no-X11-forwarding"),
        ),
        (
            "no-pty no-X11-forwarding",
            K::OptionSpaceInList,
            fixed("no-pty,no-X11-forwarding"),
        ),
        ("from = \"*\"", K::OptionSpaceInList, fixed("from=\"*\"")),
        ("from=\"a\",from=\"b\"", K::OptionDuplicate, None),
        ("command=\"a\",command=\"b\"", K::OptionDuplicate, None),
        (
            "principals=\"a\",principals=\"b\"",
            K::OptionDuplicate,
            None,
        ),
        ("expiry-time=\"2099-01-01\"", K::OptionBadValue, None),
        ("environment=\"A\"", K::OptionBadValue, None),
        ("permitopen=\"h\"", K::OptionBadValue, None),
        ("permitopen=\"[h:1\"", K::OptionBadValue, None),
        ("tunnel=\"x\"", K::OptionBadValue, None),
        ("principals=\"a\"", K::OptionPrincipalsOnPlain, None),
        ("cert-authority", K::MarkedCertAuthority, None),
    ] {
        let d = one(format!("{bad} {k}"), kind, good.as_deref());
        assert!(d.proven);
    }
    one(
        format!("from=\"*\"{k}"),
        K::OptionNoSpaceBeforeKey,
        fixed("from=\"*\"").as_deref(),
    );
}

#[test]
fn rules_of_older_and_smaller_servers() {
    let (k, b) = (key(), b64(A));
    let old = Rules::openssh(7, 4);
    let tab = format!("ssh-ed25519\t{b} c");
    let d = look_with(tab.as_bytes(), A, &old);
    assert_eq!(
        (d[0].kind, d[0].repaired.as_deref()),
        (K::Tab, Some(format!("{k} c").as_bytes()))
    );
    let long = format!("command=\"{}\" {k}", "x".repeat(17_000));
    assert_eq!(look_with(long.as_bytes(), A, &old)[0].kind, K::TooLong);
    let new = look_with(format!("expiry-time=\"20990101\" {k}").as_bytes(), A, &old);
    assert_eq!(new[0].kind, K::OptionUnknown);
    let dropbear = Rules::dropbear(2022, 83);
    for (line, kind) in [
        (format!(" {k}"), K::Blanks),
        (format!("ssh-ed25519  {b}"), K::Blanks),
        (tab, K::Tab),
        (format!("from=\"*\" {k}"), K::OptionUnknown),
        (format!("{k} {}", "x".repeat(4200)), K::TooLong),
    ] {
        assert_eq!(
            look_with(line.as_bytes(), A, &dropbear)
                .first()
                .map(|d| d.kind),
            Some(kind),
            "{line}"
        );
    }
}

#[test]
fn a_line_alone_is_diagnosed_without_a_wanted_key() {
    let (k, b) = (key(), b64(A));
    let rules = Rules::default();
    let see = |text: &[u8]| diagnose_line(&Line::read(text, &rules)).map(|d| d.kind);
    for fine in [k.as_str(), "", "# x"] {
        assert_eq!(see(fine.as_bytes()), None, "{fine}");
    }
    let ssh1 = format!("1024 35 {}", "7".repeat(300));
    for (text, kind) in [
        (b.to_owned(), K::TypeMissing),
        (format!("ssh-rsa {b}"), K::TypeMismatch),
        (k[..70].to_owned(), K::Truncated),
        (format!("{k}AAAA"), K::TrailingJunk),
        (format!("{k}; c"), K::TrailingJunk),
        ("ssh-ed25519".into(), K::TypeAlone),
        (b[30..].to_owned(), K::Wrapped),
        (format!("sh-ed25519 {b}"), K::TypeDamaged),
        (format!("Ssh-Ed25519 {b}"), K::TypeCase),
        (format!("\u{feff}{k}"), K::Bom),
        (format!("\u{a0}{k}"), K::Nbsp),
        (format!("\"{k}\""), K::Quoted),
        (format!("- {k}"), K::LeadingJunk),
        (format!("a b {k}"), K::LeadingJunk),
        (format!("@cert-authority * {k}"), K::KnownHosts),
        ("-----BEGIN OPENSSH PRIVATE KEY-----".into(), K::PrivateKey),
        ("-----BEGIN PUBLIC KEY-----".into(), K::Pem),
        ("---- BEGIN SSH2 PUBLIC KEY ----".into(), K::Rfc4716),
        ("PuTTY-User-Key-File-3: ssh-rsa".into(), K::Ppk),
        (ssh1, K::Ssh1),
        (CERT.to_owned(), K::Certificate),
        (format!("from=x {k}"), K::OptionUnquoted),
        (
            format!("no-pty no-x11-forwarding {k}"),
            K::OptionSpaceInList,
        ),
        (format!("command=\"x {k}"), K::OptionUnterminatedQuote),
        (format!("principals=\"x\" {k}"), K::OptionPrincipalsOnPlain),
        (format!("{} c{k}", B.trim()), K::Glued),
    ] {
        assert_eq!(see(text.as_bytes()), Some(kind), "{text}");
    }
    let utf16: Vec<u8> = k.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(see(&utf16), Some(K::Utf16));
}

#[test]
fn ids_are_unique_and_are_words() {
    let ids: BTreeSet<&str> = K::ALL.iter().map(|k| k.id()).collect();
    assert_eq!(ids.len(), K::ALL.len());
    assert!(
        ids.iter()
            .all(|id| id.starts_with("key-") || id.starts_with("keys-file-"))
    );
}

#[test]
fn a_survey_takes_broken_keys_and_blocks_as_one_finding_each() {
    let rules = Rules::default();
    let see = |text: &str| {
        let mut out = Vec::new();
        sshwhy_authfile::damage::survey(text.as_bytes(), &rules, |d| {
            out.push((d.kind, d.line, d.last_line));
            true
        });
        out
    };
    let key = A.trim();
    let (head, tail) = key.split_at(50);
    let (label, rest) = key.split_once(' ').unwrap();
    assert_eq!(
        see(&format!("{head}\n{tail}\n{key}\n")),
        [(K::Wrapped, 1, 2)]
    );
    assert_eq!(
        see(&format!("{key}\n{label}\n{rest}\n")),
        [(K::TypeAlone, 2, 3)]
    );
    assert_eq!(see(&format!("{head}\n{key}\n")), [(K::Truncated, 1, 1)]);
    let block =
        "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\nAAAA\n-----END OPENSSH PRIVATE KEY-----";
    let file = format!("{block}\n{key}\n- {key}\n");
    assert_eq!(see(&file), [(K::PrivateKey, 1, 4), (K::LeadingJunk, 6, 6)]);
    assert_eq!(see("alice@laptop\nrestrict\n\u{feff}# keys\n"), []);
}

#[test]
fn a_character_that_is_none_of_base64_damages_and_does_not_cut() {
    let key = A.trim();
    for other in ["-", " ", "\u{1}"] {
        let at = key.len() - 40;
        let text = format!("{}{other}{}\n", &key[..at], &key[at + 1..]);
        let d = one(&text, K::Damaged, Some(key));
        assert_eq!(d.span.start, at, "{text}");
    }
}

#[test]
fn a_repair_never_leaves_out_what_was_meant_as_an_option() {
    let key = A.trim();
    let (label, rest) = key.split_once(' ').unwrap();
    one(format!("from:\"10.0.0.1\" {key}"), K::LeadingJunk, None);
    one(format!("restrict please {key}"), K::OptionSpaceInList, None);
    one(
        format!("{label} from=\"10.0.0.1\" {rest}"),
        K::TypeMissing,
        None,
    );
    one(format!("1. {key}"), K::LeadingJunk, Some(key));
}
