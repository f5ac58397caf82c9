//! The format of scenario files: what is read, what is refused, and where it says so.

use sshwhy_scenario::{
    Change, Content, Embedded, Ending, KeyMaterial, Scenario, Session, Sign, Spec, Verdict,
};
use sshwhy_world::{Fact, Kind, World};
use std::path::Path;

const FULL: &str = r#"# home-writable: others can write to the home

Prose.

## refused: everything at once
A note.
```world
# a comment
build debian-13
file /etc/motd 0644 root
| hello {key ed25519}
|
|- no end
raw-hex /home/alice/bom 0600 alice:devs
| ef bb bf
| 0d
dir /home/alice/d 0770 alice:devs
link /home/alice/l -> ../bob
fifo /home/alice/f 0600 alice
device-null /home/alice/n
mode /home/alice 0775
owner /home/alice 2002:devs
acl /home/alice u:bob:rwx,g:devs:r-x
label /home/alice/.ssh system_u:object_r:user_home_t:s0
remove /etc/environment
keys
| {type ed25519} {blob ed25519 ..20}
| {blob ed25519 20..}
config
| AllowUsers bob
config-first
| StrictModes no
account carol uid=2003 shell=/bin/sh home=/srv/carol
account bob shell=/usr/sbin/nologin
no-account daemon
shadow alice password=! expire=1 last=0 max=9 inactive=2
no-shadow bob
group devs members=alice
group ops gid=2200 members=bob,carol
no-group staff
pam other
| account required pam_deny.so
name 192.0.2.9 client.example
command /usr/local/bin/keys status=3 output
| {key rsa2048} it's
attempt user=bob key=rsa2048 from=2001:db8::9,host.example to=[2001:db8::1]:2222 alg=ssh-rsa,rsa-sha2-256 sign=sha1 touch=no verified=yes
session exec id -u
expect refuse home-writable then user-not-allowed
note keyword-shadowed
expect-on upstream<9.0,debian-11 accept
log Authentication refused: bad ownership or modes for directory {path}
log-on >=10.0 other
```

## accepted: near
```world
expect accept
```
"#;

fn full() -> Spec {
    Scenario::parse(FULL.as_bytes())
        .unwrap()
        .cases
        .remove(0)
        .spec
}

#[test]
fn a_file_is_prose_and_cases() {
    let s = Scenario::parse(FULL.as_bytes()).unwrap();
    assert_eq!(s.id, "home-writable");
    assert_eq!(s.title, "others can write to the home");
    assert_eq!(s.prose, "Prose.");
    assert_eq!(s.cases.len(), 2);
    assert_eq!(s.cases[0].ending, Ending::Refused);
    assert_eq!(s.cases[0].prose, "A note.");
    assert_eq!(s.cases[1].ending, Ending::Accepted);
    let spec = &s.cases[0].spec;
    let attempt = &spec.attempt;
    assert_eq!(attempt.sign, Sign::Sha1);
    assert_eq!(
        (attempt.port, attempt.host.as_deref()),
        (2222, Some(&b"host.example"[..]))
    );
    assert_eq!(spec.session, Session::Exec(b"id -u".to_vec()));
    let expect = spec.expect.as_ref().unwrap();
    assert_eq!(expect.causes, ["home-writable", "user-not-allowed"]);
    assert_eq!(expect.notes, ["keyword-shadowed"]);
    let debian_11 = sshwhy_world::Build::profile("debian-11").unwrap();
    assert_eq!(
        spec.expectation(&debian_11).unwrap().verdict,
        Verdict::Accept
    );
    assert_eq!(spec.logs_of(&debian_11).count(), 1);
}

#[test]
fn every_line_changes_the_world() {
    let scene = full().scene(&Embedded).unwrap();
    let node = |p: &str| scene.tree.get(p.as_bytes()).map(|e| e.node.clone());
    let text = |p: &str| String::from_utf8_lossy(&scene.tree[p.as_bytes()].content).into_owned();
    let key = String::from_utf8_lossy(Embedded.file("ed25519.pub").unwrap()).into_owned();
    assert_eq!(
        text("/etc/motd"),
        format!("hello {}\n\nno end", key.trim_end())
    );
    assert_eq!(
        scene.tree[&b"/home/alice/bom"[..]].content,
        b"\xef\xbb\xbf\r"
    );
    let home = node("/home/alice").unwrap();
    assert_eq!((home.mode, home.uid, home.gid), (0o775, 2002, 2100));
    assert_eq!(home.acl.unwrap().entries.len(), 6);
    assert_eq!(
        node("/home/alice/l").unwrap().kind,
        Kind::Link(b"../bob".to_vec())
    );
    assert_eq!(node("/home/alice/f").unwrap().kind, Kind::Fifo);
    assert!(node("/etc/environment").is_none());
    assert!(scene.removed.contains(&b"/etc/environment"[..]));
    assert_eq!(text("/home/alice/.ssh/authorized_keys").lines().count(), 2);
    let config = text("/etc/ssh/sshd_config");
    assert!(
        config.starts_with("StrictModes no\nUsePAM no\n") && config.ends_with("AllowUsers bob\n")
    );
    assert!(text("/etc/passwd").contains("\ncarol:x:2003:2003::/srv/carol:/bin/sh\n"));
    assert!(!text("/etc/passwd").contains("daemon"));
    assert!(text("/etc/shadow").contains("\nalice:!:0:0:9:7:2:1:\n"));
    assert!(!text("/etc/shadow").contains("bob"));
    assert!(text("/etc/group").contains("\ndevs:x:2100:alice\n"));
    assert!(text("/etc/group").contains("\ncarol:x:2003:\nops:x:2200:bob,carol\n"));
    assert!(text("/etc/hosts").contains("192.0.2.9 client.example\n2001:db8::9 host.example\n"));
    assert!(text("/usr/local/bin/keys").contains("it\\047s\\n'\nexit 3\n"));
    let world = scene.world();
    let Fact::Known(Some(bob)) = world.account(b"bob") else {
        panic!()
    };
    assert_eq!(bob.shell, b"/usr/sbin/nologin");
    assert!(
        scene.lookup(b"/bin/sh").is_some(),
        "links of the system lead to its programs"
    );
}

