use super::*;
use sshwhy_causes::Certainty;
use sshwhy_verdict::Verdict;

fn read(text: &str) -> Vec<Entry> {
    crate::logs::recognise(text.as_bytes(), b"x").unwrap()
}

fn one(text: &str) -> (Verdict, Vec<(&'static str, Certainty)>, String) {
    let entries = read(text);
    assert_eq!(entries.len(), 1, "{entries:?}");
    let j = &entries[0].judgement;
    let causes = j.causes.iter().map(|f| (f.cause.id, f.certainty)).collect();
    let stopped = j.trace.last().map(|s| s.gate.to_owned());
    (j.verdict, causes, stopped.unwrap_or_default())
}

const BEGIN: &str = "OpenSSH_9.2p1 Debian-2+deb12u10, OpenSSL 3.0.19 27 Jan 2026
debug1: Connecting to srv [192.0.2.7] port 22.
debug1: Connection established.
debug1: Remote protocol version 2.0, remote software version OpenSSH_8.9p1
debug1: Authenticating to srv:22 as 'alice'
debug1: Server host key: ssh-ed25519 SHA256:2pEwnBz8
debug1: SSH2_MSG_SERVICE_ACCEPT received
";
const OFFER: &str = "debug1: Offering public key: /k/id ED25519 SHA256:abc explicit\n";
const AGAIN: &str = "debug1: Authentications that can continue: publickey\n";
const WELCOME: &str = "debug1: Server accepts key: /k/id ED25519 SHA256:abc explicit\n";
const DENIED: &str = "alice@srv: Permission denied (publickey).\n";

#[test]
fn a_refused_query_is_placed_there_and_nothing_is_certain() {
    let text = format!("{BEGIN}{AGAIN}{OFFER}{AGAIN}{DENIED}");
    let (verdict, causes, step) = one(&text);
    assert_eq!(verdict, Verdict::Undetermined);
    assert!(causes.iter().all(|(_, c)| *c < Certainty::Certain));
    assert_eq!(step, "user_key_allowed");
    let entry = &read(&text)[0];
    assert_eq!(entry.subject.user.as_deref(), Some(&b"alice"[..]));
    let key = entry.subject.key.as_ref().unwrap();
    assert_eq!(
        (key.fingerprint.as_str(), key.source.as_slice()),
        ("SHA256:abc", &b"/k/id"[..])
    );
}

#[test]
fn a_refused_signature_is_told_from_one_that_was_never_made() {
    let refused = format!("{BEGIN}{AGAIN}{OFFER}{WELCOME}{AGAIN}{DENIED}");
    assert_eq!(one(&refused).2, "key_verify");
    assert_eq!(one(&refused).0, Verdict::Undetermined);
    let load = "Load key \"/k/id\": bad permissions\n";
    let unsigned = format!("{BEGIN}{AGAIN}{OFFER}{WELCOME}{load}{DENIED}");
    let (verdict, causes, _) = one(&unsigned);
    assert_eq!(verdict, Verdict::Refuse);
    assert_eq!(causes, [("client-key-perms", Certainty::Certain)]);
}

#[test]
fn a_file_that_is_not_there_is_not_proven_to_be_the_reason_where_another_key_was_refused() {
    let missing = "Warning: Identity file id.pem not accessible: No such file or directory.\n";
    let other = format!("{missing}{BEGIN}{AGAIN}{OFFER}{AGAIN}{DENIED}");
    let (verdict, causes, _) = {
        let entries = read(&other);
        let j = &entries.last().unwrap().judgement;
        let causes: Vec<_> = j.causes.iter().map(|f| (f.cause.id, f.certainty)).collect();
        (j.verdict, causes, ())
    };
    assert_eq!(verdict, Verdict::Undetermined);
    assert!(causes.contains(&("client-key-missing", Certainty::Likely)));
}

#[test]
fn a_list_without_publickey_is_certain_and_a_last_line_alone_is_not() {
    let only = "debug1: Authentications that can continue: password\n";
    let denied = "alice@srv: Permission denied (password).\n";
    let (verdict, causes, _) = one(&format!("{BEGIN}{only}{denied}"));
    assert_eq!(verdict, Verdict::Refuse);
    assert_eq!(causes[0], ("publickey-not-offered", Certainty::Certain));
    // What makes the server do so follows, as likely.
    assert!(causes[1..].iter().all(|(_, c)| *c < Certainty::Certain));
    let (verdict, causes, _) = one(denied);
    assert_eq!(verdict, Verdict::Undetermined);
    assert_eq!(causes[0], ("publickey-not-offered", Certainty::Likely));
}

#[test]
fn two_pasted_connections_are_two_results() {
    let text = format!("{BEGIN}{AGAIN}{OFFER}{AGAIN}{DENIED}").repeat(2);
    assert_eq!(read(&text).len(), 2);
}

#[test]
fn too_many_keys_are_certain_where_they_were_seen() {
    let end = "Received disconnect from 192.0.2.7 port 22:2: Too many authentication failures\n";
    let text = format!("{BEGIN}{AGAIN}{}{end}", format!("{OFFER}{AGAIN}").repeat(6));
    let (verdict, causes, _) = one(&text);
    assert_eq!(verdict, Verdict::Refuse);
    assert_eq!(causes[0], ("client-too-many-keys", Certainty::Certain));
}

#[test]
fn puttys_box_alone_names_the_step() {
    for (text, step) in [
        ("Server refused our key", "user_key_allowed"),
        (
            "Server refused public-key signature despite accepting key!",
            "key_verify",
        ),
    ] {
        let (verdict, causes, found) = one(text);
        assert_eq!((verdict, found.as_str()), (Verdict::Undetermined, step));
        assert!(causes.iter().all(|(_, c)| *c < Certainty::Certain));
    }
}

#[test]
fn an_event_log_with_times_is_read() {
    let text = "2026-05-01 10:11:12\tLooking up host \"srv\" for SSH connection\r
2026-05-01 10:11:12\tConnecting to 192.0.2.7 port 22\r
2026-05-01 10:11:12\tWe claim version: SSH-2.0-PuTTY_Release_0.83\r
2026-05-01 10:11:12\tRemote version: SSH-2.0-OpenSSH_9.2p1\r
2026-05-01 10:11:13\tReading key file \"C:\\k.ppk\"\r
2026-05-01 10:11:13\tUnable to load key (PuTTY key format too new)\r
";
    let (verdict, causes, _) = one(text);
    assert_eq!(causes, [("ppk-version-too-new", Certainty::Certain)]);
    // It does not say that the login was refused.
    assert_eq!(verdict, Verdict::Undetermined);
}

#[test]
fn cut_at_every_byte_it_never_panics() {
    let text = format!("{BEGIN}{AGAIN}{OFFER}{WELCOME}{AGAIN}{DENIED}");
    for end in 0..text.len() {
        let _ = read(&text[..end]);
        let _ = read(&text[end..]);
    }
}

#[test]
fn a_servers_log_is_none_of_a_client() {
    let mut reader = Transcripts::new(b"x");
    for line in [
        "Unable to negotiate with 192.0.2.9 port 5: no matching host key type found. Their offer: ssh-rsa [preauth]",
        "Connection closed by 192.0.2.9 port 5 [preauth]",
        "Received disconnect from 192.0.2.9 port 5:11: disconnected by user",
    ] {
        reader.line(1, line.as_bytes());
    }
    assert!(!reader.any());
}

#[test]
fn no_algorithm_in_common_is_certain_in_puttys_words_too() {
    let text = "Looking up host \"srv\" for SSH connection
Connected to 192.0.2.7
We claim version: SSH-2.0-PuTTY_Release_0.60
Remote version: SSH-2.0-OpenSSH_9.2p1
Couldn't agree a key exchange algorithm (available: curve25519-sha256)
";
    let (verdict, causes, step) = one(text);
    assert_eq!(
        (verdict, step.as_str()),
        (Verdict::Refuse, "kex_choose_conf")
    );
    assert_eq!(causes, [("kex-no-common", Certainty::Certain)]);
}
