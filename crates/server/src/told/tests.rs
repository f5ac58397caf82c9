use super::*;
use sshwhy_verdict::{Server, judge};
use sshwhy_world::account::PasswordField;
use sshwhy_world::{Account, Attempt, Build, Local, MemWorld, OfferedKey, Peer, Shadow};

/// alice's key, and one that nobody knows.
const ALICE: &str = "AAAAC3NzaC1lZDI1NTE5AAAAIIwktmbAzGqesdu9wr245CS6V8OHjEaacgCI9zo1Thfl";
const FRESH: &str = "AAAAC3NzaC1lZDI1NTE5AAAAIGCYDVaAuHPFNqBKJmwO0jXh3h1P5b1e1qXoWpS5c2Rk";

fn world(config: &str, keys: &str) -> MemWorld {
    let mut w = MemWorld::new(Build::profile("debian-12").unwrap());
    w.now = 20_779 * 86_400;
    w.file("/etc/ssh/sshd_config", 0o644, 0, 0, config.as_bytes());
    w.file("/bin/sh", 0o755, 0, 0, b"");
    for (name, uid) in [("alice", 1000), ("bob", 1001)] {
        w.accounts.push(Account {
            name: name.into(),
            password: PasswordField::Shadowed,
            uid,
            gid: uid,
            home: format!("/home/{name}").into(),
            shell: b"/bin/sh".to_vec(),
        });
        let shadow = Shadow {
            password: PasswordField::Set,
            last_change: 20_000,
            min: 0,
            max: 99_999,
            warn: 7,
            inactive: -1,
            expire: -1,
        };
        w.shadow.as_mut().unwrap().insert(name.into(), shadow);
        w.dir(format!("/home/{name}"), 0o755, uid, uid);
        w.dir(format!("/home/{name}/.ssh"), 0o700, uid, uid);
    }
    let file = "/home/alice/.ssh/authorized_keys";
    w.file(file, 0o600, 1000, 1000, keys.as_bytes());
    w
}

fn blob(text: &str) -> Vec<u8> {
    sshwhy_keys::base64::decode(text.as_bytes()).unwrap()
}

/// The first cause, and what the holder of `key` is told.
fn asked(w: &MemWorld, user: &str, key: &str) -> (&'static str, Told) {
    let server = Server::read(w, b"/etc/ssh/sshd_config");
    let attempt = Attempt {
        user: user.into(),
        key: Some(OfferedKey::new(blob(key), Vec::new())),
        from: Peer {
            addr: "192.0.2.1".parse().unwrap(),
            host: None,
        },
        to: Local {
            addr: "192.0.2.9".parse().unwrap(),
            port: 22,
        },
    };
    let judgement = judge(&server, w, &attempt);
    let told = told(&judgement, &blob(key), &mut |path, line| {
        let (_, text) = w.tree.get(path)?;
        let index = usize::try_from(line).ok()? - 1;
        text.split(|b| *b == b'\n').nth(index).map(<[u8]>::to_vec)
    });
    (judgement.first().map_or("", |f| f.cause.id), told)
}

const PLAIN: &str = "UsePAM no\n";

fn line(before: &str, key: &str) -> String {
    format!("{before}ssh-ed25519 {key} alice@laptop\n")
}

#[test]
fn an_accepted_key_is_told_so() {
    let w = world(PLAIN, &line("", ALICE));
    assert_eq!(asked(&w, "alice", ALICE), ("", Told::Accepted));
}

#[test]
fn the_holder_of_a_listed_key_hears_what_its_line_says() {
    let cases = [
        ("expiry-time=\"20200101\" ", "key-expired", Told::Expired),
        ("from=\"198.51.100.7\" ", "from-mismatch", Told::From),
        ("no-such-option ", "key-option-unknown", Told::Options),
    ];
    for (options, cause, told) in cases {
        let w = world(PLAIN, &line(options, ALICE));
        assert_eq!(asked(&w, "alice", ALICE), (cause, told), "{options}");
    }
}

