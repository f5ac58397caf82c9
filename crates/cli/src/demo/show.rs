//! One thing broken, from the refusal to the login, by this program's own commands.

use super::cases::{Case, Client};
use super::client::to_ppk;
use super::machine::Machine;
use serde::Serialize;
use sshwhy_report::safe::shown;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// What is needed to play it.
pub(super) struct Stage<'a> {
    pub(super) machine: &'a Machine,
    pub(super) address: SocketAddr,
    pub(super) case: &'static Case,
}

/// A command that was run, as a person would type it, and what matters of its output.
#[derive(Serialize)]
pub(super) struct Said {
    pub(super) command: String,
    pub(super) status: i32,
    pub(super) lines: Vec<String>,
}

impl Said {
    /// A remark in the place of a command.
    pub(super) fn of(remark: &str) -> Said {
        Said {
            command: String::new(),
            status: 0,
            lines: vec![remark.to_owned()],
        }
    }
}

/// What came of it.
#[derive(Serialize)]
pub(super) struct Shown {
    pub(super) id: &'static str,
    pub(super) kind: &'static str,
    pub(super) story: String,
    pub(super) openssh: &'static str,
    pub(super) putty: &'static str,
    pub(super) before: Said,
    pub(super) diagnosis: Said,
    pub(super) mended: Said,
    pub(super) after: Said,
}

/// An agent that ends with this.
struct Agent(Child);

impl Drop for Agent {
    fn drop(&mut self) {
        // It wipes its keys on SIGTERM.
        let pid = rustix::process::Pid::from_child(&self.0);
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        let _ = self.0.wait();
    }
}

