//! PAM's account phase. The stacks and their results were held against libpam 1.5.2 (Debian 12).

use sshwhy_keys::base64;
use sshwhy_verdict::{Judgement, Outcome, Server, Verdict, judge};
use sshwhy_world::account::PasswordField;
use sshwhy_world::{Account, Attempt, Build, Group, Local, MemWorld, OfferedKey, Peer, Shadow};

const BLOB: &str = "AAAAC3NzaC1lZDI1NTE5AAAAIIwktmbAzGqesdu9wr245CS6V8OHjEaacgCI9zo1Thfl";
const TODAY: i64 = 20_779;
const DEBIAN: &str = "account required pam_nologin.so\n\
@include common-account\n\
session required pam_loginuid.so\n";
const COMMON: &str = "account [success=1 new_authtok_reqd=done default=ignore] pam_unix.so\n\
account requisite pam_deny.so\n\
account required pam_permit.so\n";

fn shadow() -> Shadow {
    Shadow {
        password: PasswordField::Set,
        last_change: 20_000,
        min: 0,
        max: 99_999,
        warn: 7,
        inactive: -1,
        expire: -1,
    }
}

fn world(stack: &str) -> MemWorld {
    let mut w = MemWorld::new(Build::profile("debian-12").unwrap());
    w.now = TODAY * 86_400 + 12 * 3_600;
    w.file("/etc/ssh/sshd_config", 0o644, 0, 0, b"UsePAM yes\n");
    w.file("/etc/pam.d/sshd", 0o644, 0, 0, stack.as_bytes());
    w.file("/etc/pam.d/common-account", 0o644, 0, 0, COMMON.as_bytes());
    w.file(
        "/etc/pam.d/other",
        0o644,
        0,
        0,
        b"account required pam_deny.so\n",
    );
    w.file(
        "/etc/passwd",
        0o644,
        0,
        0,
        b"root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\n",
    );
    w.file("/bin/sh", 0o755, 0, 0, b"");
    w.accounts = vec![
        account("root", 0, "/root"),
        account("alice", 1000, "/home/alice"),
    ];
    w.groups = vec![
        Group {
            name: b"root".to_vec(),
            gid: 0,
            members: vec![],
        },
        Group {
            name: b"alice".to_vec(),
            gid: 1000,
            members: vec![],
        },
        Group {
            name: b"devs".to_vec(),
            gid: 50,
            members: vec![b"alice".to_vec()],
        },
    ];
    let shadows = w.shadow.as_mut().unwrap();
    shadows.insert(b"alice".to_vec(), shadow());
    shadows.insert(b"root".to_vec(), shadow());
    for (home, uid) in [("/root", 0), ("/home/alice", 1000)] {
        w.dir(home, 0o755, uid, uid);
        w.dir(format!("{home}/.ssh"), 0o700, uid, uid);
        let line = format!("ssh-ed25519 {BLOB}\n");
        w.file(
            format!("{home}/.ssh/authorized_keys"),
            0o600,
            uid,
            uid,
            line.as_bytes(),
        );
    }
    w
}

fn account(name: &str, uid: u32, home: &str) -> Account {
    Account {
        name: name.into(),
        password: PasswordField::Shadowed,
        uid,
        gid: uid,
        home: home.into(),
        shell: b"/bin/sh".to_vec(),
    }
}

fn login(w: &MemWorld, user: &str) -> Judgement {
    let server = Server::read(w, b"/etc/ssh/sshd_config");
    let attempt = Attempt {
        user: user.into(),
        key: Some(OfferedKey::new(
            base64::decode(BLOB.as_bytes()).unwrap(),
            Vec::new(),
        )),
        from: Peer {
            addr: "192.0.2.1".parse().unwrap(),
            host: None,
        },
        to: Local {
            addr: "192.0.2.9".parse().unwrap(),
            port: 22,
        },
    };
    judge(&server, w, &attempt)
}

fn causes(j: &Judgement) -> Vec<&'static str> {
    j.causes.iter().map(|f| f.cause.id).collect()
}

fn gate(j: &Judgement) -> Outcome {
    j.trace
        .iter()
        .find(|s| s.gate == "do_pam_account")
        .unwrap()
        .outcome
}

/// alice's login with a stack, and other files.
fn with(stack: &str, files: &[(&str, &str)]) -> Judgement {
    let mut w = world(stack);
    for (path, text) in files {
        w.file(path, 0o644, 0, 0, text.as_bytes());
    }
    login(&w, "alice")
}

