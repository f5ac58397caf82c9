//! Questions to the person: may this key be used, and what is its passphrase.

use rustix::termios::{self, LocalModes, OptionalActions};
use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use zeroize::{Zeroize, Zeroizing};

/// Longest passphrase in bytes.
const MAX_PASSPHRASE: usize = 4096;

/// The program at the other end of a connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// Its process.
    pub pid: Option<i32>,
    /// Its name, as it calls itself.
    pub name: Vec<u8>,
}

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// May the key be used?
    Confirm,
    /// The passphrase of the key's file.
    Passphrase,
    /// The same once more: the last one was wrong.
    PassphraseAgain,
}

/// A question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What is asked.
    pub topic: Topic,
    /// The key's comment.
    pub comment: Vec<u8>,
    /// The key's type.
    pub key_type: String,
    /// The key's fingerprint.
    pub fingerprint: String,
    /// Who wants to use it.
    pub client: Client,
}

/// Text from outside, fit for a prompt: control characters are shown, not obeyed.
struct Shown<'a>(&'a [u8]);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in String::from_utf8_lossy(self.0).chars().take(200) {
            // Bidi controls turn a prompt around.
            let turns = matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
            if c.is_control() || turns {
                write!(f, "{}", c.escape_unicode())?;
            } else {
                write!(f, "{c}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let comment = Shown(&self.comment);
        match self.topic {
            Topic::Confirm => write!(f, "Allow use of key {comment}?")?,
            Topic::Passphrase => write!(f, "Enter passphrase for key {comment}")?,
            Topic::PassphraseAgain => {
                write!(f, "Wrong passphrase. Enter passphrase for key {comment}")?;
            }
        }
        write!(
            f,
            "\nKey fingerprint {} ({}).",
            self.fingerprint, self.key_type
        )?;
        match (self.client.pid, self.client.name.as_slice()) {
            (Some(pid), []) => write!(f, "\nAsked for by process {pid}."),
            (Some(pid), name) => write!(f, "\nAsked for by {} (process {pid}).", Shown(name)),
            (None, _) => Ok(()),
        }
    }
}

/// Whoever puts questions to the person. `cancelled` becomes true when nobody waits any more.
pub trait Ask: Send + Sync {
    /// Whether the person agrees.
    fn confirm(&self, question: &Question, cancelled: &AtomicBool) -> bool;

    /// The passphrase; `None`: the person gave none, or cannot be asked.
    fn passphrase(&self, question: &Question, cancelled: &AtomicBool)
    -> Option<Zeroizing<Vec<u8>>>;
}

/// `SSH_ASKPASS_REQUIRE`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Require {
    /// Not set: the terminal where there is one, else the program where there is a display.
    #[default]
    Unset,
    /// `never`: the terminal alone.
    Never,
    /// `prefer`: the program rather than the terminal.
    Prefer,
    /// `force`: the program, display or not.
    Force,
}

/// Asks through the program that `SSH_ASKPASS` names, or on the terminal; one question at a time.
pub struct SystemAsk {
    program: Option<PathBuf>,
    require: Require,
    display: bool,
    terminal: bool,
    turn: Mutex<()>,
}

/// Where distributions put the program when `SSH_ASKPASS` names none.
const PROGRAMS: [&str; 4] = [
    "/usr/bin/ssh-askpass",
    "/usr/libexec/openssh/ssh-askpass",
    "/usr/lib/ssh/ssh-askpass",
    "/usr/libexec/ssh-askpass",
];

impl SystemAsk {
    /// As the environment says. `terminal`: the process may use its controlling terminal.
    #[must_use]
    pub fn from_env(env: impl Fn(&str) -> Option<OsString>, terminal: bool) -> SystemAsk {
        let given = env("SSH_ASKPASS").filter(|p| !p.is_empty());
        let usual = || {
            let found = PROGRAMS.iter().map(PathBuf::from).find(|p| p.exists());
            found.map(PathBuf::into_os_string)
        };
        let require = match env("SSH_ASKPASS_REQUIRE")
            .as_deref()
            .and_then(|v| v.to_str())
        {
            Some("never") => Require::Never,
            Some("prefer") => Require::Prefer,
            Some("force") => Require::Force,
            _ => Require::Unset,
        };
        let set = |name| env(name).is_some_and(|v| !v.is_empty());
        SystemAsk {
            program: given.or_else(usual).map(PathBuf::from),
            require,
            display: set("DISPLAY") || set("WAYLAND_DISPLAY"),
            terminal,
            turn: Mutex::new(()),
        }
    }

    /// The program to ask with, or the terminal.
    fn way(&self) -> Option<Way> {
        let program = match self.require {
            Require::Never => None,
            Require::Force => self.program.as_ref(),
            _ => self.program.as_ref().filter(|_| self.display),
        };
        let tty = || {
            let open = File::options().read(true).write(true).open("/dev/tty");
            self.terminal.then(|| open.ok()).flatten()
        };
        match (self.require, program) {
            (Require::Prefer | Require::Force, Some(p)) => Some(Way::Program(p.clone())),
            (Require::Force, None) => None,
            (_, program) => match tty() {
                Some(tty) => Some(Way::Terminal(tty)),
                None => program.map(|p| Way::Program(p.clone())),
            },
        }
    }

