//! Facts of reading and evaluating that need no sshd.

use std::collections::BTreeMap;
use std::sync::Arc;

use sshwhy_config::{
    Config, Connection, Dialect, Fact, FileText, Files, Host, Kw, Origin, PermitRootLogin,
    ProblemKind, Severity, Tri, Vendor,
};

#[derive(Default)]
struct Memory(BTreeMap<Vec<u8>, Vec<u8>>);

impl Memory {
    fn with(mut self, path: &str, text: &[u8]) -> Self {
        self.0.insert(path.as_bytes().to_vec(), text.to_vec());
        self
    }
}

impl Files for Memory {
    fn read(&self, path: &[u8]) -> FileText {
        self.0.get(path).map_or(FileText::Unreadable(13), |text| {
            FileText::Text(Arc::from(text.as_slice()))
        })
    }
    fn glob(&self, pattern: &[u8]) -> Vec<Vec<u8>> {
        // An unreadable file exists all the same.
        if self.0.contains_key(pattern) || pattern.ends_with(b"secret") {
            vec![pattern.to_vec()]
        } else {
            Vec::new()
        }
    }
}

const MAIN: &str = "/etc/ssh/sshd_config";

fn debian_12() -> Dialect {
    Dialect::openssh(9, 2, 1, Vendor::Debian)
}

fn read(text: &str, dialect: &Dialect) -> Config {
    Config::parse(
        &Memory::default().with(MAIN, text.as_bytes()),
        MAIN.as_bytes(),
        dialect,
        &[],
    )
}

fn connection(user: &str) -> Connection<'_> {
    Connection {
        user: user.as_bytes(),
        user_invalid: Tri::False,
        groups: Fact::Known(&[]),
        host: Host::Address,
        addr: [203, 0, 113, 5].into(),
        laddr: Fact::Known([192, 0, 2, 1].into()),
        lport: Fact::Known(22),
        rdomain: Fact::Known(b""),
    }
}

fn words(list: &[&[u8]]) -> Vec<String> {
    list.iter()
        .map(|word| String::from_utf8_lossy(word).into_owned())
        .collect()
}

#[test]
fn a_match_block_replaces_the_global_list_and_beats_a_later_global_line() {
    let config = read(
        "AllowUsers root alice\nMatch all\nMatch user bob\nAllowUsers bob\nPermitRootLogin yes\n\
         Match address 203.0.113.0/24\nAllowUsers carol\nPermitRootLogin no\n",
        &debian_12(),
    );
    let bob = connection("bob");
    let effective = config.evaluate(&bob);
    assert_eq!(
        words(&effective.words(Kw::AllowUsers).value),
        ["bob", "carol"]
    );
    let root = effective.permit_root_login();
    assert_eq!(root.value, PermitRootLogin::Yes);
    assert!(
        matches!(&root.origin, Origin::File { place, match_block: Some(block), .. }
        if place.line == 5 && block.text == b"user bob")
    );
    assert!(matches!(root.shadowed.as_slice(), [Origin::File { place, .. }] if place.line == 8));
    let alice = connection("alice");
    assert_eq!(
        words(&config.evaluate(&alice).words(Kw::AllowUsers).value),
        ["carol"]
    );
}

#[test]
fn an_unknown_host_name_is_named_and_not_guessed() {
    let config = read(
        "UseDNS yes\nMatch host *.example.org\nPubkeyAuthentication no\nMatch user x\nMaxAuthTries 1\n",
        &debian_12(),
    );
    let mut alice = connection("alice");
    alice.host = Host::Unknown;
    let effective = config.evaluate(&alice);
    let setting = effective.flag(Kw::PubkeyAuthentication);
    assert!(setting.value);
    assert_eq!(
        setting
            .undetermined_by
            .iter()
            .map(|place| place.line)
            .collect::<Vec<_>>(),
        [2]
    );
    assert!(effective.int(Kw::MaxAuthTries).is_determined());
    alice.host = Host::Name(b"pc.EXAMPLE.org");
    let effective = config.evaluate(&alice);
    assert!(!effective.flag(Kw::PubkeyAuthentication).value);
}

#[test]
fn an_unknown_block_that_changes_nothing_leaves_the_value_certain() {
    let config = read(
        "PubkeyAuthentication yes\nMatch host x\nPubkeyAuthentication yes\n",
        &debian_12(),
    );
    let mut alice = connection("alice");
    alice.host = Host::Unknown;
    assert!(
        config
            .evaluate(&alice)
            .flag(Kw::PubkeyAuthentication)
            .is_determined()
    );
}

