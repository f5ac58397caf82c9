//! Our defaults against what `sshd -T` of four Debian builds printed for a small test configuration.

use std::collections::BTreeMap;
use std::sync::Arc;

use sshwhy_config::{Config, Connection, Dialect, Fact, FileText, Files, Host, Tri, Vendor};

struct One(Arc<[u8]>);

impl Files for One {
    fn read(&self, _: &[u8]) -> FileText {
        FileText::Text(self.0.clone())
    }
    fn glob(&self, _: &[u8]) -> Vec<Vec<u8>> {
        Vec::new()
    }
}

fn dump(text: &str, dialect: &Dialect) -> Vec<String> {
    let config = Config::parse(
        &One(Arc::from(text.as_bytes())),
        b"/etc/ssh/sshd_config",
        dialect,
        &[],
    );
    assert_eq!(config.problems(), []);
    let groups: Vec<Vec<u8>> = Vec::new();
    let connection = Connection {
        user: b"root",
        user_invalid: Tri::False,
        groups: Fact::Known(&groups),
        host: Host::Address,
        addr: [127, 0, 0, 1].into(),
        laddr: Fact::Known([127, 0, 0, 1].into()),
        lport: Fact::Known(22),
        rdomain: Fact::Known(b""),
    };
    let lines = config.evaluate(&connection).dump();
    lines
        .into_iter()
        .map(|line| String::from_utf8(line).unwrap())
        .collect()
}

fn by_keyword<'l>(lines: impl Iterator<Item = &'l str>) -> BTreeMap<String, Vec<String>> {
    let mut out: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in lines.filter(|line| !line.is_empty()) {
        let (keyword, value) = line.split_once(' ').unwrap_or((line, ""));
        out.entry(keyword.to_owned())
            .or_default()
            .push(value.to_owned());
    }
    out
}

fn check(printed: &str, dialect: &Dialect, port: u16) {
    // What the four were run with; everything else in the files is a default.
    let text = format!(
        "Port {port}\nListenAddress 127.0.0.1\nHostKey /etc/ssh/hk\nPidFile /run/sshd-t.pid\nUsePAM no\n\
         PasswordAuthentication no\nKbdInteractiveAuthentication no\n{}LogLevel DEBUG3\n",
        if dialect.version.major < 9 {
            "ChallengeResponseAuthentication no\n"
        } else {
            ""
        }
    );
    let ours = dump(&text, dialect);
    let ours = by_keyword(ours.iter().map(String::as_str));
    let theirs = by_keyword(printed.lines());
    let differ: Vec<String> = ours
        .keys()
        .chain(theirs.keys())
        .filter(|keyword| ours.get(*keyword) != theirs.get(*keyword))
        .map(|keyword| {
            format!(
                "{keyword}: ours {:?}, sshd {:?}",
                ours.get(keyword),
                theirs.get(keyword)
            )
        })
        .collect();
    assert!(
        differ.is_empty(),
        "{}:\n{}",
        dialect.build,
        differ.join("\n")
    );
}

#[test]
fn debian_8_4() {
    check(
        include_str!("data/sshd-T-defaults-bullseye.txt"),
        &Dialect::openssh(8, 4, 1, Vendor::Debian),
        22101,
    );
}

#[test]
fn debian_9_2() {
    check(
        include_str!("data/sshd-T-defaults-bookworm.txt"),
        &Dialect::openssh(9, 2, 1, Vendor::Debian),
        22102,
    );
}

#[test]
fn debian_10_0() {
    check(
        include_str!("data/sshd-T-defaults-trixie.txt"),
        &Dialect::openssh(10, 0, 1, Vendor::Debian),
        22103,
    );
}

#[test]
fn debian_10_6() {
    check(
        include_str!("data/sshd-T-defaults-sid.txt"),
        &Dialect::openssh(10, 6, 1, Vendor::Debian),
        22104,
    );
}