/// One text for all of these: an unknown name, a locked account, DenyUsers, a key that is not
/// there, bad modes, an expired line of somebody else's key.
#[test]
fn what_is_not_about_the_proven_key_is_one_text() {
    let listed = line("", ALICE);
    let mut all = vec![
        asked(&world(PLAIN, &listed), "nobody-there", ALICE),
        asked(&world(PLAIN, &listed), "bob", ALICE),
        asked(&world(PLAIN, &listed), "alice", FRESH),
        asked(
            &world("UsePAM no\nDenyUsers alice\n", &listed),
            "alice",
            ALICE,
        ),
        asked(
            &world(PLAIN, &line("expiry-time=\"20200101\" ", ALICE)),
            "alice",
            FRESH,
        ),
        asked(
            &world(PLAIN, &line("from=\"198.51.100.7\" ", ALICE)),
            "alice",
            FRESH,
        ),
        asked(
            &world("UsePAM no\nPubkeyAuthentication no\n", &listed),
            "alice",
            ALICE,
        ),
    ];
    let mut locked = world(PLAIN, &listed);
    if let Some(shadow) = locked.shadow.as_mut().unwrap().get_mut(b"alice".as_slice()) {
        shadow.password = PasswordField::Locked;
    }
    all.push(asked(&locked, "alice", ALICE));
    let mut open = world(PLAIN, &listed);
    open.dir("/home/alice", 0o777, 1000, 1000);
    all.push(asked(&open, "alice", ALICE));
    let causes: std::collections::BTreeSet<&str> = all.iter().map(|a| a.0).collect();
    assert!(causes.len() >= 6, "too few different causes: {causes:?}");
    for (cause, told) in all {
        assert_eq!(told, Told::NotAccepted, "{cause}");
    }
}

/// The type of a key is refused for everyone: who is not listed may not learn by that which names
/// there are.
#[test]
fn an_algorithm_is_told_only_to_who_is_listed_behind_it() {
    let config = "UsePAM no\nPubkeyAcceptedAlgorithms rsa-sha2-512\n";
    let w = world(config, &line("", ALICE));
    let (cause, told) = asked(&w, "alice", ALICE);
    assert_eq!(told, Told::Algorithm, "{cause}");
    for (user, key) in [("alice", FRESH), ("bob", ALICE), ("nobody-there", ALICE)] {
        assert_eq!(asked(&w, user, key).1, Told::NotAccepted, "{user}");
    }
}

#[test]
fn a_revoked_key_is_told_only_to_who_is_listed() {
    let mut w = world(
        "UsePAM no\nRevokedKeys /etc/ssh/revoked\n",
        &line("", ALICE),
    );
    let revoked = [line("", ALICE), line("", FRESH)].concat();
    w.file("/etc/ssh/revoked", 0o644, 0, 0, revoked.as_bytes());
    assert_eq!(asked(&w, "alice", ALICE), ("key-revoked", Told::Revoked));
    assert_eq!(
        asked(&w, "alice", FRESH),
        ("key-revoked", Told::NotAccepted)
    );
    assert_eq!(asked(&w, "bob", ALICE).1, Told::NotAccepted);
}

#[test]
fn a_fresh_key_with_the_comment_of_alice_learns_nothing() {
    // Her line is damaged in many ways; the comment, the type and the prefix are those of any.
    let (half, rest) = ALICE.split_at(40);
    let texts = [
        format!("ssh-ed25519 {half}\n{rest} alice@laptop\n"),
        format!("ssh-ed25519 {half} alice@laptop\n"),
        format!("#ssh-ed25519 {ALICE} alice@laptop\n"),
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI alice@laptop\n".to_owned(),
    ];
    for text in texts {
        let mut w = world(PLAIN, &text);
        w.file(
            "/home/alice/.ssh/id.pub",
            0o644,
            1000,
            1000,
            line("", FRESH).as_bytes(),
        );
        assert_eq!(asked(&w, "alice", FRESH).1, Told::NotAccepted, "{text}");
    }
}

#[test]
fn a_damaged_line_is_told_from_128_bits_of_the_key_on() {
    // 43 characters of an Ed25519 blob hold bits of its key, the first of them only in part.
    let start = ALICE.len() - 42;
    for kept in [0, 5, 21, 22, 30, 41] {
        let text = format!("ssh-ed25519 {} alice@laptop\n", &ALICE[..start + kept]);
        assert_eq!(
            holds_enough(text.as_bytes(), &blob(ALICE)),
            kept >= 22,
            "{kept}"
        );
        assert!(!holds_enough(text.as_bytes(), &blob(FRESH)));
    }
    let (cause, told) = asked(
        &world(
            PLAIN,
            &format!("ssh-ed25519 {}\n", &ALICE[..ALICE.len() - 6]),
        ),
        "alice",
        ALICE,
    );
    assert_eq!(told, Told::Damaged, "{cause}");
}

