//! Causes on the client's own side: the machine is in order, and would let the key in.

use super::machine::Machine;
use super::show::{Said, Shown};
use std::io;
use std::os::unix::net::UnixListener;

/// One thing that can be wrong with the client.
pub(super) struct Trick {
    pub(super) id: &'static str,
    /// Its place among the kinds.
    pub(super) kind: &'static str,
    /// What happened.
    pub(super) story: &'static str,
    /// What ssh says.
    openssh: &'static str,
    /// What PuTTY says.
    putty: &'static str,
    /// Breaks it.
    spoil: fn(&Machine) -> io::Result<()>,
    /// Arguments of `check` that show it.
    check: &'static [&'static str],
    /// What explains it further.
    diagnose: &'static [&'static str],
    /// What mends it.
    mend: fn(&Machine) -> io::Result<Said>,
    /// Arguments of `check` behind that.
    after: &'static [&'static str],
}

const FILE: &str = "a wrong or damaged key file on the client";
const SETTINGS: &str = "the client's own settings";
const AGENT: &str = "the agent";

const DENIED: &str = "Permission denied (publickey).";
const NO_METHODS: &str = "No supported authentication methods available (server sent: publickey)";
const OPENSSH: &[&str] = &["--as", "openssh", "-F", "none", "-i", "id_demo"];
const CONFIG: &[&str] = &["--as", "openssh", "-F", "config", "-i", "id_demo"];
const COPY: &[&str] = &["--as", "openssh", "-F", "none", "-i", "copy"];
const PPK: &[&str] = &["--as", "putty", "-i", "demo.ppk"];
const SHOW_PPK: &[&str] = &["key", "show", "demo.ppk"];