impl Stage<'_> {
    /// Breaks, connects, explains, mends, and connects again.
    pub(super) fn play(&self) -> io::Result<Shown> {
        let (machine, case) = (self.machine, self.case);
        machine.reset()?;
        (case.spoil)(machine)?;
        let mut key = "id_demo".to_owned();
        match case.client {
            Client::Key => {}
            Client::Ppk => {
                key = "id_demo.ppk".to_owned();
                self.must(&to_ppk(&key))?;
            }
            Client::Agent => {
                let config = format!(
                    "Host *\n IdentityAgent {}\n",
                    machine.client("agent/sock").display()
                );
                std::fs::write(machine.client("config"), config)?;
            }
        }
        let before = self.check(&key)?;
        let (diagnosis, mended, _agent) = match case.client {
            Client::Key => (self.audit()?, self.fix()?, None),
            Client::Ppk => {
                let diagnosis = self.show(&["key", "show", &key], |l| {
                    l.contains("clients") || l.contains("OpenSSH")
                })?;
                let _ = std::fs::remove_file(machine.client("id_demo.new"));
                let mended = self.show(
                    &[
                        "key",
                        "convert",
                        "id_demo.ppk",
                        "--to",
                        "openssh",
                        "--output",
                        "id_demo.new",
                        "--new-passphrase-file",
                        "/dev/null",
                    ],
                    |_| true,
                )?;
                key = "id_demo.new".to_owned();
                (diagnosis, mended, None)
            }
            Client::Agent => {
                let diagnosis =
                    self.show(&["agent", "list", "--socket", "agent/sock"], |_| true)?;
                let (mended, agent) = self.agent()?;
                (diagnosis, mended, Some(agent))
            }
        };
        let after = self.check(&key)?;
        let (openssh, putty) = words(case);
        Ok(Shown {
            id: case.id,
            kind: case.kind,
            story: case.story.to_owned(),
            openssh,
            putty,
            before,
            diagnosis,
            mended,
            after,
        })
    }

    /// Runs a command that has to succeed and is not shown.
    fn must(&self, words: &[&str]) -> io::Result<()> {
        let done = self.run(words)?;
        if done.status.success() {
            return Ok(());
        }
        Err(io::Error::other(
            String::from_utf8_lossy(&done.stderr).into_owned(),
        ))
    }

    fn run(&self, words: &[&str]) -> io::Result<Output> {
        let words: Vec<String> = words.iter().map(|w| (*w).to_owned()).collect();
        self.machine.run(&words)
    }

    /// Runs a command and keeps the lines that matter.
    fn show(&self, words: &[&str], keep: impl Fn(&str) -> bool) -> io::Result<Said> {
        self.machine.show(words, keep)
    }

    /// What the client sees: verdict, cause and diagram.
    fn check(&self, key: &str) -> io::Result<Said> {
        let target = format!("demo@{}", self.address);
        match self.case.client {
            Client::Agent => self
                .machine
                .check_with(&target, &["--as", "openssh", "-F", "config"]),
            _ => self.machine.check(&target, key),
        }
    }

    /// What the administrator sees.
    fn audit(&self) -> io::Result<Said> {
        let root = self.machine.root();
        let words = [
            "audit",
            "--root",
            &root.display().to_string(),
            "--build",
            super::BUILD,
            "--user",
            "demo",
            "--key",
            "id_demo.pub",
            "--from",
            "127.0.0.1",
        ];
        self.show(&words, |l| {
            !l.starts_with("paths and commands")
                && !l.starts_with("  |")
                && !l.starts_with("  client")
                && !l.starts_with("demo with ")
                && !l.is_empty()
        })
    }

    fn fix(&self) -> io::Result<Said> {
        let root = self.machine.root().display().to_string();
        let mut words = vec![
            "fix",
            "--root",
            &root,
            "--build",
            super::BUILD,
            "--user",
            "demo",
            "--key",
            "id_demo.pub",
            "--from",
            "127.0.0.1",
            "--yes",
        ];
        let of_root = self.case.is_of_root();
        if of_root {
            // Root's files cannot be made here without root: the plan is shown, and taken as made.
            words.retain(|w| *w != "--yes");
            words.push("--dry-run");
        }
        if self.case.decided {
            words.push("--allow-weakening");
        }
        if self.case.people {
            let mut said = self.show(&words, |l| !l.is_empty() && !l.starts_with("paths and"))?;
            self.machine.reset()?;
            said.lines
                .push("(the administrator agrees, and takes it back by hand)".to_owned());
            return Ok(said);
        }
        let mut said = self.show(&words, |l| {
            l.starts_with("change ")
                || l.starts_with("  -->")
                || l.starts_with("   |")
                || l.starts_with("refused")
                || l.starts_with("no plan")
        })?;
        if of_root {
            self.machine.reset()?;
            said.lines
                .push("(the administrator agrees, and makes this change)".to_owned());
        }
        Ok(said)
    }

    /// Starts an agent and adds the key to it.
    fn agent(&self) -> io::Result<(Said, Agent)> {
        let socket = self.machine.client("agent/sock");
        let child = Command::new(self.machine.program())
            .args(["agent", "start", "--foreground", "--socket"])
            .arg(&socket)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let agent = Agent(child);
        let start = Instant::now();
        while !socket.exists() {
            if start.elapsed() > Duration::from_secs(10) {
                return Err(io::Error::other("the agent did not start"));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let said = self.show(
            &["agent", "add", "--socket", "agent/sock", "id_demo"],
            |_| true,
        )?;
        Ok((said, agent))
    }
}

impl Machine {
    /// Runs a command and keeps the lines that matter.
    pub(super) fn show(&self, words: &[&str], keep: impl Fn(&str) -> bool) -> io::Result<Said> {
        let done = {
            let words: Vec<String> = words.iter().map(|w| (*w).to_owned()).collect();
            self.run(&words)?
        };
        let text = [done.stdout.as_slice(), &done.stderr].concat();
        let text = String::from_utf8_lossy(&text).into_owned();
        // Paths as a person sees them: the folder is nobody's business.
        let folder = format!("{}/", self.folder().display());
        Ok(Said {
            command: format!("sshwhy {}", words.join(" ")).replace(&folder, ""),
            status: done.status.code().unwrap_or(2),
            lines: text
                .lines()
                .filter(|l| keep(l))
                .map(|l| short(&shown(l.replace(&folder, "").as_bytes())))
                .collect(),
        })
    }

    /// What the client sees with this key file: verdict, cause and diagram.
    pub(super) fn check(&self, target: &str, key: &str) -> io::Result<Said> {
        self.check_with(target, &["--as", "openssh", "-F", "none", "-i", key])
    }

    /// The same with these arguments.
    pub(super) fn check_with(&self, target: &str, with: &[&str]) -> io::Result<Said> {
        // The budget is for servers that have patience to lose.
        let _ = std::fs::remove_dir_all(self.client("state"));
        // The user's own keys are none of the story.
        let mut words = vec![
            "check",
            target,
            "--no-wait",
            "--no-other-keys",
            "--no-other-name",
        ];
        words.extend(with);
        let mut said = self.show(&words, |l| {
            l.starts_with("accepted")
                || l.starts_with("refused")
                || l.starts_with("  |")
                || l.starts_with("  client")
        })?;
        // The port is another one each time, and says nothing.
        let port = target.rsplit_once(':').map_or("", |(_, port)| port);
        let port = format!(":{port}");
        said.command = said
            .command
            .replace(&port, "")
            .replace(" --no-wait", "")
            .replace(" --no-other-keys", "")
            .replace(" --no-other-name", "")
            .replace(" --as openssh", "")
            .replace(" -F none", "");
        for line in &mut said.lines {
            *line = line.replace(&port, "");
        }
        Ok(said)
    }
}

/// A line that fits a screen; commands to paste are longer, and not to be pasted from here.
pub(super) fn short(line: &str) -> String {
    const COLUMNS: usize = 150;
    if line.chars().count() <= COLUMNS {
        return line.to_owned();
    }
    let cut: String = line.chars().take(COLUMNS - 2).collect();
    format!("{cut} …")
}

/// What the two clients say to it.
fn words(case: &Case) -> (&'static str, &'static str) {
    match (case.client, case.id) {
        (Client::Ppk, _) => (
            "Load key \"id_demo.ppk\": error in libcrypto; Permission denied (publickey).",
            "(reads it: the key is PuTTY's own)",
        ),
        (Client::Agent, _) => (
            "Permission denied (publickey).",
            "No supported authentication methods available (server sent: publickey)",
        ),
        (_, "pubkey-authentication-off" | "authentication-methods-exclude-publickey") => (
            "Permission denied (password).",
            "No supported authentication methods available (server sent: password)",
        ),
        _ => ("Permission denied (publickey).", "Server refused our key"),
    }
}

impl Shown {
    /// Refused first, let in at the end, and the cause was named between.
    pub(super) fn is_whole(&self) -> bool {
        let any = |said: &Said, word| said.lines.iter().any(|l: &String| l.starts_with(word));
        any(&self.before, "refused") && any(&self.after, "accepted") && self.named()
    }

    /// The cause was named, by the audit or by the client.
    pub(super) fn named(&self) -> bool {
        let tag = format!("[{}]", self.id);
        self.diagnosis
            .lines
            .iter()
            .chain(&self.before.lines)
            .any(|l| l.contains(&tag))
    }

    /// For people.
    pub(super) fn text(&self, n: usize, of: usize, out: &mut dyn Write) -> io::Result<()> {
        const BOLD: &str = "\x1b[1m";
        const END: &str = "\x1b[0m";
        writeln!(out, "{BOLD}{n} of {of}  {}: {}{END}", self.kind, self.story)?;
        writeln!(out, "  OpenSSH says:  {}", self.openssh)?;
        writeln!(out, "  PuTTY says:    {}\n", self.putty)?;
        for said in [&self.before, &self.diagnosis, &self.mended, &self.after] {
            if !said.command.is_empty() {
                writeln!(out, "{BOLD}$ {}{END}", said.command)?;
            }
            for line in &said.lines {
                writeln!(out, "{line}")?;
            }
            writeln!(out)?;
        }
        Ok(())
    }
}