#[test]
fn a_lost_or_doubled_character_hides_no_key() {
    for at in [30, 47, 60] {
        let lost = [&ALICE[..at], &ALICE[at + 1..]].concat();
        let doubled = [&ALICE[..at], "x", &ALICE[at..]].concat();
        let long = |text: &str| holds_enough(text.as_bytes(), &blob(ALICE));
        // The longer piece decides: in the middle neither holds 128 bits.
        assert_eq!(long(&lost), at != 47, "{at}");
        assert_eq!(long(&doubled), at != 47, "{at}");
    }
}

/// A blob as ssh-keygen writes it for RSA of 2048 bits, with this modulus behind its first bytes.
fn rsa(modulus: &[u8; 256]) -> Vec<u8> {
    let mut out = Vec::new();
    for part in [
        b"ssh-rsa".as_slice(),
        &[1, 0, 1],
        &[&[0], modulus.as_slice()].concat(),
    ] {
        out.extend_from_slice(&u32::try_from(part.len()).unwrap().to_be_bytes());
        out.extend_from_slice(part);
    }
    out
}

/// Bytes without a pattern, the same each time.
fn modulus(seed: u64) -> [u8; 256] {
    let mut state = seed;
    std::array::from_fn(|n| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        if n == 0 { 0xc5 } else { (state >> 33) as u8 }
    })
}

/// Up to two thirds of an RSA modulus can be chosen by who makes the pair.
#[test]
fn an_rsa_key_made_to_resemble_that_of_alice_learns_nothing() {
    let hers = modulus(1);
    let line = base64::encode_unpadded(&rsa(&hers)).into_bytes();
    let damaged = [b"ssh-rsa ", line.as_slice(), b" alice@laptop"].concat();
    for shared in [16, 32, 128, 170] {
        for (from, to) in [(0, shared), (256 - shared, 256)] {
            let mut theirs = modulus(2);
            theirs[from..to].copy_from_slice(&hers[from..to]);
            assert!(!holds_enough(&damaged, &rsa(&theirs)), "{from}..{to}");
        }
    }
    assert!(holds_enough(&damaged, &rsa(&hers)));
    assert!(holds_enough(&damaged[..line.len() - 40], &rsa(&hers)));
}

#[test]
fn a_wrapped_rsa_key_is_known_by_all_its_lines() {
    let key = rsa(&modulus(1));
    let text = base64::encode_unpadded(&key);
    let wrapped: Vec<&str> = text
        .as_bytes()
        .chunks(70)
        .map(|c| std::str::from_utf8(c).unwrap())
        .collect();
    let file = format!("ssh-rsa {}\n", wrapped.join("\n"));
    let w = world(PLAIN, &file);
    let (cause, told) = asked(&w, "alice", &text);
    assert_eq!((cause, told), ("key-line-wrapped", Told::Damaged));
    let other = base64::encode_unpadded(&rsa(&modulus(2)));
    assert_eq!(asked(&w, "alice", &other).1, Told::NotAccepted);
}

#[test]
fn no_sentence_names_a_path_a_pattern_or_an_account() {
    let all = [
        Told::Accepted,
        Told::NotAccepted,
        Told::Expired,
        Told::From,
        Told::Options,
        Told::Revoked,
        Told::Algorithm,
        Told::Damaged,
    ];
    for told in all {
        let text = told.sentence();
        assert!(
            !text.contains('/') && !text.contains('*') && text.is_ascii(),
            "{text}"
        );
    }
}

#[test]
fn a_blob_cut_anywhere_is_read_without_harm() {
    let whole = blob(ALICE);
    for cut in 0..whole.len() {
        assert!(!holds_enough(ALICE.as_bytes(), &whole[..cut]), "{cut}");
    }
}

/// The causes are named by their ids here: a renamed one would be told as nothing.
#[test]
fn every_cause_that_is_told_is_in_the_catalogue() {
    let own = [
        "key-expired",
        "from-mismatch",
        "from-invalid",
        "from-only-negated",
        "from-space-after-comma",
        "key-option-bad-value",
        "key-option-duplicate",
        "key-option-principals-on-plain",
        "key-option-unknown",
    ];
    for id in own {
        assert!(of_its_own_line(id).is_some(), "{id}");
        assert!(sshwhy_causes::by_id(id).is_some(), "{id}");
    }
    let damaged = sshwhy_causes::all().filter(|c| is_damage(c.id)).count();
    assert!(damaged > 20, "{damaged}");
}
