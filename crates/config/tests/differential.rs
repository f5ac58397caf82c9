//! Random configurations, read by us and by the real `sshd -T`.
//!
//! `SSHWHY_CONFIGS` sets how many (2,000), `SSHWHY_SEED` the first seed, `SSHWHY_SSHD` the program.
//! One configuration again: `SSHWHY_SEED=n SSHWHY_CONFIGS=1`.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use sshwhy_config::{
    Config, Connection, Dialect, Effective, Fact, FileText, Files, Host, Severity, Tri, Vendor,
    glob_match,
};

/// The tree below one directory, as our reader asks for it.
struct Tree;

impl Files for Tree {
    fn read(&self, path: &[u8]) -> FileText {
        match fs::read(Path::new(std::ffi::OsStr::from_bytes(path))) {
            Ok(bytes) => FileText::Text(Arc::from(bytes)),
            Err(error) => FileText::Unreadable(error.raw_os_error().unwrap_or(0)),
        }
    }

    fn glob(&self, pattern: &[u8]) -> Vec<Vec<u8>> {
        let slash = pattern
            .iter()
            .rposition(|&b| b == b'/')
            .expect("tests include by absolute path");
        let (directory, name) = pattern.split_at(slash + 1);
        let Ok(entries) = fs::read_dir(Path::new(std::ffi::OsStr::from_bytes(directory))) else {
            return Vec::new();
        };
        let mut out: Vec<Vec<u8>> = entries
            .filter_map(|entry| {
                let entry = entry.ok()?.file_name();
                glob_match(name, entry.as_bytes()).then(|| [directory, entry.as_bytes()].concat())
            })
            .collect();
        out.sort();
        out
    }
}

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n as u64).unwrap()
    }

    /// True `percent` times of a hundred.
    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<'t, T: ?Sized>(&mut self, from: &[&'t T]) -> &'t T {
        from[self.below(from.len())]
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Flag,
    Words(&'static [&'static str]),
    Int,
    Time,
    Path,
    Paths,
    Users,
    Groups,
    Algorithms,
    Authorities,
    Named(&'static [&'static str]),
    Rest,
    Command,
    Name,
    Methods,
    Environment,
    Startups,
    Block,
    Rekey,
    Qos,
    Open,
    Listen,
    Mask,
    Options,
    Timeout,
    Channel,
    Subsystem,
    PermitEnvironment,
    Port,
    Address,
    Dead,
    Level,
}

const ROOT: &[&str] = &[
    "yes",
    "no",
    "without-password",
    "prohibit-password",
    "forced-commands-only",
    "YES",
    "No",
];
const FORWARD: &[&str] = &["yes", "no", "all", "local", "remote"];
const LEVELS: &[&str] = &[
    "QUIET", "fatal", "ERROR", "INFO", "VERBOSE", "DEBUG", "debug1", "DEBUG2", "DEBUG3",
];
const CIPHERS: &[&str] = &[
    "aes128-ctr",
    "aes256-ctr",
    "3des-cbc",
    "aes128-gcm@openssh.com",
    "aes192-cbc",
];
const MACS: &[&str] = &[
    "hmac-sha1",
    "hmac-md5",
    "umac-64@openssh.com",
    "hmac-sha2-512-etm@openssh.com",
];
const KEXES: &[&str] = &[
    "curve25519-sha256",
    "diffie-hellman-group1-sha1",
    "ecdh-sha2-nistp256",
    "sntrup761x25519-sha512@openssh.com",
];