fn lets_in(stack: &str, files: &[(&str, &str)]) -> bool {
    let j = with(stack, files);
    assert_ne!(j.verdict, Verdict::Undetermined, "{stack:?}: {:?}", j.gaps);
    j.verdict == Verdict::Accept
}

#[test]
fn debians_default_stack_is_decided() {
    let j = with(DEBIAN, &[]);
    assert_eq!(
        (j.verdict, gate(&j)),
        (Verdict::Accept, Outcome::Pass),
        "{:?}",
        causes(&j)
    );
}

#[test]
fn an_expired_account_is_blamed_and_not_the_deny_behind_it() {
    let mut w = world(DEBIAN);
    w.shadow
        .as_mut()
        .unwrap()
        .get_mut(&b"alice"[..])
        .unwrap()
        .expire = 1;
    let j = login(&w, "alice");
    assert_eq!(causes(&j), ["pam-account-expired"]);
    let first = j.first().unwrap();
    assert_eq!(first.args.get("date"), Some(&b"1970-01-02"[..]));
    assert!(
        first
            .evidence
            .iter()
            .any(|e| e.line == Some(1) && e.path.as_deref() == Some(b"/etc/pam.d/common-account"))
    );
}

#[test]
fn nologin_keeps_all_but_root_out_and_shows_its_text() {
    let mut w = world(DEBIAN);
    w.file("/etc/nologin", 0o644, 0, 0, b"back at noon\n");
    w.shadow
        .as_mut()
        .unwrap()
        .get_mut(&b"alice"[..])
        .unwrap()
        .expire = 1;
    let j = login(&w, "alice");
    assert_eq!(causes(&j), ["pam-nologin", "pam-account-expired"]);
    assert_eq!(
        j.causes[0].evidence[0].detail.as_deref(),
        Some(&b"back at noon"[..])
    );
    assert_eq!(login(&w, "root").verdict, Verdict::Accept);
}

#[test]
fn a_missing_shadow_entry_fails_and_broken_shadow_forgives_it() {
    let mut w = world(DEBIAN);
    w.shadow.as_mut().unwrap().remove(&b"alice"[..]);
    assert_eq!(causes(&login(&w, "alice")), ["pam-no-shadow-entry"]);
    w.file(
        "/etc/pam.d/sshd",
        0o644,
        0,
        0,
        b"account required pam_unix.so broken_shadow\n",
    );
    assert_eq!(login(&w, "alice").verdict, Verdict::Accept);
}

#[test]
fn an_aged_password_asks_for_a_new_one_until_it_is_inactive() {
    let mut w = world(DEBIAN);
    let set = |w: &mut MemWorld, last, max, inactive| {
        let s = w.shadow.as_mut().unwrap().get_mut(&b"alice"[..]).unwrap();
        (s.last_change, s.max, s.inactive) = (last, max, inactive);
    };
    for (last, max, inactive, expected) in [
        (0, 99_999, -1, "password-expired-forced-change"),
        (TODAY - 31, 30, -1, "password-expired-forced-change"),
        (TODAY - 31, 30, 10, "password-expired-forced-change"),
    ] {
        set(&mut w, last, max, inactive);
        let j = login(&w, "alice");
        assert_eq!(j.verdict, Verdict::Accept);
        assert_eq!(j.after_login.first().map(|f| f.cause.id), Some(expected));
    }
    set(&mut w, TODAY - 30, 30, -1);
    assert!(login(&w, "alice").after_login.is_empty());
    set(&mut w, TODAY - 41, 30, 10);
    assert_eq!(
        causes(&login(&w, "alice")),
        ["pam-password-expired-inactive"]
    );
    w.file(
        "/etc/pam.d/sshd",
        0o644,
        0,
        0,
        b"account required pam_unix.so no_pass_expiry\n",
    );
    assert_eq!(login(&w, "alice").verdict, Verdict::Accept);
}