    fn ask(&self, question: &Question, cancelled: &AtomicBool) -> Option<Zeroizing<Vec<u8>>> {
        let _turn = self.turn.lock().ok()?;
        if cancelled.load(Ordering::Relaxed) {
            return None;
        }
        let confirm = question.topic == Topic::Confirm;
        match self.way()? {
            Way::Program(path) => run(&path, question, confirm, cancelled),
            Way::Terminal(tty) => {
                let hint = if confirm { " (yes/no) " } else { ": " };
                let answer = read_hidden(&tty, &format!("{question}{hint}"), confirm).ok()?;
                if confirm && !answer.eq_ignore_ascii_case(b"yes") {
                    return None;
                }
                Some(answer)
            }
        }
    }
}

enum Way {
    Program(PathBuf),
    Terminal(File),
}

impl Ask for SystemAsk {
    fn confirm(&self, question: &Question, cancelled: &AtomicBool) -> bool {
        self.ask(question, cancelled).is_some()
    }

    fn passphrase(
        &self,
        question: &Question,
        cancelled: &AtomicBool,
    ) -> Option<Zeroizing<Vec<u8>>> {
        self.ask(question, cancelled)
    }
}

/// Runs the program: its status is the answer to a confirmation, the first line of its output is
/// the passphrase (OpenSSH's `ssh_askpass`).
fn run(
    path: &std::path::Path,
    question: &Question,
    confirm: bool,
    cancelled: &AtomicBool,
) -> Option<Zeroizing<Vec<u8>>> {
    let mut command = Command::new(path);
    command
        .arg(question.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    if confirm {
        command.env("SSH_ASKPASS_PROMPT", "confirm");
    } else {
        command.env_remove("SSH_ASKPASS_PROMPT");
    }
    let mut child = command.spawn().ok()?;
    let mut output = child.stdout.take()?;
    let reader = std::thread::spawn(move || read_line(&mut output));
    let status = loop {
        if let Some(status) = child.try_wait().ok()? {
            break status;
        }
        if cancelled.load(Ordering::Relaxed) {
            let _ = child.kill();
            let _ = child.wait();
            return None;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    let line = reader.join().ok()?;
    status.success().then_some(line)
}

/// Reads to the end of the first line. The buffer does not grow, so nothing is left behind.
fn read_line(input: &mut dyn Read) -> Zeroizing<Vec<u8>> {
    let mut line = Zeroizing::new(Vec::with_capacity(MAX_PASSPHRASE));
    let mut byte = [0u8];
    while let Ok(1) = input.read(&mut byte) {
        if matches!(byte, [b'\n' | b'\r']) || line.len() >= MAX_PASSPHRASE {
            break;
        }
        line.extend_from_slice(&byte);
    }
    byte.zeroize();
    line
}

/// Puts the terminal back as it was.
struct Echo<'a> {
    tty: &'a File,
    before: termios::Termios,
}

impl Drop for Echo<'_> {
    fn drop(&mut self) {
        // There is nobody left to tell.
        let _ = termios::tcsetattr(self.tty, OptionalActions::Flush, &self.before);
    }
}

/// Asks on a terminal.
fn read_hidden(tty: &File, prompt: &str, echo: bool) -> io::Result<Zeroizing<Vec<u8>>> {
    let before = termios::tcgetattr(tty)?;
    let mut quiet = before.clone();
    let guard = Echo { tty, before };
    if !echo {
        quiet.local_modes.remove(LocalModes::ECHO);
        quiet.local_modes.insert(LocalModes::ECHONL);
    }
    termios::tcsetattr(tty, OptionalActions::Flush, &quiet)?;
    let mut writer = tty;
    writer.write_all(prompt.as_bytes())?;
    writer.flush()?;
    let mut reader = tty;
    let line = read_line(&mut reader);
    drop(guard);
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(topic: Topic) -> Question {
        Question {
            topic,
            comment: b"me\x1b[2J\xe2\x80\xaehost".to_vec(),
            key_type: "ssh-ed25519".into(),
            fingerprint: "SHA256:x".into(),
            client: Client {
                pid: Some(7),
                name: b"ssh".to_vec(),
            },
        }
    }

    #[test]
    fn a_comment_cannot_command_the_terminal() {
        let text = question(Topic::Confirm).to_string();
        assert!(
            !text.contains('\x1b') && !text.contains('\u{202e}'),
            "{text}"
        );
        assert!(text.contains("Asked for by ssh (process 7)."));
    }

    #[test]
    fn the_program_is_asked_as_the_variables_say() {
        let ask = |require: &'static str, display: bool| {
            SystemAsk::from_env(
                |name| match name {
                    "SSH_ASKPASS" => Some("/bin/true".into()),
                    "SSH_ASKPASS_REQUIRE" => Some(require.into()),
                    "DISPLAY" => display.then(|| ":0".into()),
                    _ => None,
                },
                false,
            )
            .confirm(&question(Topic::Confirm), &AtomicBool::new(false))
        };
        assert!(ask("force", false));
        assert!(ask("prefer", true));
        assert!(!ask("prefer", false));
        assert!(!ask("never", true));
        assert!(ask("", true));
        assert!(!ask("", false));
    }
}