/// Keyword, may it stand in a Match block, what it takes.
const KEYWORDS: &[(&str, bool, Kind)] = &[
    ("PubkeyAuthentication", true, Kind::Flag),
    ("PasswordAuthentication", true, Kind::Flag),
    ("KbdInteractiveAuthentication", true, Kind::Flag),
    ("ChallengeResponseAuthentication", true, Kind::Flag),
    ("SKeyAuthentication", true, Kind::Flag),
    ("HostbasedAuthentication", true, Kind::Flag),
    ("HostbasedUsesNameFromPacketOnly", true, Kind::Flag),
    ("KerberosAuthentication", true, Kind::Flag),
    ("GSSAPIAuthentication", true, Kind::Flag),
    ("GSSAPIKeyExchange", false, Kind::Flag),
    ("GSSAPICleanupCreds", false, Kind::Flag),
    ("DSAAuthentication", false, Kind::Flag),
    ("PermitEmptyPasswords", true, Kind::Flag),
    ("AllowAgentForwarding", true, Kind::Flag),
    ("DisableForwarding", true, Kind::Flag),
    ("ExposeAuthInfo", true, Kind::Flag),
    ("X11Forwarding", true, Kind::Flag),
    ("PermitTTY", true, Kind::Flag),
    ("PermitUserRC", true, Kind::Flag),
    ("StreamLocalBindUnlink", true, Kind::Flag),
    ("StrictModes", false, Kind::Flag),
    ("UsePAM", false, Kind::Flag),
    ("UseDNS", false, Kind::Flag),
    ("PrintMotd", false, Kind::Flag),
    ("TCPKeepAlive", false, Kind::Flag),
    ("KeepAlive", false, Kind::Flag),
    ("DebianBanner", false, Kind::Flag),
    ("PermitRootLogin", true, Kind::Words(ROOT)),
    ("PermitRootLogin", true, Kind::Words(ROOT)),
    ("AllowTcpForwarding", true, Kind::Words(FORWARD)),
    ("AllowStreamLocalForwarding", true, Kind::Words(FORWARD)),
    (
        "GatewayPorts",
        true,
        Kind::Words(&["yes", "no", "clientspecified"]),
    ),
    (
        "IgnoreRhosts",
        true,
        Kind::Words(&["yes", "no", "shosts-only"]),
    ),
    ("Compression", false, Kind::Words(&["yes", "no", "delayed"])),
    (
        "PermitTunnel",
        true,
        Kind::Words(&["yes", "no", "ethernet", "point-to-point"]),
    ),
    (
        "SyslogFacility",
        false,
        Kind::Words(&["AUTH", "local3", "DAEMON", "AUTHPRIV"]),
    ),
    (
        "FingerprintHash",
        false,
        Kind::Words(&["md5", "sha256", "SHA512"]),
    ),
    ("LogLevel", true, Kind::Level),
    ("MaxAuthTries", true, Kind::Int),
    ("MaxSessions", true, Kind::Int),
    ("ClientAliveCountMax", true, Kind::Int),
    ("RequiredRSASize", true, Kind::Int),
    ("X11DisplayOffset", true, Kind::Int),
    ("LoginGraceTime", false, Kind::Time),
    ("ClientAliveInterval", true, Kind::Time),
    ("UnusedConnectionTimeout", true, Kind::Timeout),
    ("ChannelTimeout", true, Kind::Channel),
    ("AuthorizedKeysFile", true, Kind::Paths),
    ("AuthorizedKeysFile", true, Kind::Paths),
    ("AuthorizedPrincipalsFile", true, Kind::Path),
    ("TrustedUserCAKeys", true, Kind::Path),
    ("RevokedKeys", true, Kind::Path),
    ("Banner", true, Kind::Path),
    ("ChrootDirectory", true, Kind::Path),
    ("PidFile", false, Kind::Path),
    ("AllowUsers", true, Kind::Users),
    ("AllowUsers", true, Kind::Users),
    ("DenyUsers", true, Kind::Users),
    ("AllowGroups", true, Kind::Groups),
    ("DenyGroups", true, Kind::Groups),
    ("PubkeyAcceptedAlgorithms", true, Kind::Algorithms),
    ("PubkeyAcceptedKeyTypes", true, Kind::Algorithms),
    ("HostbasedAcceptedKeyTypes", true, Kind::Algorithms),
    ("HostKeyAlgorithms", false, Kind::Algorithms),
    ("CASignatureAlgorithms", true, Kind::Authorities),
    ("Ciphers", false, Kind::Named(CIPHERS)),
    ("MACs", false, Kind::Named(MACS)),
    ("KexAlgorithms", false, Kind::Named(KEXES)),
    ("ForceCommand", true, Kind::Rest),
    ("VersionAddendum", false, Kind::Rest),
    ("AuthorizedKeysCommand", true, Kind::Command),
    ("AuthorizedKeysCommandUser", true, Kind::Name),
    ("AuthorizedPrincipalsCommand", true, Kind::Command),
    ("AuthorizedPrincipalsCommandUser", true, Kind::Name),
    ("AuthenticationMethods", true, Kind::Methods),
    ("AcceptEnv", true, Kind::Environment),
    ("SetEnv", true, Kind::Environment),
    ("MaxStartups", false, Kind::Startups),
    ("PerSourceMaxStartups", false, Kind::Int),
    ("PerSourceNetBlockSize", false, Kind::Block),
    ("RekeyLimit", true, Kind::Rekey),
    ("IPQoS", true, Kind::Qos),
    ("PermitOpen", true, Kind::Open),
    ("PermitListen", true, Kind::Listen),
    ("StreamLocalBindMask", true, Kind::Mask),
    ("PubkeyAuthOptions", true, Kind::Options),
    ("Subsystem", false, Kind::Subsystem),
    ("PermitUserEnvironment", false, Kind::PermitEnvironment),
    ("Port", false, Kind::Port),
    ("ListenAddress", false, Kind::Address),
    ("UsePrivilegeSeparation", false, Kind::Dead),
    ("RSAAuthentication", true, Kind::Dead),
    ("Protocol", false, Kind::Dead),
    ("KerberosTgtPassing", false, Kind::Dead),
    ("KerberosGetAFSToken", false, Kind::Dead),
    ("PermitBlacklistedKeys", false, Kind::Dead),
    ("GSSUseSessionCCache", false, Kind::Dead),
    ("AuthorizedKeysFile2", true, Kind::Dead),
];