#[test]
fn lines_are_read_and_walked_as_libpam_does() {
    let inc = [
        ("/etc/pam.d/inc", "account required pam_permit.so\n"),
        ("/etc/pam.d/incd", "account required pam_deny.so\n"),
        ("/etc/pam.d/incd2", "@include incd\n"),
        (
            "/etc/pam.d/incx",
            "account [success=die default=die] pam_permit.so\naccount required pam_permit.so",
        ),
        (
            "/etc/pam.d/incy",
            "account sufficient pam_permit.so\naccount required pam_deny.so",
        ),
    ];
    for (stack, expected) in [
        ("account required pam_permit.so\n", true),
        ("@include inc\n", true),
        ("@include incd\n", false),
        ("@include nope\naccount required pam_permit.so\n", false),
        ("account include nope\n", false),
        ("account include incd2\n", false),
        ("@INCLUDE incd\n", false),
        ("-@include incd\naccount required pam_permit.so\n", false),
        ("auth include incd2\naccount required pam_permit.so\n", true),
        ("auth required pam_permit.so\n", false),
        ("account required pam_permit.so \\", false),
        (
            "account required pam_permit.so # x \\\naccount required pam_deny.so\n",
            false,
        ),
        ("account \\\n required \\\n# c\n\n pam_deny.so\n", false),
        (
            "acount required pam_deny.so\naccount required pam_permit.so\n",
            true,
        ),
        (
            "account required pam_limits.so\naccount required pam_permit.so\n",
            false,
        ),
        ("account [success=0] pam_permit.so\n", false),
        (
            "account [success=2] pam_permit.so\naccount required pam_permit.so\n",
            false,
        ),
        (
            "account [success=1 default=ignore] pam_permit.so\naccount required pam_deny.so\n",
            false,
        ),
        (
            "account substack inc\naccount [default=1] pam_deny.so\naccount required pam_deny.so\naccount required pam_permit.so\n",
            true,
        ),
        (
            "account substack incx\naccount required pam_permit.so\n",
            false,
        ),
        (
            "account substack incy\naccount required pam_permit.so\n",
            true,
        ),
        (
            "account substack incy\naccount required pam_deny.so\n",
            false,
        ),
        ("account include incy\naccount required pam_deny.so\n", true),
        (
            "account [success=1 default=ignore] pam_permit.so\naccount substack incd\naccount required pam_permit.so\n",
            true,
        ),
        ("account\n", false),
        ("account required\naccount required pam_permit.so\n", false),
        (
            "account include sshd\naccount required pam_permit.so\n",
            false,
        ),
        ("@include /etc/pam.d/incd\n", false),
        ("ACCOUNT REQUIRED pam_deny.so\n", false),
        (
            "account [ success = ok   default=bad ] pam_permit.so\n",
            true,
        ),
        (
            "account required pam_succeed_if.so [user = alice] quiet\n",
            false,
        ),
        (
            "account required pam_succeed_if.so user = alice quiet\n",
            true,
        ),
    ] {
        assert_eq!(lets_in(stack, &inc), expected, "{stack:?}");
    }
}

#[test]
fn a_service_without_a_file_falls_back_to_other() {
    let mut w = world(DEBIAN);
    w.tree.remove(&b"/etc/pam.d/sshd"[..]);
    assert_eq!(causes(&login(&w, "alice")), ["pam-service-missing"]);
    w.file(
        "/etc/pam.d/other",
        0o644,
        0,
        0,
        b"@include common-account\n",
    );
    assert_eq!(login(&w, "alice").verdict, Verdict::Accept);
    w.tree.remove(&b"/etc/pam.d/other"[..]);
    assert_eq!(causes(&login(&w, "alice")), ["pam-service-missing"]);
    w.file(
        "/usr/lib/pam.d/sshd",
        0o644,
        0,
        0,
        b"account required pam_permit.so\n",
    );
    assert_eq!(login(&w, "alice").verdict, Verdict::Accept);
}

#[test]
fn an_include_that_names_no_file_stops_libpam() {
    let mut w = world(DEBIAN);
    w.tree.remove(&b"/etc/pam.d/common-account"[..]);
    let j = login(&w, "alice");
    assert_eq!(causes(&j), ["pam-service-missing"]);
    assert_eq!(j.causes[0].evidence[0].line, Some(2));
}

#[test]
fn a_module_that_is_not_installed_is_known_where_the_others_are_seen() {
    let mut w = world("account required pam_duo.so\n");
    let dir = "/usr/lib/x86_64-linux-gnu/security";
    w.file(format!("{dir}/pam_permit.so"), 0o644, 0, 0, b"");
    assert_eq!(causes(&login(&w, "alice")), ["pam-denied"]);
    assert_eq!(login(&w, "alice").verdict, Verdict::Refuse);
    w.file(format!("{dir}/pam_duo.so"), 0o644, 0, 0, b"");
    assert_eq!(login(&w, "alice").verdict, Verdict::Undetermined);
}