pub(super) const TRICKS: &[Trick] = &[
    Trick {
        id: "ppk-mac-mismatch",
        kind: FILE,
        story: "the comment of a PPK was changed in an editor",
        openssh: "(cannot read a PPK at all)",
        putty: "Unable to load private key (MAC failed)",
        spoil: |m| {
            ppk(m)?;
            let text = std::fs::read_to_string(m.client("demo.ppk"))?;
            let text = text.replacen("Comment: demo@laptop", "Comment: demo@desktop", 1);
            m.secret("demo.ppk", text.as_bytes())
        },
        check: PPK,
        diagnose: SHOW_PPK,
        mend: |m| {
            ppk(m)?;
            Ok(Said::of(
                "(the file is copied again from where it was made)",
            ))
        },
        after: PPK,
    },
    Trick {
        id: "openssh-key-given-to-putty",
        kind: FILE,
        story: "an OpenSSH key was chosen in PuTTY as it is",
        openssh: "(reads it: the key is OpenSSH's own)",
        putty: "Unable to use key file \"id_demo\" (OpenSSH SSH-2 private key (new format))",
        spoil: |_| Ok(()),
        check: &["--as", "putty", "-i", "id_demo"],
        diagnose: &["key", "show", "id_demo"],
        mend: |m| m.show(&to_ppk("demo.ppk"), |_| true),
        after: PPK,
    },
    Trick {
        id: "putty-public-key-only",
        kind: FILE,
        story: "the public half was chosen in PuTTY",
        openssh: "(asks the agent for it)",
        putty: NO_METHODS,
        spoil: |_| Ok(()),
        check: &["--as", "putty", "-i", "id_demo.pub"],
        diagnose: &["key", "show", "id_demo.pub"],
        mend: |m| {
            ppk(m)?;
            Ok(Said::of("(the private half is chosen: demo.ppk)"))
        },
        after: PPK,
    },
    Trick {
        id: "client-key-format",
        kind: FILE,
        story: "the copy of the key is a web page that said \"not found\"",
        openssh: "Load key \"copy\": error in libcrypto; Permission denied (publickey).",
        putty: "Unable to use key file \"copy\" (not a recognised key file format)",
        spoil: |m| m.secret("copy", b"<html><body>404 not found</body></html>\n"),
        check: COPY,
        diagnose: &["key", "show", "copy"],
        mend: |m| {
            m.secret("copy", &std::fs::read(m.client("id_demo"))?)?;
            Ok(Said::of("(the key itself is copied)"))
        },
        after: COPY,
    },
    Trick {
        id: "client-key-missing",
        kind: FILE,
        story: "the key lies elsewhere",
        openssh: "Warning: Identity file nowhere not accessible: No such file or directory.",
        putty: "Unable to use key file \"nowhere\" (unable to open file)",
        spoil: |_| Ok(()),
        check: &["--as", "openssh", "-F", "none", "-i", "nowhere"],
        diagnose: &["explain", "client-key-missing"],
        mend: |_| Ok(Said::of("(the right path is named)")),
        after: OPENSSH,
    },
    Trick {
        id: "client-key-perms",
        kind: FILE,
        story: "everybody may read the private key, and ssh does not use it",
        openssh: "WARNING: UNPROTECTED PRIVATE KEY FILE! … Load key \"copy\": bad permissions",
        putty: "(does not look at the mode)",
        spoil: |m| {
            m.secret("copy", &std::fs::read(m.client("id_demo"))?)?;
            m.client_mode("copy", 0o644)
        },
        check: COPY,
        diagnose: &["explain", "client-key-perms"],
        mend: |m| {
            m.client_mode("copy", 0o600)?;
            Ok(done("chmod 600 copy"))
        },
        after: COPY,
    },
    Trick {
        id: "client-passphrase-wrong",
        kind: FILE,
        story: "the passphrase is another one",
        openssh: "Enter passphrase for key 'copy': … Permission denied (publickey).",
        putty: "Wrong passphrase",
        spoil: |m| {
            m.secret("right", b"correct horse\n")?;
            m.secret("wrong", b"battery staple\n")?;
            let words = [
                "key",
                "convert",
                "id_demo",
                "--to",
                "openssh",
                "--output",
                "copy",
                "--force",
                "--new-passphrase-file",
                "right",
            ];
            m.show(&words, |_| false).map(|_| ())
        },
        check: &[
            "--as",
            "openssh",
            "-F",
            "none",
            "-i",
            "copy",
            "--passphrase-file",
            "wrong",
        ],
        diagnose: &["key", "show", "copy", "--passphrase-file", "wrong"],
        mend: |_| Ok(Said::of("(the right one comes to mind)")),
        after: &[
            "--as",
            "openssh",
            "-F",
            "none",
            "-i",
            "copy",
            "--passphrase-file",
            "right",
        ],
    },
    Trick {
        id: "client-pubkey-off",
        kind: SETTINGS,
        story: "a line of ssh_config switches keys off",
        openssh: DENIED,
        putty: "(has no such setting)",
        spoil: |m| m.secret("config", b"Host *\n PubkeyAuthentication no\n"),
        check: CONFIG,
        diagnose: &["explain", "client-pubkey-off"],
        mend: |m| {
            m.secret("config", b"Host *\n")?;
            Ok(Said::of("(the line is taken out of the configuration)"))
        },
        after: CONFIG,
    },
    Trick {
        id: "client-alg-filter",
        kind: SETTINGS,
        story: "ssh_config lists the algorithms, and leaves the key's out",
        openssh: DENIED,
        putty: "(has no such setting)",
        spoil: |m| {
            m.secret(
                "config",
                b"Host *\n PubkeyAcceptedAlgorithms rsa-sha2-512\n",
            )
        },
        check: CONFIG,
        diagnose: &["explain", "client-alg-filter"],
        mend: |m| {
            m.secret(
                "config",
                b"Host *\n PubkeyAcceptedAlgorithms +rsa-sha2-512\n",
            )?;
            Ok(Said::of(
                "(the line adds to the list instead: +rsa-sha2-512)",
            ))
        },
        after: CONFIG,
    },
    Trick {
        id: "agent-socket-stale",
        kind: AGENT,
        story: "the agent has ended, and its socket is still there",
        openssh: DENIED,
        putty: NO_METHODS,
        spoil: |m| {
            let socket = m.client("stale");
            let _ = std::fs::remove_file(&socket);
            // Whoever listened is gone, and the name stays.
            drop(UnixListener::bind(&socket)?);
            let config = format!("Host *\n IdentityAgent {}\n", socket.display());
            m.secret("config", config.as_bytes())
        },
        check: &["--as", "openssh", "-F", "config"],
        diagnose: &["agent", "list", "--socket", "stale"],
        mend: |_| {
            Ok(Said::of(
                "(the key file is named; a new agent would do as well)",
            ))
        },
        after: OPENSSH,
    },
];

/// The trick of a cause.
pub(super) fn of(id: &str) -> Option<&'static Trick> {
    TRICKS.iter().find(|t| t.id == id)
}

fn done(command: &str) -> Said {
    Said {
        command: command.to_owned(),
        status: 0,
        lines: Vec::new(),
    }
}

/// The command that makes a PPK of the demo's key.
pub(super) fn to_ppk(output: &str) -> [&str; 10] {
    [
        "key",
        "convert",
        "id_demo",
        "--to",
        "ppk",
        "--output",
        output,
        "--force",
        "--new-passphrase-file",
        "/dev/null",
    ]
}

/// The demo's key as a PPK.
fn ppk(m: &Machine) -> io::Result<()> {
    m.show(&to_ppk("demo.ppk"), |_| false).map(|_| ())
}

impl Trick {
    /// Breaks, connects, explains, mends, and connects again.
    pub(super) fn play(&self, machine: &Machine, target: &str) -> io::Result<Shown> {
        machine.reset()?;
        (self.spoil)(machine)?;
        let before = machine.check_with(target, self.check)?;
        // Of a page what it means; of a key file not who owns it.
        let mut said = machine.show(self.diagnose, |l| !l.contains(", uid "))?;
        if self.diagnose.first() == Some(&"explain") {
            said.lines.truncate(6);
        }
        let mended = (self.mend)(machine)?;
        let after = machine.check_with(target, self.after)?;
        Ok(Shown {
            id: self.id,
            kind: self.kind,
            story: self.story.to_owned(),
            openssh: self.openssh,
            putty: self.putty,
            before,
            diagnosis: said,
            mended,
            after,
        })
    }
}