#[test]
fn removing_every_algorithm_globally_restores_the_defaults() {
    let dialect = debian_12();
    let global = read("PubkeyAcceptedAlgorithms -*\n", &dialect);
    let alice = connection("alice");
    let list = global
        .evaluate(&alice)
        .algorithms(Kw::PubkeyAcceptedAlgorithms)
        .value;
    assert_eq!(list, dialect.default_key_algorithms);
    let in_match = read(
        "Match all\nMatch user alice\nPubkeyAcceptedAlgorithms -*\n",
        &dialect,
    );
    assert!(
        in_match
            .evaluate(&alice)
            .algorithms(Kw::PubkeyAcceptedAlgorithms)
            .value
            .is_empty()
    );
}

#[test]
fn none_in_a_match_block_names_a_file() {
    let config = read(
        "RevokedKeys /etc/ssh/revoked\nMatch user alice\nRevokedKeys none\n",
        &debian_12(),
    );
    let alice = connection("alice");
    assert_eq!(
        words(&config.evaluate(&alice).words(Kw::RevokedKeys).value),
        ["none"]
    );
    assert_eq!(
        words(&config.global().words(Kw::RevokedKeys).value),
        ["/etc/ssh/revoked"]
    );
    let global = read("RevokedKeys none\n", &debian_12());
    assert!(global.global().words(Kw::RevokedKeys).value.is_empty());
}

#[test]
fn dsa_authentication_is_an_alias_that_wins() {
    let config = read(
        "DSAAuthentication no\nPubkeyAuthentication yes\n",
        &debian_12(),
    );
    let alice = connection("alice");
    let setting = config.evaluate(&alice).flag(Kw::PubkeyAuthentication);
    assert!(!setting.value);
    assert!(matches!(
        setting.origin,
        Origin::File {
            keyword: b"DSAAuthentication",
            ..
        }
    ));
}

#[test]
fn an_old_sshd_ends_a_line_at_any_hash_but_not_on_the_command_line() {
    let old_build = Dialect::openssh(8, 4, 1, Vendor::Debian);
    let text = "AllowUsers bob # alice\nPermitRootLogin no # x\nRevokedKeys /etc/x#y\n";
    let old = read(text, &old_build);
    assert!(old.fatal().is_none());
    assert_eq!(words(&old.global().words(Kw::AllowUsers).value), ["bob"]);
    assert_eq!(
        words(&old.global().words(Kw::RevokedKeys).value),
        ["/etc/x"]
    );
    let quoted = read("Banner \"/a # b\"\n", &old_build);
    assert!(quoted.fatal().is_some());
    let new = read("AllowUsers bob # alice\nBanner \"/a # b\"\n", &debian_12());
    assert!(new.fatal().is_none());
    assert_eq!(words(&new.global().words(Kw::AllowUsers).value), ["bob"]);
}

#[test]
fn equals_in_match_depends_on_the_version() {
    let accepts = |text: &str, major, minor, patch| {
        read(
            text,
            &Dialect::openssh(major, minor, patch, Vendor::Upstream),
        )
        .fatal()
        .is_none()
    };
    for (text, expected) in [
        ("Match user=x\n", [true, false, true, true]),
        ("Match user = x\n", [true, false, false, false]),
    ] {
        let found = [
            accepts(text, 9, 8, 1),
            accepts(text, 9, 9, 1),
            accepts(text, 9, 9, 2),
            accepts(text, 10, 0, 1),
        ];
        assert_eq!(found, expected, "{text}");
    }
    assert!(accepts("Match version OpenSSH_10.*\nPort 23\n", 10, 0, 1));
    assert!(!accepts("Match version OpenSSH_10.*\n", 9, 9, 2));
}

#[test]
fn the_keyword_table_follows_version_and_vendor() {
    let fatal = |text: &str, dialect: &Dialect| read(text, dialect).fatal().is_some();
    assert!(fatal(
        "DebianBanner no\n",
        &Dialect::openssh(9, 2, 1, Vendor::Upstream)
    ));
    assert!(!fatal("DebianBanner no\n", &debian_12()));
    assert!(fatal(
        "RequiredRSASize 2048\n",
        &Dialect::openssh(9, 0, 1, Vendor::Debian)
    ));
    assert!(fatal(
        "PubkeyAcceptedAlgorithms +ssh-dss\n",
        &Dialect::openssh(10, 0, 1, Vendor::Debian)
    ));
    assert!(!fatal("PubkeyAcceptedAlgorithms +ssh-dss\n", &debian_12()));
    assert!(fatal(
        "Match all\nMatch user x\nLogLevel DEBUG\n",
        &Dialect::openssh(7, 5, 1, Vendor::Upstream)
    ));
}

#[test]
fn an_include_loop_ends() {
    let files = Memory::default()
        .with(MAIN, b"Port 22\nInclude /etc/ssh/a\n")
        .with("/etc/ssh/a", b"Include a a a a\n");
    let config = Config::parse(&files, MAIN.as_bytes(), &debian_12(), &[]);
    let fatal = config.fatal().unwrap();
    assert_eq!(fatal.kind, ProblemKind::IncludeLoop);
    assert_eq!(
        fatal.sshd_message.as_deref(),
        Some("Too many recursive configuration includes")
    );
    assert!(config.files().len() < 32);
}