#[test]
fn a_module_that_no_file_shows_matters_only_where_it_decides() {
    let j = with(
        "account required pam_duo.so\naccount required pam_permit.so\n",
        &[],
    );
    assert_eq!(j.verdict, Verdict::Undetermined);
    assert_eq!(j.gaps[0].what, "what pam_duo answers (/etc/pam.d/sshd:1)");
    assert_eq!(causes(&j), ["pam-denied"]);
    assert!(lets_in(
        "account optional pam_duo.so\naccount required pam_permit.so\n",
        &[]
    ));
    let j = with(
        "account required pam_duo.so\naccount required pam_deny.so\n",
        &[],
    );
    assert_eq!(
        (j.verdict, causes(&j)),
        (Verdict::Refuse, vec!["pam-denied"])
    );
    // Red Hat's default asks pam_sss about nobody who is in /etc/passwd.
    let redhat = "account required pam_unix.so\n\
        account sufficient pam_localuser.so\n\
        account sufficient pam_usertype.so issystem\n\
        account [default=bad success=ok user_unknown=ignore] pam_sss.so\n\
        account required pam_permit.so\n";
    assert!(lets_in(redhat, &[]));
    assert_eq!(
        with(redhat, &[("/etc/passwd", "")]).verdict,
        Verdict::Undetermined
    );
}

#[test]
fn shadow_that_cannot_be_read_leaves_the_gate_open() {
    let mut w = world(DEBIAN);
    w.shadow = None;
    let j = login(&w, "alice");
    assert_eq!(
        (j.verdict, gate(&j)),
        (Verdict::Undetermined, Outcome::Unknown)
    );
    assert_eq!(j.gaps[0].what, "the shadow entry");
}

#[test]
fn access_conf_decides_by_its_first_line_that_fits() {
    let stack = "account required pam_access.so\n";
    let conf = "/etc/security/access.conf";
    for (rules, expected) in [
        ("- : ALL : ALL\n", false),
        ("- : ALL : ALL", true),
        ("+ : alice : 192.0.2.1\n- : ALL : ALL\n", true),
        ("+:alice:192.0.2.\n-:ALL:ALL\n", true),
        ("+ : ALICE : all\n- : ALL : ALL\n", true),
        (" + : alice : ALL\n- : ALL : ALL\n", false),
        ("- : ALL EXCEPT alice : ALL\n", true),
        ("- : ALL EXCEPT root : ALL\n", false),
        ("- : ALL : ALL EXCEPT 192.0.2.0/24\n", true),
        ("- : ALL : ALL EXCEPT 198.51.100.0/24\n", false),
        ("- : (devs) : ALL\n", false),
        ("- : devs : ALL\n", false),
        ("- : (admins) : ALL\n", true),
        ("- : 1000 : ALL\n", true),
        ("- : alice : LOCAL\n", true),
        ("- : alice : 192.0.2.0/255.255.255.0\n", false),
        ("- : alice : 192.0.2.1/0\n", false),
        ("- : alice : 192.0.2.0/0\n", true),
        ("- : alice : 192.0.2.0/33\n", true),
        ("- : alice : client.example\n", true),
        ("# - : ALL : ALL\n\n", true),
        ("- alice ALL\n", true),
        ("- : alice bob : ALL\n", false),
        ("- : bob,alice : ALL\n", false),
    ] {
        assert_eq!(lets_in(stack, &[(conf, rules)]), expected, "{rules:?}");
    }
    assert!(lets_in(stack, &[]));
    let j = with(stack, &[(conf, "# first\n- : alice : ALL\n")]);
    let first = j.first().unwrap();
    assert_eq!(first.cause.id, "pam-access");
    assert_eq!(first.args.get("file"), Some(conf.as_bytes()));
    assert_eq!(first.args.get("line"), Some(&b"2"[..]));
    let more = [("/etc/security/access.d/b.conf", "- : alice : ALL\n")];
    assert!(!lets_in(stack, &more));
    assert!(lets_in(
        "account required pam_access.so accessfile=/etc/own\n",
        &[("/etc/own", ""), more[0]]
    ));
    assert!(!lets_in(
        "account required pam_access.so accessfile=/etc/none\n",
        &[]
    ));
    assert!(lets_in(
        "account required pam_access.so nodefgroup\n",
        &[(conf, "- : devs : ALL\n")]
    ));
}

