//! What can be shown: how each thing is broken, and what mends it.

use super::machine::Machine;
use std::io;

/// Which client is shown, with which key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Client {
    /// OpenSSH with the key file.
    Key,
    /// OpenSSH that was given a PPK.
    Ppk,
    /// OpenSSH whose agent is not there.
    Agent,
}

/// One thing that can be broken.
pub(super) struct Case {
    /// The cause.
    pub(super) id: &'static str,
    /// Its place among the five kinds, in a few words.
    pub(super) kind: &'static str,
    /// What happened, for people.
    pub(super) story: &'static str,
    /// Breaks it.
    pub(super) spoil: fn(&Machine) -> io::Result<()>,
    /// Who connects.
    pub(super) client: Client,
    /// Somebody decided it: mending undoes a decision.
    pub(super) decided: bool,
    /// `fix` leaves it to people, whatever it is allowed: the demo's administrator agrees.
    pub(super) people: bool,
}

const FORM: &str = "the key in the wrong form on the server";
const RIGHTS: &str = "permissions";
const FILE: &str = "a wrong or damaged key file on the client";
const AGENT: &str = "the agent";
const CONFIG: &str = "the server's configuration";
const ACCOUNT: &str = "restrictions of the account";
const LINE: &str = "options of the key's line";

/// The default story, by cause.
pub(super) const STORY: [&str; 6] = [
    "key-line-wrapped",
    "home-writable",
    "ppk-given-to-openssh",
    "agent-not-running",
    "pubkey-authentication-off",
    "user-denied",
];

const fn server(
    id: &'static str,
    kind: &'static str,
    story: &'static str,
    spoil: fn(&Machine) -> io::Result<()>,
) -> Case {
    Case {
        id,
        kind,
        story,
        spoil,
        client: Client::Key,
        decided: false,
        people: false,
    }
}

const fn decision(
    id: &'static str,
    kind: &'static str,
    story: &'static str,
    spoil: fn(&Machine) -> io::Result<()>,
) -> Case {
    Case {
        decided: true,
        ..server(id, kind, story, spoil)
    }
}

const fn people(
    id: &'static str,
    kind: &'static str,
    story: &'static str,
    spoil: fn(&Machine) -> io::Result<()>,
) -> Case {
    Case {
        people: true,
        ..server(id, kind, story, spoil)
    }
}