#[test]
fn an_unreadable_include_stops_sshd() {
    let config = read("Include secret\nPort 22\n", &debian_12());
    let fatal = config.fatal().unwrap();
    assert_eq!(
        (&fatal.kind, fatal.severity),
        (&ProblemKind::Unreadable { errno: 13 }, Severity::Fatal)
    );
}

#[test]
fn an_included_match_does_not_leak_and_a_match_before_include_applies() {
    let files = Memory::default()
        .with(
            MAIN,
            b"Include a\nMaxAuthTries 3\nMatch user bob\nInclude b\n",
        )
        .with("/etc/ssh/a", b"Match user alice\nMaxSessions 1\n")
        .with(
            "/etc/ssh/b",
            b"MaxSessions 2\nMatch address 203.0.113.5\nBanner /b\n",
        );
    let config = Config::parse(&files, MAIN.as_bytes(), &debian_12(), &[]);
    assert_eq!(config.problems(), []);
    let (alice, bob) = (connection("alice"), connection("bob"));
    let (alice, bob) = (config.evaluate(&alice), config.evaluate(&bob));
    assert_eq!(
        [
            alice.int(Kw::MaxAuthTries).value,
            bob.int(Kw::MaxAuthTries).value
        ],
        [3, 3]
    );
    assert_eq!(
        [
            alice.int(Kw::MaxSessions).value,
            bob.int(Kw::MaxSessions).value
        ],
        [1, 2]
    );
    assert_eq!(
        [alice.text(Kw::Banner).value, bob.text(Kw::Banner).value],
        [None, Some(&b"/b"[..])]
    );
}

#[test]
fn a_byte_order_mark_is_a_bad_keyword_with_its_place() {
    let config = read("\u{feff}Port 22\n", &debian_12());
    let fatal = config.fatal().unwrap();
    assert_eq!(
        (fatal.place.line, fatal.place.column, fatal.place.end_column),
        (1, 1, 8)
    );
    assert_eq!(
        fatal.sshd_message.as_deref(),
        Some("/etc/ssh/sshd_config: line 1: Bad configuration option: \\357\\273\\277Port")
    );
}

#[test]
fn every_truncation_and_junk_is_read_to_the_end() {
    let text = b"Port 22\r\nMatch User \"a b\" Address 10.0.0.0/8\n\tAllowUsers x@10.0.0.1/8 'y'\nInclude /nope\n\
        Subsystem sftp \"a\\\"b\"\nPubkeyAcceptedAlgorithms ^*,-x\nMaxStartups 1:2:3\nRekeyLimit 1.5G 1h\n\0\xff\xfe=\"'\\\n";
    for versions in [(7, 4), (8, 4), (9, 2), (9, 9), (10, 6)] {
        let dialect = Dialect::openssh(versions.0, versions.1, 1, Vendor::Debian);
        for end in 0..=text.len() {
            let files = Memory::default().with(MAIN, &text[..end]);
            let config = Config::parse(&files, MAIN.as_bytes(), &dialect, &[]);
            let alice = connection("alice");
            assert!(!config.evaluate(&alice).dump().is_empty());
        }
    }
    let mut long = b"ForceCommand ".to_vec();
    long.resize(1 << 20, b'x');
    let config = Config::parse(
        &Memory::default().with(MAIN, &long),
        MAIN.as_bytes(),
        &debian_12(),
        &[],
    );
    assert_eq!(config.problems(), []);
    let old = Dialect::openssh(7, 4, 1, Vendor::RedHat);
    let config = Config::parse(
        &Memory::default().with(MAIN, &long),
        MAIN.as_bytes(),
        &old,
        &[],
    );
    assert_eq!(
        config.fatal().map(|p| &p.kind),
        Some(&ProblemKind::LineTooLong)
    );
}

#[test]
fn the_classes_of_clients_are_listed_with_their_place() {
    let config = read(
        "AllowUsers bob@10.0.0.0/8,!10.1.1.1 alice\nMatch Address 192.0.2.* LocalPort 2222\nMatch Host *.example.org\n",
        &debian_12(),
    );
    let found: Vec<(String, bool, u32, u32)> = config
        .address_classes()
        .into_iter()
        .map(|class| {
            (
                String::from_utf8(class.pattern).unwrap(),
                class.negated,
                class.place.line,
                class.place.column,
            )
        })
        .collect();
    let expected = [
        ("192.0.2.*", false, 2, 15),
        ("2222", false, 2, 35),
        ("*.example.org", false, 3, 12),
        ("10.0.0.0/8", false, 1, 12),
        ("10.1.1.1", true, 1, 12),
    ];
    assert_eq!(
        found,
        expected.map(|(text, negated, line, column)| (text.to_owned(), negated, line, column))
    );
}