const ALGORITHMS: &[&str] = &[
    "ssh-ed25519",
    "ssh-rsa",
    "rsa-sha2-256",
    "rsa-sha2-512",
    "ecdsa-sha2-*",
    "*cert*",
    "sk-*",
    "ssh-dss",
    "ssh-ed25519-cert-v01@openssh.com",
    "webauthn-sk-ecdsa-sha2-nistp256@openssh.com",
    "*",
    "ssh-*",
    "?sa-sha2-512",
];
const USERS: &[&str] = &[
    "root", "nobody", "daemon", "alice", "bin", "games", "*", "r*", "?in", "ROOT", "!root",
    "!nobody",
];
const GROUPS: &[&str] = &[
    "root", "nogroup", "daemon", "wheel", "*", "r*", "!root", "games", "s*",
];
const ADDRESSES: &[&str] = &[
    "10.0.0.0/8",
    "10.1.2.3",
    "192.168.1.0/24",
    "192.168.1.*",
    "2001:db8::/32",
    "2001:db8::1",
    "!10.1.2.3",
    "*",
    "::1",
    "::ffff:10.1.2.3",
    "127.1",
    "127.0.0.0/8",
    "!192.168.0.0/16",
    "10",
    "0x0a.1.2.3",
    "*:*",
];
const HOSTS: &[&str] = &[
    "*.example.org",
    "pc.example.org",
    "PC.Example.ORG",
    "!bad.example.org",
    "*",
    "10.1.2.3",
    "pc?example*",
];
const BAD: &[&str] = &[
    "maybe",
    "-1",
    "99999999999",
    "",
    "10.0.0.1/8",
    "no no",
    "\"open",
    "'open",
    "x=y",
    "5x",
    "rsa",
    "+",
    "-",
    "^",
    "!x",
    "any none",
    "any",
    "none",
    "1.2.3.4/33",
    "a,,b",
    "\\",
    "yes#",
    "=",
    "foo@10.1.2.3/8",
    "*:x",
];

struct Generator<'d> {
    random: Random,
    directory: &'d str,
    /// How often something is wrong, in percent of lines.
    bad: usize,
    files: Vec<(String, String)>,
}

