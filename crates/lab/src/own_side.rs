//! Worlds whose fault is on the client's own side: the server is in order and would take the key.
//!
//! Each is made of real files, and of a real `ssh-agent` where one plays a part; what the user's
//! own client would offer is gathered from them as `sshwhy check` does.

use std::fs;
use std::io;
use std::net::TcpStream;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use sshwhy_causes::Certainty;
use sshwhy_check::identity::{self, Identity, Offers};
use sshwhy_check::names::{self, OtherName};
use sshwhy_check::others;
use sshwhy_check::probe::{Known, Limits, Question, Report, Stop, probe_over};
use sshwhy_check::proven::{Case, subject};
use sshwhy_check::putty::{Saved, Session};
use sshwhy_check::reach::Link;
use sshwhy_check::signs;
use sshwhy_check::target::{Asked, Target};
use sshwhy_rank::Place;
use sshwhy_scenario::{Change, Content, Embedded, KeyMaterial, Scene, Spec};
use sshwhy_world::{Build, Software};
use zeroize::Zeroizing;

use crate::probe::Checked;

/// Most connections of one check that may fail.
const CONNECTIONS: usize = 2;

/// A fault on the client's side.
pub struct Fault {
    /// The true cause.
    pub cause: &'static str,
    /// What happened.
    pub heading: &'static str,
    /// Where `check` has to put the end of the login. [`Place::Accepted`]: `check` itself is let
    /// in, and the user's own client is not.
    pub place: Place,
    /// Makes it.
    make: fn(&Desk) -> io::Result<Client>,
    /// What is odd about the server, for sshd.
    config: &'static [u8],
    /// Whom and with which key, as the scenario's language has it.
    user: &'static str,
    key: &'static str,
}

/// What a user typed, and has.
#[derive(Default)]
struct Client {
    putty: bool,
    /// Files of `-i`.
    named: Vec<PathBuf>,
    /// The ssh_config; none where there is no file.
    config: Option<PathBuf>,
    /// Words of `-o`.
    options: Vec<String>,
    passphrase: Option<&'static str>,
    host_key: Option<&'static str>,
    /// Lives as long as the client.
    _agent: Option<Agent>,
}

impl Client {
    fn known(&self) -> Known {
        Known {
            given: self.host_key.map(str::to_owned),
            ..Known::default()
        }
    }
}

/// An `ssh-agent` of our own.
struct Agent(Child);

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A folder with the user's files, removed at the end.
struct Desk(PathBuf);

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