/// All of them.
pub(super) const CASES: &[Case] = &[
    server(
        "key-line-wrapped",
        FORM,
        "an editor broke the line in two",
        |m| {
            let line = m.public()?;
            let (a, b) = line.split_at(line.len() / 2);
            m.keys(format!("{a}\n{b}").as_bytes())
        },
    ),
    server(
        "key-line-rfc4716",
        FORM,
        "PuTTYgen's \"Save public key\" was pasted",
        |m| {
            let words = [
                "key",
                "convert",
                "id_demo.pub",
                "--to",
                "rfc4716",
                "--output",
                "saved",
            ];
            let done = m.run(&words.map(str::to_owned))?;
            if !done.status.success() {
                return Err(io::Error::other(
                    String::from_utf8_lossy(&done.stderr).into_owned(),
                ));
            }
            m.keys(&std::fs::read(m.client("saved"))?)
        },
    ),
    server(
        "key-line-bom",
        FORM,
        "Notepad put a byte order mark before it",
        |m| m.keys(&[b"\xef\xbb\xbf", m.public()?.as_bytes()].concat()),
    ),
    server(
        "keys-file-utf16",
        FORM,
        "PowerShell wrote the file in UTF-16",
        |m| {
            let units = m
                .public()?
                .encode_utf16()
                .flat_map(u16::to_le_bytes)
                .collect::<Vec<u8>>();
            m.keys(&[b"\xff\xfe", units.as_slice()].concat())
        },
    ),
    server(
        "key-line-quoted",
        FORM,
        "the line was pasted with its quotes",
        |m| m.keys(format!("\"{}\"\n", m.public()?.trim_end()).as_bytes()),
    ),
    server(
        "key-lines-glued",
        FORM,
        "`cat >>` to a file whose last line had no end",
        |m| {
            let other = std::fs::read_to_string(m.client("id_other.pub"))?;
            m.keys(format!("{}{}", other.trim_end(), m.public()?).as_bytes())
        },
    ),
    server("key-not-listed", FORM, "another key was listed", |m| {
        m.keys(&std::fs::read(m.client("id_other.pub"))?)
    }),
    server(
        "keys-file-missing",
        FORM,
        "nobody ever made the file",
        |m| m.remove("/home/demo/.ssh/authorized_keys"),
    ),
    server(
        "home-writable",
        RIGHTS,
        "chmod -R 777, to make it work at last",
        |m| m.mode("/home/demo", 0o777),
    ),
    server(
        "keys-dir-writable",
        RIGHTS,
        "the folder .ssh can be written by others",
        |m| m.mode("/home/demo/.ssh", 0o777),
    ),
    server(
        "keys-file-writable",
        RIGHTS,
        "the key file can be written by others",
        |m| m.mode("/home/demo/.ssh/authorized_keys", 0o666),
    ),
    Case {
        client: Client::Ppk,
        ..server(
            "ppk-given-to-openssh",
            FILE,
            "a PuTTY key was given to ssh",
            |_| Ok(()),
        )
    },
    Case {
        client: Client::Agent,
        ..server(
            "agent-not-running",
            AGENT,
            "the key is in an agent that does not run",
            |_| Ok(()),
        )
    },
    decision(
        "pubkey-authentication-off",
        CONFIG,
        "an image switched keys off",
        |m| m.configure("PubkeyAuthentication no"),
    ),
    decision(
        "authentication-methods-exclude-publickey",
        CONFIG,
        "only passwords are asked for",
        |m| m.configure("AuthenticationMethods password"),
    ),
    decision(
        "keys-file-none",
        CONFIG,
        "no key file is read at all",
        |m| m.configure("AuthorizedKeysFile none"),
    ),
    decision("user-denied", ACCOUNT, "DenyUsers names the account", |m| {
        m.configure("DenyUsers demo")
    }),
    decision(
        "user-not-allowed",
        ACCOUNT,
        "AllowUsers leaves it out",
        |m| m.configure("AllowUsers root"),
    ),
    people("group-denied", ACCOUNT, "DenyGroups names its group", |m| {
        m.configure("DenyGroups demo")
    }),
    people(
        "account-expired",
        ACCOUNT,
        "its expiry date has passed",
        |m| {
            let day = Machine::today().saturating_sub(3);
            m.write(
                "/etc/shadow",
                &format!("root:*:20000:0:99999:7:::\ndemo:*:20000:0:99999:7::{day}:\n"),
            )
        },
    ),
    people(
        "account-locked",
        ACCOUNT,
        "its password field begins with !",
        |m| {
            m.write(
                "/etc/shadow",
                "root:*:20000:0:99999:7:::\ndemo:!:20000:0:99999:7:::\n",
            )
        },
    ),
    people("key-expired", LINE, "its line had an expiry time", |m| {
        m.keys(format!("expiry-time=\"20200101\" {}", m.public()?).as_bytes())
    }),
    decision(
        "from-mismatch",
        LINE,
        "its line names other addresses",
        |m| m.keys(format!("from=\"192.0.2.0/24\" {}", m.public()?).as_bytes()),
    ),
    decision(
        "key-line-commented-out",
        LINE,
        "somebody put a # before it",
        |m| m.keys(format!("#{}", m.public()?).as_bytes()),
    ),
];

impl Case {
    /// It is mended in a file of root's, which nobody else can make.
    pub(super) fn is_of_root(&self) -> bool {
        self.decided && (self.kind == CONFIG || self.kind == ACCOUNT)
    }
}

/// The case of a cause.
pub(super) fn of(id: &str) -> Option<&'static Case> {
    CASES.iter().find(|c| c.id == id)
}