impl Generator<'_> {
    fn list(&mut self, from: &[&str], most: usize) -> String {
        let count = 1 + self.random.below(most);
        let words: Vec<&str> = (0..count).map(|_| self.random.pick(from)).collect();
        words.join(",")
    }

    fn words(&mut self, from: &[&str], most: usize) -> String {
        let count = 1 + self.random.below(most);
        let words: Vec<String> = (0..count)
            .map(|_| {
                let word = self.random.pick(from).to_owned();
                self.quoted(word)
            })
            .collect();
        words.join(self.random.pick(&[" ", "  ", "\t", " \t "]))
    }

    fn quoted(&mut self, word: String) -> String {
        match self.random.below(16) {
            0 => format!("\"{word}\""),
            1 => format!("'{word}'"),
            2 if word.len() > 2 => format!("{}\"{}\"", &word[..1], &word[1..]),
            _ => word,
        }
    }

    fn path(&mut self) -> String {
        let path = self.random.pick(&[
            "none",
            ".ssh/authorized_keys",
            "/etc/ssh/keys/%u",
            "%h/.ssh/k",
            "~/.ssh/x",
            "~",
            "/a#b",
            "/with=equals",
            "NONE",
            "/a,b",
            "\"/with space\"",
            "/back\\slash",
            "/back\\ blank",
            "/two\\\\",
        ]);
        path.to_owned()
    }

    fn value(&mut self, kind: Kind) -> String {
        // Whether a name resolves is the machine's affair: no names for ListenAddress.
        if kind != Kind::Address && self.random.chance(self.bad) {
            return self.random.pick(BAD).to_owned();
        }
        let signs = ["", "", "+", "-", "^"];
        match kind {
            Kind::Flag => {
                let word = self.random.pick(&["yes", "no", "YES", "No"]).to_owned();
                self.quoted(word)
            }
            Kind::Words(words) => {
                let word = self.random.pick(words).to_owned();
                self.quoted(word)
            }
            Kind::Level => self.random.pick(LEVELS).to_owned(),
            Kind::Int => self
                .random
                .pick(&["0", "1", "7", "2048", "100", "+5", "007"])
                .to_owned(),
            Kind::Time => self
                .random
                .pick(&["0", "30", "1m", "2h30m", "1w", "90S", "1d1"])
                .to_owned(),
            Kind::Timeout => self
                .random
                .pick(&["none", "30", "5m", "0", "NONE"])
                .to_owned(),
            Kind::Channel => {
                if self.random.chance(20) {
                    "none".to_owned()
                } else {
                    self.words(&["session:*=5m", "x11-connection=10", "*=1h"], 2)
                }
            }
            Kind::Path => self.path(),
            Kind::Paths => {
                let count = 1 + self.random.below(3);
                let paths: Vec<String> = (0..count).map(|_| self.path()).collect();
                paths.join(" ")
            }
            Kind::Users => {
                let count = 1 + self.random.below(3);
                let mut out = String::new();
                for _ in 0..count {
                    out.push_str(self.random.pick(USERS));
                    if self.random.chance(30) {
                        let hosts = if self.random.chance(60) {
                            self.list(ADDRESSES, 3)
                        } else {
                            self.list(HOSTS, 2)
                        };
                        write!(out, "@{hosts}").unwrap();
                    }
                    out.push(' ');
                }
                out
            }
            Kind::Groups => self.words(GROUPS, 3),
            Kind::Algorithms | Kind::Authorities => {
                let list = self.list(ALGORITHMS, 3);
                let list = format!("{}{list}", self.random.pick(&signs));
                self.quoted(list)
            }
            Kind::Named(names) => {
                let list = self.list(names, 3);
                format!("{}{list}", self.random.pick(&signs))
            }
            Kind::Rest => self
                .random
                .pick(&[
                    "none",
                    "/bin/echo hello # world",
                    "\"quoted words\" here",
                    "a = b",
                    "'x' \"y\"",
                    "NONE",
                    "x\\ y",
                ])
                .to_owned(),
            Kind::Command => self
                .random
                .pick(&[
                    "/usr/bin/keys %u",
                    "none",
                    "/x \"y z\" # c",
                    "NONE",
                    "/usr/bin/true",
                ])
                .to_owned(),
            Kind::Name => self
                .random
                .pick(&["nobody", "root", "\"no body\"", "none"])
                .to_owned(),
            Kind::Methods => {
                if self.random.chance(25) {
                    "any".to_owned()
                } else {
                    self.words(
                        &[
                            "publickey",
                            "publickey,password",
                            "password",
                            "keyboard-interactive:pam",
                            "publickey,publickey",
                        ],
                        2,
                    )
                }
            }
            Kind::Environment => self.words(&["LANG=C", "LC_X=1", "LANG=D", "A=\"b c\""], 3),
            Kind::Startups => self
                .random
                .pick(&["10", "10:30:100", "5:100:5", "3", "7:1:900", "10:30:100x"])
                .to_owned(),
            Kind::Block => self
                .random
                .pick(&["24:64", "32:128", "0:0", "8:48"])
                .to_owned(),
            Kind::Rekey => self
                .random
                .pick(&[
                    "default",
                    "1G",
                    "default none",
                    "512M 1h",
                    "16",
                    "1.5K",
                    "default 30",
                    "0 none",
                ])
                .to_owned(),
            Kind::Qos => self
                .random
                .pick(&[
                    "af21 cs1",
                    "ef",
                    "none",
                    "lowdelay throughput",
                    "0x10",
                    "255 le",
                    "CS0 040",
                ])
                .to_owned(),
            Kind::Open => self
                .random
                .pick(&["any", "none", "host:22", "[::1]:80 *:*", "a:ssh b:1"])
                .to_owned(),
            Kind::Listen => self
                .random
                .pick(&["any", "none", "22", "[::1]:80", "localhost:8080 *"])
                .to_owned(),
            Kind::Mask => self.random.pick(&["0177", "0", "777", "022x"]).to_owned(),
            Kind::Options => self.words(
                &[
                    "none",
                    "touch-required",
                    "verify-required",
                    "Touch-Required",
                ],
                2,
            ),
            Kind::Subsystem => self
                .random
                .pick(&[
                    "sftp internal-sftp",
                    "sftp /usr/lib/sftp-server -l INFO",
                    "x \"/a b\" c",
                    "y /y 'q r'",
                ])
                .to_owned(),
            Kind::PermitEnvironment => self
                .random
                .pick(&["yes", "no", "LANG,LC_*", "YES"])
                .to_owned(),
            Kind::Port => self.random.pick(&["22", "2222", "65535", "ssh"]).to_owned(),
            Kind::Address => self
                .random
                .pick(&[
                    "127.0.0.1",
                    "0.0.0.0:2200",
                    "[::1]:22",
                    "::1",
                    "127.0.0.1:ssh",
                ])
                .to_owned(),
            Kind::Dead => self
                .random
                .pick(&["yes", "what ever it is", "2,1", "no # c"])
                .to_owned(),
        }
    }

    fn match_line(&mut self) -> String {
        let mut out = String::from(self.random.pick(&["Match", "match", "MATCH", "Match"]));
        if self.random.chance(8) {
            out.push_str(
                self.random
                    .pick(&[" all", " All", " ALL # comment", " all \"\""]),
            );
            return out;
        }
        for _ in 0..=self.random.below(2) {
            let (name, value) = match self.random.below(7) {
                0 | 1 => ("User", self.list(USERS, 3)),
                2 => ("Group", self.list(GROUPS, 3)),
                3 => ("Address", self.list(ADDRESSES, 3)),
                4 => (
                    "LocalAddress",
                    self.list(&["127.0.0.1", "10.0.0.0/24", "*", "::1", "!127.0.0.1"], 2),
                ),
                5 => (
                    "LocalPort",
                    self.random.pick(&["22", "2222", "80", "ssh"]).to_owned(),
                ),
                _ if self.random.chance(20) => {
                    ("RDomain", self.random.pick(&["vrf*", "x", "*"]).to_owned())
                }
                _ => ("Host", self.list(HOSTS, 3)),
            };
            let value = if self.random.chance(self.bad) {
                self.random.pick(BAD).to_owned()
            } else {
                value
            };
            let name = if self.random.chance(self.bad) {
                self.random.pick(&[
                    "Exec",
                    "Usr",
                    "all",
                    "Final",
                    "#",
                    "Version",
                    "Invalid-User",
                ])
            } else if self.random.chance(30) {
                &name.to_lowercase()
            } else {
                name
            };
            let value = if self.random.chance(10) {
                format!("\"{value}\"")
            } else {
                value
            };
            let separator = self.random.pick(&[" ", " ", " ", "  ", "\t", "=", " = "]);
            write!(out, " {name}{separator}{value}").unwrap();
        }
        if self.random.chance(6) {
            out.push_str(self.random.pick(&[" # comment", " #c d", " junk"]));
        }
        out
    }

    fn text(&mut self, depth: usize, conditional: bool) -> String {
        let mut out = String::new();
        let mut conditional = conditional;
        let lines = 1 + self.random.below(if depth == 0 { 22 } else { 7 });
        for _ in 0..lines {
            let line = match self.random.below(40) {
                0 => String::new(),
                1 => self
                    .random
                    .pick(&["# comment", "   # indented", "\t", "#", " \r"])
                    .to_owned(),
                2 if depth < 3 => self.include(depth, conditional),
                3..=8 => {
                    let line = self.match_line();
                    conditional = true;
                    line
                }
                9 if self.random.chance(self.bad) => self
                    .random
                    .pick(&[
                        "Nonsense yes",
                        "Port",
                        "\u{feff}Port 22",
                        "Ciphers",
                        "=",
                        "\"x",
                        "Banner\0 /x",
                    ])
                    .to_owned(),
                _ => self.keyword_line(conditional),
            };
            out.push_str(self.random.pick(&["", "", "", "", " ", "\t", "  \t"]));
            out.push_str(&line);
            out.push_str(
                self.random
                    .pick(&["", "", "", "", " ", "\t ", "\r", "\x0c"]),
            );
            out.push('\n');
        }
        out
    }

    fn keyword_line(&mut self, conditional: bool) -> String {
        let (keyword, kind) = loop {
            let (keyword, matchable, kind) = KEYWORDS[self.random.below(KEYWORDS.len())];
            if matchable || !conditional || self.random.chance(self.bad / 4) {
                break (keyword, kind);
            }
        };
        let mut value = self.value(kind);
        if keyword == "AcceptEnv" && !self.random.chance(self.bad) {
            value = value.replace('=', "_").replace('"', "").replace(' ', "_");
        }
        let keyword = match self.random.below(8) {
            0 => keyword.to_lowercase(),
            1 => keyword.to_uppercase(),
            2 => format!("\"{keyword}\""),
            _ => keyword.to_owned(),
        };
        let separator = self
            .random
            .pick(&[" ", " ", " ", " ", "\t", "  ", "=", " = ", " =", "= "]);
        let mut line = format!("{keyword}{separator}{value}");
        if !matches!(kind, Kind::Rest | Kind::Command) && self.random.chance(8) {
            line.push_str(self.random.pick(&[" # comment", "\t#x", " #"]));
        }
        line
    }

    fn include(&mut self, depth: usize, conditional: bool) -> String {
        let number = self.files.len();
        self.files.push((String::new(), String::new()));
        let text = self.text(depth + 1, conditional);
        let name = format!("{number:02}-x.conf");
        self.files[number] = (name.clone(), text);
        let pattern = match self.random.below(5) {
            0 => format!("{number:02}-*.conf"),
            1 => format!("{number:02}-?.c[no]nf"),
            2 => format!("{number:02}-x.conf nothing-*"),
            3 => format!("\"{number:02}-x.conf\""),
            _ => name,
        };
        let quote = if let Some(rest) = pattern.strip_prefix('"') {
            format!("\"{}/{rest}", self.directory)
        } else {
            format!(
                "{}/{}",
                self.directory,
                pattern.replace(" nothing", &format!(" {}/nothing", self.directory))
            )
        };
        format!("Include {quote}")
    }
}