#[test]
fn a_specification_survives_being_written() {
    let spec = full();
    let text = format!(
        "# a-b: c\n## refused: everything at once\n```world\n{}```\n",
        spec.to_text()
    );
    let again = Scenario::parse(text.as_bytes()).unwrap_or_else(|p| panic!("{p:?}\n{text}"));
    let again = &again.cases[0].spec;
    assert_eq!(again.attempt, spec.attempt);
    assert_eq!(again.expect, spec.expect);
    assert_eq!(again.expect_on, spec.expect_on);
    assert_eq!(again.log, spec.log);
    assert_eq!(
        again.scene(&Embedded).unwrap().tree,
        spec.scene(&Embedded).unwrap().tree
    );
}

#[test]
fn problems_name_their_line() {
    for (line, block) in [
        (4, "frobnicate\nexpect accept"),
        (4, "| stray\nexpect accept"),
        (5, "expect accept\nmode /home/alice 9"),
        (4, "file relative 0644 root\nexpect accept"),
        (4, "file /a/../b 0644 root\nexpect accept"),
        (4, "mode /home 0755\n| text\nexpect accept"),
        (4, "config\nexpect accept"),
        (4, "gap /etc/passwd\nexpect accept"),
        (4, "build windows\nexpect accept"),
        (4, "expect refuse"),
        (4, "expect refuse Home"),
        (5, "expect accept\nexpect accept"),
        (4, "mode /home 0755"),
        (4, "note x\nexpect accept"),
        (2, "expect refuse a-b"),
    ] {
        let text = format!("# a: b\n## accepted: c\n```world\n{block}\n```\n");
        let problems = Scenario::parse(text.as_bytes()).unwrap_err();
        assert_eq!(problems[0].line, line, "{block}: {problems:?}");
    }
    for text in [
        "",
        "# a: b",
        "## refused: x\n",
        "# a: b\n```world\n",
        "# a: b\n## maybe: x\n",
    ] {
        assert!(Scenario::parse(text.as_bytes()).is_err(), "{text}");
    }
}

#[test]
fn names_that_are_not_there_are_problems_of_the_world() {
    for change in [
        Change::Mode {
            path: b"/nowhere".to_vec(),
            mode: 0,
        },
        Change::Owner {
            path: b"/home".to_vec(),
            owner: b"carol".to_vec(),
        },
        Change::Keys(Content::Text(b"{key nobody}".to_vec())),
        Change::Remove {
            path: b"/".to_vec(),
        },
    ] {
        let mut spec = Spec::new("t");
        spec.changes.push((7, change));
        assert_eq!(spec.scene(&Embedded).unwrap_err()[0].line, 7);
    }
}

#[test]
fn any_bytes_are_read_to_an_end() {
    let full = FULL.as_bytes();
    for cut in 0..full.len() {
        if let Ok(s) = Scenario::parse(&full[..cut]) {
            let _ = s.cases[0].spec.scene(&Embedded);
        }
        let mut damaged = full.to_vec();
        damaged[cut] = damaged[cut].wrapping_add(97);
        if let Ok(s) = Scenario::parse(&damaged) {
            let _ = s.cases[0].spec.scene(&Embedded);
        }
    }
}

#[test]
fn the_embedded_keys_are_those_of_the_folder() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/lab");
    let mut names: Vec<String> = std::fs::read_dir(&dir)
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .filter(|n| n != "make.sh" && n != "README.md")
        .collect();
    names.sort();
    assert_eq!(Embedded::names().collect::<Vec<_>>(), names);
    for name in names {
        assert_eq!(
            Embedded.file(&name).unwrap(),
            std::fs::read(dir.join(&name)).unwrap()
        );
    }
    assert!(Embedded.file("make.sh").is_none());
}

#[test]
fn every_scenario_can_be_built() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let mut files = 0;
    for stage in std::fs::read_dir(root)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.is_dir())
    {
        for file in std::fs::read_dir(stage).unwrap().map(|e| e.unwrap().path()) {
            let text = std::fs::read(&file).unwrap();
            let scenario =
                Scenario::parse(&text).unwrap_or_else(|p| panic!("{}: {}", file.display(), p[0]));
            assert_eq!(
                file.file_stem().unwrap().to_str(),
                Some(scenario.id.as_str())
            );
            for case in &scenario.cases {
                case.spec
                    .scene(&Embedded)
                    .unwrap_or_else(|p| panic!("{}: {}", file.display(), p[0]));
            }
            files += 1;
        }
    }
    assert!(files > 0);
}
