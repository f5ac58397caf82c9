//! Random client configurations, read by us and by the real `ssh -G`.
//!
//! `SSHWHY_CONFIGS` sets how many (400), `SSHWHY_SEED` the first seed, `SSHWHY_SSH` the program.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use sshwhy_config::client::{Asked, ClientConfig, ClientFacts, Local};
use sshwhy_config::{FileText, Files, glob_match};

struct Disk;

impl Files for Disk {
    fn read(&self, path: &[u8]) -> FileText {
        match fs::read(Path::new(std::ffi::OsStr::from_bytes(path))) {
            Ok(bytes) => FileText::Text(Arc::from(bytes)),
            Err(_) => FileText::Missing,
        }
    }

    fn glob(&self, pattern: &[u8]) -> Vec<Vec<u8>> {
        let slash = pattern.iter().rposition(|&b| b == b'/').unwrap();
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

/// This machine, as the real ssh sees it.
struct Here;

impl ClientFacts for Here {
    fn env(&self, name: &[u8]) -> Option<Vec<u8>> {
        std::env::var_os(std::ffi::OsStr::from_bytes(name)).map(|v| v.as_bytes().to_vec())
    }
    fn home_of(&self, _user: &[u8]) -> Option<Vec<u8>> {
        None
    }
    fn exec(&self, command: &[u8]) -> Option<bool> {
        Some(
            Command::new("sh")
                .arg("-c")
                .arg(std::ffi::OsStr::from_bytes(command))
                .status()
                .unwrap()
                .success(),
        )
    }
    fn local_network(&self, _list: &[u8]) -> Option<bool> {
        None
    }
    fn trusted(&self, _path: &[u8]) -> bool {
        true
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
        (self.next() % n as u64) as usize
    }
    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

const LINES: &[&str] = &[
    "HostName real.example.org",
    "HostName %h.example.org",
    "HostName=10.0.0.7",
    "hostname \"quoted.example\"",
    "User bob",
    "User = carol",
    "USER \"dave\" # a comment",
    "User erin trailing",
    "Port 2222",
    "Port 0",
    "Port 99999",
    "Port=2022",
    "IdentityFile ~/.ssh/id_a",
    "IdentityFile %d/.ssh/id_%r",
    "IdentityFile /keys/%h/%n",
    "IdentityFile '/keys/with blank'",
    "IdentityFile /keys/b",
    "IdentityFile none",
    "IdentityFile",
    "CertificateFile /keys/a-cert.pub",
    "CertificateFile ~/cert-%p",
    "IdentitiesOnly yes",
    "IdentitiesOnly no",
    "IdentitiesOnly maybe",
    "IdentityAgent none",
    "IdentityAgent /run/agent",
    "PubkeyAuthentication no",
    "PubkeyAuthentication yes",
    "PubkeyAuthentication unbound",
    "PasswordAuthentication no",
    "ChallengeResponseAuthentication no",
    "PreferredAuthentications publickey,password",
    "StrictHostKeyChecking accept-new",
    "StrictHostKeyChecking off",
    "UserKnownHostsFile /k/a /k/b",
    "UserKnownHostsFile ~/.ssh/known_hosts2",
    "HostKeyAlias other",
    "ProxyJump gate",
    "ProxyJump a@gate:22,b@h2",
    "ProxyJump none",
    "ProxyJump :bad:port:x",
    "ProxyCommand nc -X 5 %h %p",
    "BatchMode yes",
    "IgnoreUnknown Frob*",
    "FrobNicate 1",
    "Frobber",
    "NoSuchKeyword x",
    "Protocol 2",
    "SendEnv LANG LC_*",
    "AddKeysToAgent confirm",
    "    # only a comment",
    "",
    "\tTCPKeepAlive yes",
    "User 'unclosed",
    "Compression \"yes\"",
];

const BLOCKS: &[&str] = &[
    "Host web",
    "Host web db",
    "Host *",
    "Host w* !web",
    "Host !web *",
    "Host WEB",
    "Host=db",
    "Match all",
    "Match host web",
    "Match host real.example.org",
    "Match host *.example.org,web",
    "Match originalhost db user bob",
    "Match user root",
    "Match !user bob",
    "Match localuser root,nobody",
    "Match exec true",
    "Match exec \"test %h = web\"",
    "Match !exec true",
    "Match final",
    "Match final host real.example.org",
    "Match canonical",
    "Match host web all",
    "Match",
    "Match frob x",
    "Match host",
    "Match user bob # comment",
];

fn config(random: &mut Random, include: &str) -> String {
    let mut out = String::new();
    for _ in 0..=random.below(14) {
        let kind = random.below(10);
        if kind < 3 {
            out.push_str(random.pick(BLOCKS));
        } else if kind == 3 {
            out.push_str("Include ");
            out.push_str(include);
        } else {
            // Lines that ssh refuses end the whole run: rarely.
            let mut line = random.pick(LINES);
            for _ in 0..2 {
                if [
                    "bad", "maybe", "trailing", "unclosed", "99999", "Port 0", "NoSuch", "Frob",
                ]
                .iter()
                .any(|w| line.contains(w))
                {
                    line = random.pick(LINES);
                }
            }
            out.push_str(line);
        }
        out.push('\n');
    }
    out
}

/// The lines of `ssh -G`, by keyword.
fn real(program: &str, file: &Path, host: &str) -> Option<BTreeMap<String, Vec<String>>> {
    let out = Command::new(program)
        .args(["-G", "-F"])
        .arg(file)
        .arg(host)
        .output()
        .unwrap();
    if !out.status.success() {
        return None;
    }
    let mut map: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in String::from_utf8(out.stdout).unwrap().lines() {
        let (k, v) = line.split_once(' ').unwrap_or((line, ""));
        map.entry(k.to_owned()).or_default().push(v.to_owned());
    }
    Some(map)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// What both must say alike, in the words of `ssh -G`.
fn ours(config: &ClientConfig) -> Vec<(&'static str, Vec<String>)> {
    let flag = |keyword, default| {
        vec![
            if config.flag(keyword, default) {
                "yes"
            } else {
                "no"
            }
            .to_owned(),
        ]
    };
    let lists = |keyword: &str| -> Vec<String> {
        config
            .given(keyword)
            .iter()
            .map(|g| text(&g.words.join(&b' ')))
            .collect()
    };
    vec![
        ("hostname", vec![text(&config.hostname()).to_lowercase()]),
        ("user", vec![text(config.user())]),
        ("port", vec![config.port().to_string()]),
        (
            "identityfile",
            if config.given("identityfile").is_empty() {
                config.identity_files().iter().map(|f| text(&f.0)).collect()
            } else {
                lists("identityfile")
            },
        ),
        ("certificatefile", lists("certificatefile")),
        ("identitiesonly", flag("identitiesonly", false)),
        ("identityagent", lists("identityagent")),
        (
            "passwordauthentication",
            flag("passwordauthentication", true),
        ),
        (
            "kbdinteractiveauthentication",
            flag("kbdinteractiveauthentication", true),
        ),
        ("batchmode", flag("batchmode", false)),
        (
            "preferredauthentications",
            lists("preferredauthentications"),
        ),
        ("hostkeyalias", lists("hostkeyalias")),
        (
            "proxyjump",
            lists("proxyjump")
                .into_iter()
                .filter(|j| j != "none")
                .collect(),
        ),
        ("sendenv", {
            config
                .given("sendenv")
                .iter()
                .flat_map(|g| g.words.iter().map(|w| text(w)))
                .collect()
        }),
        ("proxycommand", lists("proxycommand")),
    ]
}

#[test]
fn generated_client_configurations_read_as_ssh_reads_them() {
    let program = std::env::var("SSHWHY_SSH").unwrap_or_else(|_| "ssh".to_owned());
    let Ok(version) = Command::new(&program).arg("-V").output() else {
        assert!(
            std::env::var_os("CI").is_none(),
            "no ssh on a machine that must have it"
        );
        eprintln!("SKIPPED: no ssh; the client's configuration was not held against the real one");
        return;
    };
    let version = String::from_utf8_lossy(&version.stderr).into_owned();
    let digits = version.trim_start_matches("OpenSSH_");
    let mut parts = digits.split(|c: char| !c.is_ascii_digit());
    let release: (u16, u16) = (
        parts.next().unwrap().parse().unwrap(),
        parts.next().unwrap().parse().unwrap(),
    );
    let number =
        |name: &str, or: u64| std::env::var(name).map_or(or, |v| v.parse().expect("a number"));
    let (count, first) = (number("SSHWHY_CONFIGS", 400), number("SSHWHY_SEED", 1));
    let id = |arg: &str| {
        let out = Command::new("id").arg(arg).output().unwrap();
        String::from_utf8(out.stdout).unwrap().trim().to_owned()
    };
    let local = Local {
        user: id("-un").into_bytes(),
        uid: id("-u").parse().unwrap(),
        home: std::env::var("HOME").unwrap().into_bytes(),
        hostname: b"here".to_vec(),
        release,
    };
    let dir = tempfile::tempdir().unwrap();
    let (main, extra) = (dir.path().join("config"), dir.path().join("extra.conf"));
    let (mut good, mut refused) = (0, 0);
    for seed in first..first + count {
        let mut random = Random(seed);
        fs::write(&extra, config(&mut random, "/nowhere/*")).unwrap();
        let pattern = format!("{}/*.conf", dir.path().display());
        fs::write(&main, config(&mut random, &pattern)).unwrap();
        let host = random.pick(&["web", "db", "other", "real.example.org"]);
        let asked = Asked {
            host: host.as_bytes().to_vec(),
            file: Some(main.as_os_str().as_bytes().to_vec()),
            ..Asked::default()
        };
        let read = ClientConfig::read(&Disk, &Here, &asked, &local);
        let shown = || {
            format!(
                "seed {seed}, host {host}\n{}--- extra\n{}",
                fs::read_to_string(&main).unwrap(),
                fs::read_to_string(&extra).unwrap()
            )
        };
        let Some(truth) = real(&program, &main, host) else {
            assert!(read.is_fatal(), "ssh refuses, we read on: {}", shown());
            refused += 1;
            continue;
        };
        assert!(
            !read.is_fatal(),
            "ssh reads on, we refuse: {:?} {}",
            read.problems(),
            shown()
        );
        good += 1;
        for (keyword, value) in ours(&read) {
            let mut theirs = truth.get(keyword).cloned().unwrap_or_default();
            if keyword == "proxycommand" && value.is_empty() {
                theirs.retain(|v| v != "none");
            }
            assert_eq!(value, theirs, "{keyword}: {}", shown());
        }
    }
    eprintln!(
        "{good} read, {refused} refused, as ssh {}.{} does",
        release.0, release.1
    );
    assert!(good > 0 && refused > 0);
}