/// How sshd is run: directly, or with its own `/run/sshd` where the machine has none.
fn sshd_command() -> Option<Vec<String>> {
    let program = std::env::var("SSHWHY_SSHD").unwrap_or_else(|_| "/usr/sbin/sshd".to_owned());
    if !Path::new(&program).exists() {
        return None;
    }
    if Path::new("/run/sshd").exists() {
        return Some(vec![program]);
    }
    let script = "mount -t tmpfs none /run && mkdir -m 755 /run/sshd && exec \"$0\" \"$@\"";
    Some(
        ["unshare", "-m", "sh", "-c", script, &program]
            .map(str::to_owned)
            .to_vec(),
    )
}

/// The dialect of the sshd on this machine, from the words it prints about itself.
fn dialect(command: &[String]) -> Option<Dialect> {
    let output = Command::new(command.last()?)
        .arg("-V")
        .stdin(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let version = text.split("OpenSSH_").nth(1)?;
    let mut numbers = version
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|n| n.parse().ok());
    let debian = Path::new("/etc/debian_version").exists();
    let vendor = if debian {
        Vendor::Debian
    } else {
        Vendor::Upstream
    };
    Some(Dialect::openssh(
        numbers.next()?,
        numbers.next()?,
        1,
        vendor,
    ))
}