impl Desk {
    fn new() -> io::Result<Desk> {
        let time = SystemTime::now().duration_since(UNIX_EPOCH);
        let time = time.map_or(0, |t| t.as_nanos());
        let path = std::env::temp_dir().join(format!("sshwhy-desk-{}-{time}", std::process::id()));
        fs::create_dir(&path)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700))?;
        Ok(Desk(path))
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn write(&self, name: &str, data: &[u8], mode: u32) -> io::Result<PathBuf> {
        let path = self.at(name);
        fs::write(&path, data)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(mode))?;
        Ok(path)
    }

    /// A key file of `vectors/lab`.
    fn key(&self, of: &str) -> io::Result<PathBuf> {
        self.write(of, &material(of)?, 0o600)
    }

    /// A copy of the key that a passphrase opens.
    fn locked(&self, passphrase: &str) -> io::Result<PathBuf> {
        let path = self.key("ed25519")?;
        let words = ["-q", "-p", "-P", "", "-N", passphrase, "-f"];
        done(Command::new("ssh-keygen").args(words).arg(&path))?;
        Ok(path)
    }

    fn agent(&self, asks: &str) -> io::Result<(Agent, PathBuf)> {
        let socket = self.at("agent");
        let child = Command::new("ssh-agent")
            .arg("-D")
            .arg("-a")
            .arg(&socket)
            .env("SSH_ASKPASS", asks)
            .env("SSH_ASKPASS_REQUIRE", "force")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let agent = Agent(child);
        let began = Instant::now();
        while !fs::metadata(&socket).is_ok_and(|m| m.mode() & 0o170_000 == 0o140_000) {
            if began.elapsed() > Duration::from_secs(10) {
                return Err(io::Error::other("ssh-agent does not listen"));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok((agent, socket))
    }

    fn add(&self, socket: &Path, words: &[&str], key: &Path) -> io::Result<()> {
        let mut command = Command::new("ssh-add");
        done(
            command
                .arg("-q")
                .args(words)
                .arg(key)
                .env("SSH_AUTH_SOCK", socket),
        )
    }

    /// A client whose agent holds so many other keys, and then the right one.
    fn crowd(&self, others: usize) -> io::Result<Client> {
        let (agent, socket) = self.agent("/bin/false")?;
        for n in 0..others {
            let path = self.at(&format!("other{n}"));
            let words = ["-q", "-t", "ed25519", "-N", "", "-f"];
            done(Command::new("ssh-keygen").args(words).arg(&path))?;
            self.add(&socket, &[], &path)?;
        }
        self.add(&socket, &[], &self.key("ed25519")?)?;
        Ok(Client {
            options: vec![
                format!("IdentityAgent={}", socket.display()),
                "IdentityFile=none".into(),
            ],
            _agent: Some(agent),
            ..Client::default()
        })
    }
}

fn material(of: &str) -> io::Result<Vec<u8>> {
    let found = Embedded.file(of).map(<[u8]>::to_vec);
    found.ok_or_else(|| io::Error::other(format!("there is no vectors/lab/{of}")))
}

fn done(command: &mut Command) -> io::Result<()> {
    let output = command.stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(io::Error::other(format!("{command:?}: {said}")))
}

/// `ssh -i FILE`, without an agent.
fn ssh(file: PathBuf) -> Client {
    Client {
        named: vec![file],
        options: vec!["IdentityAgent=none".into()],
        ..Client::default()
    }
}

/// `putty -i FILE`, without Pageant.
fn putty(file: PathBuf) -> Client {
    Client {
        putty: true,
        named: vec![file],
        ..Client::default()
    }
}

fn with(mut client: Client, option: &str) -> Client {
    client.options.push(option.into());
    client
}

const fn fault(
    cause: &'static str,
    heading: &'static str,
    place: Place,
    make: fn(&Desk) -> io::Result<Client>,
) -> Fault {
    Fault {
        cause,
        heading,
        place,
        make,
        config: b"",
        user: "alice",
        key: "ed25519",
    }
}

/// All of them. Causes of the client's side that stand in none: `docs/ranking.md`.
pub const FAULTS: &[Fault] = &[
    fault(
        "client-too-many-keys",
        "the right key is the eleventh of the agent",
        Place::Query,
        |d| d.crowd(10),
    ),
    fault(
        "client-too-many-keys",
        "the right key is the eighth of the agent",
        Place::Accepted,
        |d| d.crowd(7),
    ),
    Fault {
        config: b"MaxAuthTries 3\n",
        ..fault(
            "client-too-many-keys",
            "the server hears three, and the right one is the fifth",
            Place::Disconnected,
            |d| d.crowd(4),
        )
    },
    fault(
        "client-key-missing",
        "the file that -i names is not there",
        Place::NotOffered,
        |d| Ok(ssh(d.at("nowhere"))),
    ),
    fault(
        "client-key-missing",
        "PuTTY's key file is not there",
        Place::NotOffered,
        |d| Ok(putty(d.at("nowhere.ppk"))),
    ),
    fault(
        "client-key-perms",
        "everybody may read the key",
        Place::Unsigned,
        |d| Ok(ssh(d.write("copy", &material("ed25519")?, 0o644)?)),
    ),
    fault(
        "client-key-perms",
        "the group may read and write the key",
        Place::Unsigned,
        |d| Ok(ssh(d.write("copy", &material("ed25519")?, 0o660)?)),
    ),
    fault(
        "client-key-format",
        "the key file is a web page",
        Place::NotOffered,
        |d| Ok(ssh(d.write("copy", b"<html>not found</html>\n", 0o600)?)),
    ),
    fault(
        "client-key-format",
        "the key file is empty",
        Place::NotOffered,
        |d| Ok(ssh(d.write("copy", b"", 0o600)?)),
    ),
    fault(
        "client-key-format",
        "the key file ends in the middle",
        Place::NotOffered,
        |d| {
            let whole = material("ed25519")?;
            let half = whole.get(..whole.len() / 2).unwrap_or_default();
            Ok(ssh(d.write("copy", half, 0o600)?))
        },
    ),
    fault(
        "client-key-format",
        "PuTTY's key file is a web page",
        Place::NotOffered,
        |d| {
            Ok(putty(d.write(
                "key.ppk",
                b"<html>not found</html>\n",
                0o600,
            )?))
        },
    ),
    fault(
        "ppk-given-to-openssh",
        "ssh -i key.ppk",
        Place::NotOffered,
        |d| Ok(ssh(d.key("ed25519.ppk")?)),
    ),
    fault(
        "ppk-given-to-openssh",
        "ssh -i with a PPK of version 2",
        Place::NotOffered,
        |d| Ok(ssh(d.key("ed25519.v2.ppk")?)),
    ),
    fault(
        "openssh-key-given-to-putty",
        "PuTTY with OpenSSH's own file",
        Place::NotOffered,
        |d| Ok(putty(d.key("ed25519")?)),
    ),
    fault(
        "openssh-key-given-to-putty",
        "PuTTY with a PEM",
        Place::NotOffered,
        |d| Ok(putty(d.key("rsa2048.pem")?)),
    ),
    fault(
        "putty-public-key-only",
        "PuTTY with the public half",
        Place::Unsigned,
        |d| Ok(putty(d.key("ed25519.pub")?)),
    ),
    fault(
        "ppk-version-too-new",
        "a PPK of version 3, and a PuTTY before 0.75",
        Place::Accepted,
        |d| Ok(putty(d.key("ed25519.ppk")?)),
    ),
    fault(
        "ppk-mac-mismatch",
        "a PPK whose comment was changed",
        Place::Unsigned,
        |d| {
            let text = String::from_utf8_lossy(&material("ed25519.ppk")?).replacen(
                "Comment: ",
                "Comment: my ",
                1,
            );
            Ok(putty(d.write("key.ppk", text.as_bytes(), 0o600)?))
        },
    ),
    fault(
        "client-passphrase-wrong",
        "the passphrase is another one",
        Place::Unsigned,
        |d| {
            Ok(Client {
                passphrase: Some("battery staple"),
                ..ssh(d.locked("correct horse")?)
            })
        },
    ),
    fault(
        "client-batchmode-passphrase",
        "nobody is there to type the passphrase",
        Place::Unsigned,
        |d| Ok(ssh(d.locked("correct horse")?)),
    ),
    Fault {
        key: "ed25519-b",
        ..fault(
            "client-stale-pub",
            "the .pub that was installed is of an older key",
            Place::Query,
            |d| {
                let path = d.write("id", &material("ed25519-b")?, 0o600)?;
                d.write("id.pub", &material("ed25519.pub")?, 0o644)?;
                Ok(ssh(path))
            },
        )
    },
    Fault {
        key: "ed25519-b",
        ..fault(
            "client-wrong-identity",
            "-i names another of the user's keys",
            Place::Query,
            |d| {
                d.key("ed25519.pub")?;
                Ok(ssh(d.key("ed25519-b")?))
            },
        )
    },
    Fault {
        key: "ed25519-b",
        ..fault(
            "other-key-offered",
            "ssh_config names the key of another server, and IdentitiesOnly",
            Place::Query,
            |d| {
                let path = d.key("ed25519-b")?;
                d.key("ed25519.pub")?;
                Ok(Client {
                    options: vec![
                        "IdentityAgent=none".into(),
                        "IdentitiesOnly=yes".into(),
                        format!("IdentityFile={}", path.display()),
                    ],
                    ..Client::default()
                })
            },
        )
    },
    Fault {
        user: "bob",
        ..fault(
            "client-wrong-user",
            "Alice's key, and the name of another account",
            Place::Query,
            |d| Ok(ssh(d.key("ed25519")?)),
        )
    },
    Fault {
        user: "bob",
        ..fault(
            "client-wrong-user",
            "another account was typed than ssh_config has for this host",
            Place::Query,
            |d| {
                let config = d.write("config", b"Host lab\n  User alice\n", 0o600)?;
                Ok(Client {
                    config: Some(config),
                    ..ssh(d.key("ed25519")?)
                })
            },
        )
    },
    Fault {
        user: "bob",
        ..fault(
            "client-wrong-user",
            "Alice's key by its comment, and the name of another account",
            Place::Query,
            |d| {
                let path = d.key("ed25519")?;
                let words = ["-q", "-c", "-C", "alice@laptop", "-f"];
                done(Command::new("ssh-keygen").args(words).arg(&path))?;
                Ok(ssh(path))
            },
        )
    },
    fault(
        "agent-not-running",
        "the agent's socket is not there",
        Place::NotOffered,
        |d| {
            let agent = format!("IdentityAgent={}", d.at("absent").display());
            Ok(Client {
                options: vec![agent, "IdentityFile=none".into()],
                ..Client::default()
            })
        },
    ),
    fault(
        "agent-socket-stale",
        "nobody listens at the agent's socket",
        Place::NotOffered,
        |d| {
            let path = d.at("stale");
            drop(UnixListener::bind(&path)?);
            let agent = format!("IdentityAgent={}", path.display());
            Ok(Client {
                options: vec![agent, "IdentityFile=none".into()],
                ..Client::default()
            })
        },
    ),
    fault(
        "agent-locked",
        "the agent is locked",
        Place::NotOffered,
        |d| {
            let client = d.crowd(0)?;
            let asks = d.write("asks", b"#!/bin/sh\necho secret\n", 0o700)?;
            let mut lock = Command::new("ssh-add");
            lock.arg("-x")
                .env("SSH_AUTH_SOCK", d.at("agent"))
                .env("SSH_ASKPASS", asks)
                .env("SSH_ASKPASS_REQUIRE", "force");
            done(&mut lock)?;
            Ok(client)
        },
    ),
    fault(
        "key-not-in-agent",
        "ssh -i key.pub, and the agent holds another",
        Place::Unsigned,
        |d| {
            let (agent, socket) = d.agent("/bin/false")?;
            d.add(&socket, &[], &d.key("ed25519-b")?)?;
            Ok(Client {
                named: vec![d.key("ed25519.pub")?],
                options: vec![
                    format!("IdentityAgent={}", socket.display()),
                    "IdentitiesOnly=yes".into(),
                ],
                _agent: Some(agent),
                ..Client::default()
            })
        },
    ),
    fault(
        "client-agent-refused",
        "the agent asks for each use, and nobody says yes",
        Place::Unsigned,
        |d| {
            let (agent, socket) = d.agent("/bin/false")?;
            d.add(&socket, &["-c"], &d.key("ed25519")?)?;
            let agent_is = format!("IdentityAgent={}", socket.display());
            Ok(Client {
                options: vec![agent_is, "IdentityFile=none".into()],
                _agent: Some(agent),
                ..Client::default()
            })
        },
    ),
    fault(
        "client-pubkey-off",
        "PubkeyAuthentication no in ssh_config",
        Place::NotOffered,
        |d| Ok(with(ssh(d.key("ed25519")?), "PubkeyAuthentication=no")),
    ),
    fault(
        "client-pubkey-off",
        "PreferredAuthentications password in ssh_config",
        Place::NotOffered,
        |d| {
            let client = ssh(d.key("ed25519")?);
            Ok(with(client, "PreferredAuthentications=password"))
        },
    ),
    fault(
        "client-alg-filter",
        "PubkeyAcceptedAlgorithms leaves the key's out",
        Place::NotOffered,
        |d| {
            let client = ssh(d.key("ed25519")?);
            Ok(with(client, "PubkeyAcceptedAlgorithms=rsa-sha2-512"))
        },
    ),
    Fault {
        key: "rsa2048",
        config: b"PubkeyAcceptedAlgorithms ssh-rsa\n",
        ..fault(
            "client-no-mutual-sigalg",
            "the server takes RSA with SHA-1 alone",
            Place::NotOffered,
            |d| Ok(ssh(d.key("rsa2048")?)),
        )
    },
    fault(
        "host-key-changed",
        "the host key is not the one that was given",
        Place::HostKey,
        |d| {
            Ok(Client {
                host_key: Some("SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
                ..ssh(d.key("ed25519")?)
            })
        },
    ),
];

impl Fault {
    /// `client/CAUSE: HEADING`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("client/{}: {}", self.cause, self.heading)
    }

    /// The server's world.
    #[must_use]
    pub fn spec(&self) -> Spec {
        let mut spec = Spec::new(&self.name());
        spec.attempt.user = self.user.into();
        spec.attempt.key = Some(self.key.into());
        if !self.config.is_empty() {
            let config = Content::Raw(self.config.to_vec());
            spec.changes.push((0, Change::ConfigFirst(config)));
        }
        spec
    }

    /// Whether it happens with that server at all.
    #[must_use]
    pub fn runs_on(&self, build: &Build) -> bool {
        let dropbear = build.software == Software::Dropbear;
        let sshd = |a, b| !dropbear && (build.version.0, build.version.1) >= (a, b);
        match self.cause {
            // Before 9.6 server-sig-algs name what is not accepted, too.
            "client-no-mutual-sigalg" => sshd(9, 6),
            // Since 10.6 six queries cost no try (PubkeyAuthOptions max-pk-ok).
            "client-too-many-keys" if sshd(10, 6) && !self.config.is_empty() => false,
            // Dropbear hears ten keys.
            "client-too-many-keys" if dropbear => self.heading.contains("eleventh"),
            _ => !dropbear || self.config.is_empty(),
        }
    }

    /// Looks as `sshwhy check` does. `connect` makes a connection to the server.
    ///
    /// # Errors
    /// The client's side cannot be made.
    pub(crate) fn look(
        &self,
        scene: &Scene,
        connect: &mut dyn FnMut() -> io::Result<TcpStream>,
    ) -> io::Result<Checked> {
        let desk = Desk::new()?;
        let client = (self.make)(&desk)?;
        let mut asked = Asked {
            target: b"lab".to_vec(),
            port: Some(scene.attempt.to.port),
            user: Some(scene.attempt.user.clone()),
            config: Some(match &client.config {
                Some(path) => path.as_os_str().as_encoded_bytes().to_vec(),
                None => b"none".to_vec(),
            }),
            options: client.options.iter().map(|o| o.clone().into()).collect(),
            session: None,
        };
        let target = if client.putty {
            asked.config = None;
            // Whatever agent this process has is not the user's.
            let session = Session {
                name: b"Default Settings".to_vec(),
                values: [(b"TryAgent".to_vec(), b"0".to_vec())].into(),
            };
            let saved = Saved {
                sessions: vec![session],
                ..Saved::default()
            };
            Target::putty(&asked, &saved)
        } else {
            Target::openssh(&asked)
        };
        let target = target.map_err(|e| io::Error::other(e.why))?;
        let configured = names::configured(&asked, &Saved::default(), &target);
        let offers = identity::gather(&target, &client.named);
        let others = others::gather(&others::beside(&offers), &offers, target.habits);
        let mut report = ask(&target, &offers, &others, &client, connect)?;
        by_another_name(&target, &offers, configured, &client, &mut report, connect)?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let case = Case {
            target: &target,
            offers: &offers,
            others: &others,
            report: &report,
            subject: subject(&offers, &report),
            now: now.map_or(0, |d| d.as_secs()),
        };
        let mut found = case.causes();
        if case.place() == Place::Accepted {
            found = case.notes();
        }
        let said = |certain: bool| {
            let of = found.iter();
            of.filter(|f| (f.certainty == Certainty::Certain) == certain)
                .map(|f| f.cause.id)
                .collect()
        };
        Ok(Checked {
            place: case.place(),
            certain: said(true),
            likely: said(false),
            signs: signs::of(&case),
            log: Vec::new(),
        })
    }
}

/// Asks whether the key is for another name, as `check` does.
fn by_another_name(
    target: &Target,
    offers: &Offers,
    configured: Option<OtherName>,
    client: &Client,
    report: &mut Report,
    connect: &mut dyn FnMut() -> io::Result<TcpStream>,
) -> io::Result<()> {
    let subject = subject(offers, report);
    let identity = subject.and_then(|i| offers.identities.get(i));
    let refused = report.place(subject) == Place::Query;
    let Some(identity) = identity.filter(|_| refused) else {
        return Ok(());
    };
    let Some(name) = names::likely(configured, target, identity, report) else {
        return Ok(());
    };
    let known = client.known();
    let question = Question {
        identities: &[],
        order: &[],
        others: &[],
        known: &known,
        limits: Limits::default(),
        passphrase: &|_| None,
    };
    let mut link = Some(connect()?);
    let mut ask = |target: &Target, question: &Question<'_>| match link.take() {
        Some(link) => probe_over(Link::Tcp(link), target, question),
        None => Report::default(),
    };
    let (said, _) = names::would_take(target, &name, identity, &question, &mut ask);
    report.other_name = said.map(|welcome| (name, welcome));
    Ok(())
}

/// As many connections as `check` makes, each with the keys that were not heard before.
fn ask(
    target: &Target,
    offers: &Offers,
    others: &[Identity],
    client: &Client,
    connect: &mut dyn FnMut() -> io::Result<TcpStream>,
) -> io::Result<Report> {
    let known = client.known();
    let word = client.passphrase;
    let mut rest: Vec<usize> = (0..offers.identities.len()).collect();
    let mut report = Report::default();
    for _ in 0..CONNECTIONS {
        let question = Question {
            identities: &offers.identities,
            others,
            order: if target.tries_keys() { &rest } else { &[] },
            known: &known,
            limits: Limits::default(),
            passphrase: &|_| word.map(|w| Zeroizing::new(w.as_bytes().to_vec())),
        };
        let mut next = probe_over(Link::Tcp(connect()?), target, &question);
        let mut before = std::mem::take(&mut report.tried);
        before.append(&mut next.tried);
        next.tried = before;
        report = next;
        rest.retain(|i| report.of(*i).is_none());
        if report.stop != Some(Stop::Refusals) || rest.is_empty() {
            break;
        }
    }
    Ok(report)
}