#[test]
fn a_list_of_names_decides_by_its_sense() {
    for (args, list, expected) in [
        ("item=user sense=allow file=/etc/l", "alice\n", true),
        ("item=user sense=allow file=/etc/l", "bob\n", false),
        ("item=user sense=deny file=/etc/l", "alice", false),
        ("item=user sense=deny file=/etc/l", "bob\r\n", true),
        ("item=group sense=allow file=/etc/l", "devs\n", true),
        ("item=group sense=deny file=/etc/l", "devs\n", false),
        ("item=shell sense=allow file=/etc/l", "/bin/sh\n", true),
        ("item=rhost sense=deny file=/etc/l", "192.0.2.1\n", false),
        ("item=tty sense=deny file=/etc/l", "ssh\n", false),
        ("item=ruser sense=allow file=/etc/l", "alice\n", false),
        (
            "item=user sense=allow file=/etc/none onerr=succeed",
            "",
            true,
        ),
        ("item=user sense=allow file=/etc/none onerr=fail", "", false),
        ("item=user file=/etc/l", "alice\n", false),
    ] {
        let stack =
            format!("account required pam_listfile.so {args}\naccount required pam_permit.so\n");
        assert_eq!(
            lets_in(&stack, &[("/etc/l", list)]),
            expected,
            "{args} {list:?}"
        );
    }
    let j = with(
        "account required pam_listfile.so item=user sense=allow file=/etc/l\n",
        &[("/etc/l", "bob\n")],
    );
    let first = j.first().unwrap();
    assert_eq!(
        (first.cause.id, first.args.get("value")),
        ("pam-listfile", Some(&b"allow"[..]))
    );
    assert_eq!(first.args.get("file"), Some(&b"/etc/l"[..]));
}

#[test]
fn conditions_on_the_account_hold_or_not() {
    for (condition, expected) in [
        ("uid >= 1000", true),
        ("uid < 1000", false),
        ("uid eq 0x3e8", true),
        ("user = alice", true),
        ("user != alice", false),
        ("user =~ al*", true),
        ("user !~ al*", false),
        ("user in bob:alice", true),
        ("user notin bob:alice", false),
        ("user ingroup devs", true),
        ("user notingroup devs", false),
        ("user ingroup x:devs", true),
        ("shell = /bin/sh", true),
        ("home = /home/alice", true),
        ("rhost = 192.0.2.1", true),
        ("service = sshd", true),
        ("tty = ssh", true),
        ("ruser = alice", false),
        ("user eq 5", false),
        ("user = alice uid", false),
        ("user = alice quiet uid = 1000", true),
        ("", true),
    ] {
        let stack = format!("account required pam_succeed_if.so {condition}\n");
        assert_eq!(lets_in(&stack, &[]), expected, "{condition}");
    }
    let j = with(
        "# x\naccount required pam_succeed_if.so quiet user ingroup admins\n",
        &[],
    );
    let first = j.first().unwrap();
    assert_eq!(first.cause.id, "pam-succeed-if");
    assert_eq!(first.args.get("pattern"), Some(&b"user ingroup admins"[..]));
    assert_eq!(first.args.get("line"), Some(&b"2"[..]));
}

#[test]
fn hours_are_those_of_the_servers_zone() {
    // Noon in UTC on a Sunday.
    let stack = "account required pam_time.so\naccount required pam_permit.so\n";
    let conf = "/etc/security/time.conf";
    for (rules, expected) in [
        ("sshd;*;alice;Al0900-1700\n", true),
        ("sshd;*;alice;Al1300-1700\n", false),
        ("sshd;*;bob;Al1300-1700\n", true),
        ("sshd;*;alice;Wk0000-2400\n", false),
        ("sshd;*;alice;Wd0000-2400\n", true),
        ("sshd;*;alice;!Wd0000-2400\n", false),
        ("login|sshd;ssh;!root;!Al0000-2400\n", false),
        ("sshd;tty*;alice;!Al0000-2400\n", true),
        ("# sshd;*;alice;!Al0000-2400\n", true),
        ("sshd;*;alice;\\\nAl1300-1700\n", false),
        ("sshd;*;alice\n", true),
        ("sshd;*;alice;Al0900-1700", false),
    ] {
        assert_eq!(lets_in(stack, &[(conf, rules)]), expected, "{rules:?}");
    }
    let mut w = world(stack);
    w.file(conf, 0o644, 0, 0, b"\nsshd;*;alice;Al1300-1700\n");
    let j = login(&w, "alice");
    assert_eq!(j.first().unwrap().cause.id, "pam-time");
    assert_eq!(j.first().unwrap().args.get("line"), Some(&b"2"[..]));
    w.utc_offset = 2 * 3_600;
    assert_eq!(login(&w, "alice").verdict, Verdict::Accept);
}

#[test]
fn without_pam_nothing_of_it_is_asked() {
    let mut w = world("account required pam_deny.so\n");
    w.file("/etc/ssh/sshd_config", 0o644, 0, 0, b"UsePAM no\n");
    let j = login(&w, "alice");
    assert_eq!((j.verdict, gate(&j)), (Verdict::Accept, Outcome::Pass));
}