fn groups_of(user: &str) -> Vec<Vec<u8>> {
    let output = Command::new("id").args(["-Gn", user]).output();
    let Ok(output) = output else {
        return Vec::new();
    };
    if !output.status.success() {
        return Vec::new();
    }
    output
        .stdout
        .split(|b| b.is_ascii_whitespace())
        .filter(|g| !g.is_empty())
        .map(<[u8]>::to_vec)
        .collect()
}

struct Site {
    directory: PathBuf,
    command: Vec<String>,
    dialect: Dialect,
    groups: Vec<(&'static str, Vec<Vec<u8>>)>,
}

const CONNECTING: &[&str] = &["root", "nobody", "daemon", "alice", "bin", "games"];

/// One configuration; `Err` describes the disagreement.
fn one(seed: u64, site: &Site) -> Result<bool, String> {
    let mut random = Random(seed);
    let directory = site.directory.join(format!("c{seed}"));
    fs::create_dir_all(&directory).unwrap();
    let bad = random.pick(&[&0, &0, &0, &6, &20]).to_owned();
    let mut generator = Generator {
        random,
        directory: directory.to_str().unwrap(),
        bad,
        files: Vec::new(),
    };
    let mut text = generator.text(0, false);
    text.insert_str(0, &format!("HostKey {}/key\n", site.directory.display()));
    let Generator {
        mut random, files, ..
    } = generator;
    for (name, text) in files.iter().filter(|(name, _)| !name.is_empty()) {
        fs::write(directory.join(name), text).unwrap();
    }
    let path = directory.join("sshd_config");
    fs::write(&path, &text).unwrap();

    let user = random.pick(CONNECTING);
    let addr = random.pick(&[
        "10.1.2.3",
        "192.168.1.9",
        "2001:db8::1",
        "127.0.0.1",
        "::1",
        "8.8.8.8",
    ]);
    let host = random.pick(&["pc.example.org", "bad.example.org", addr]);
    let laddr = random.pick(&["127.0.0.1", "10.0.0.5", "::1"]);
    let lport = random.pick(&["22", "2222"]);
    let spec =
        format!("user={user},host={host},addr={addr},laddr={laddr},lport={lport},rdomain=vrf1");
    let output = Command::new(&site.command[0])
        .args(&site.command[1..])
        .args(["-T", "-f", path.to_str().unwrap(), "-C", &spec])
        .current_dir("/")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let theirs = String::from_utf8_lossy(&output.stdout).into_owned();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();

    let config = Config::parse(&Tree, path.as_os_str().as_bytes(), &site.dialect, &[]);
    let groups = &site
        .groups
        .iter()
        .find(|(name, _)| *name == user)
        .unwrap()
        .1;
    let connection = Connection {
        user: user.as_bytes(),
        user_invalid: Tri::False,
        groups: Fact::Known(groups),
        host: Host::Name(host.as_bytes()),
        addr: addr.parse().unwrap(),
        laddr: Fact::Known(laddr.parse().unwrap()),
        lport: Fact::Known(lport.parse().unwrap()),
        rdomain: Fact::Known(b"vrf1"),
    };
    let effective = config.evaluate(&connection);
    let verdict = compare(
        &config,
        &effective,
        output.status.success(),
        &theirs,
        &stderr,
    );
    let shown = format!("seed {seed} ({spec})\n--- {}\n{text}", path.display());
    fs::remove_dir_all(&directory).unwrap();
    verdict
        .map(|()| output.status.success())
        .map_err(|difference| {
            let mut out = shown.clone();
            for (name, text) in &files {
                write!(out, "--- {name}\n{text}").unwrap();
            }
            write!(out, "=== {difference}\n--- sshd said\n{stderr}").unwrap();
            out
        })
}

fn compare(
    config: &Config,
    effective: &Effective<'_>,
    accepted: bool,
    theirs: &str,
    stderr: &str,
) -> Result<(), String> {
    let refusal = config.refusal();
    let aborts = effective.aborts().is_some();
    match (refusal, accepted) {
        (None, false) if aborts => return Ok(()),
        (None, false) => return Err("sshd refuses, we accept".to_owned()),
        (Some(refusal), true) => {
            return Err(format!(
                "sshd accepts, we refuse: {:?}",
                config.problems()[refusal.problem]
            ));
        }
        _ if aborts && refusal.is_none() => {
            return Err("sshd accepts, we say the login aborts".to_owned());
        }
        _ => {}
    }
    let mut said = stderr.lines();
    if let Some(refusal) = refusal {
        // What sshd prints before it stops, in order; it prints more than we note.
        let stops = refusal.problem;
        let messages = config
            .problems()
            .iter()
            .enumerate()
            .filter(|(index, problem)| {
                *index <= stops
                    || problem.severity == Severity::Error
                        && refusal.sshd_message.as_ref().is_some_and(|m| {
                            m.contains("terminating")
                                && m.starts_with(
                                    &String::from_utf8_lossy(&problem.place.file).into_owned(),
                                )
                        })
            });
        for (_, problem) in messages {
            let Some(message) = &problem.sshd_message else {
                continue;
            };
            if !said.by_ref().any(|line| line == message) {
                return Err(format!("sshd does not say: {message}"));
            }
        }
        if let Some(message) = &refusal.sshd_message
            && stderr.lines().last() != Some(message)
        {
            return Err(format!("sshd's last words are not: {message}"));
        }
        return Ok(());
    }
    let mut ours: Vec<String> = effective
        .dump()
        .into_iter()
        .map(|line| String::from_utf8_lossy(&line).into_owned())
        .collect();
    let mut theirs: Vec<String> = theirs.lines().map(str::to_owned).collect();
    let keyword = |line: &String| line.split(' ').next().unwrap_or_default().to_owned();
    ours.sort_by_key(keyword);
    theirs.sort_by_key(keyword);
    if ours != theirs {
        let mut out = String::new();
        for line in ours.iter().filter(|line| !theirs.contains(line)) {
            writeln!(out, "ours:  {line}").unwrap();
        }
        for line in theirs.iter().filter(|line| !ours.contains(line)) {
            writeln!(out, "sshd:  {line}").unwrap();
        }
        if out.is_empty() {
            out.push_str("the order of lines");
        }
        return Err(out);
    }
    Ok(())
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

#[test]
fn random_configurations_read_as_the_real_sshd_reads_them() {
    let Some(command) = sshd_command() else {
        eprintln!(
            "SKIPPED: no sshd on this machine; the configuration reader was not held against the real one"
        );
        return;
    };
    let Some(dialect) = dialect(&command) else {
        eprintln!(
            "SKIPPED: sshd did not say its version; the configuration reader was not held against the real one"
        );
        return;
    };
    let directory = std::env::temp_dir().join(format!("sshwhy-config-{}", std::process::id()));
    fs::create_dir_all(&directory).unwrap();
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-f"])
        .arg(directory.join("key"))
        .status();
    if !made.is_ok_and(|status| status.success()) {
        eprintln!(
            "SKIPPED: ssh-keygen made no host key; the configuration reader was not held against the real one"
        );
        return;
    }
    // Does sshd run at all here (it needs root, or at least its directory)?
    let probe = directory.join("probe");
    fs::write(&probe, format!("HostKey {}/key\n", directory.display())).unwrap();
    let probed = Command::new(&command[0])
        .args(&command[1..])
        .args(["-T", "-f", probe.to_str().unwrap()])
        .output();
    if !probed.as_ref().is_ok_and(|output| output.status.success()) {
        eprintln!("SKIPPED: sshd -T does not run here: {probed:?}");
        return;
    }
    let site = Site {
        directory,
        command,
        dialect,
        groups: CONNECTING
            .iter()
            .map(|&user| (user, groups_of(user)))
            .collect(),
    };
    let (first, count) = (number("SSHWHY_SEED", 1), number("SSHWHY_CONFIGS", 2000));
    let mut failures: Vec<String> = Vec::new();
    let (mut accepted, mut refused) = (0u64, 0u64);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..2u64)
            .map(|worker| {
                let site = &site;
                scope.spawn(move || {
                    (first..first + count)
                        .filter(|seed| seed % 2 == worker)
                        .map(|seed| one(seed, site))
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        for worker in workers {
            for outcome in worker.join().unwrap() {
                match outcome {
                    Ok(true) => accepted += 1,
                    Ok(false) => refused += 1,
                    Err(failure) => failures.push(failure),
                }
            }
        }
    });
    fs::remove_dir_all(&site.directory).unwrap();
    eprintln!(
        "{accepted} accepted and {refused} refused alike, {} differ",
        failures.len()
    );
    let total = failures.len();
    failures.truncate(12);
    assert!(
        failures.is_empty(),
        "{total} of {count} differ\n\n{}",
        failures.join("\n\n")
    );
}
