//! The person at the terminal: questions and notices of a connection.

use crate::args::Common;
use crate::key::secret_input;
use crate::output;
use sshwhy_connect::{Ask, Notice, Stranger};
use sshwhy_report::safe::shown;
use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use zeroize::Zeroizing;

/// Passphrases that were typed, by their files.
type Typed = Vec<(PathBuf, Zeroizing<Vec<u8>>)>;

pub(crate) struct Person {
    common: Common,
    /// The passphrase of `--passphrase-file`; it is tried once for each file.
    given: Option<Zeroizing<Vec<u8>>>,
    used: Mutex<Typed>,
}

impl Person {
    pub(crate) fn new(common: &Common, given: Option<Zeroizing<Vec<u8>>>) -> Self {
        Person {
            common: common.clone(),
            given,
            used: Mutex::new(Vec::new()),
        }
    }
}

/// Asks on the terminal, the answer seen. `None`: there is no terminal.
fn ask_openly(prompt: &str) -> Option<Vec<u8>> {
    let mut tty = OpenOptions::new()
        .read(true)
        .write(true)
        .open("/dev/tty")
        .ok()?;
    tty.write_all(prompt.as_bytes()).ok()?;
    tty.flush().ok()?;
    let mut line = Vec::new();
    BufReader::new(tty).read_until(b'\n', &mut line).ok()?;
    if line.pop() != Some(b'\n') {
        return None;
    }
    Some(line)
}

impl Ask for Person {
    fn trust(&self, stranger: &Stranger) -> bool {
        let host = shown(&stranger.host);
        let mut text = format!(
            "The host {host} is not known.\n  {} key, fingerprint {}\n",
            stranger.kind, stranger.fingerprint
        );
        if let Some((file, line)) = &stranger.other_types {
            text.push_str(&format!(
                "  {} line {line} has this host with a key of another type\n",
                shown(file)
            ));
        }
        text.push_str("Compare the fingerprint with one you have from the server itself.\n");
        if let Some(file) = &stranger.file {
            text.push_str(&format!("A yes is written to {}.\n", shown(file)));
        }
        for _ in 0..3 {
            let prompt = format!("{text}Is it the right host? (yes, no, or the fingerprint) ");
            let Some(answer) = ask_openly(&prompt) else {
                return false;
            };
            match answer.trim_ascii() {
                b"yes" => return true,
                b"no" => return false,
                other if other == stranger.fingerprint.as_bytes() => return true,
                _ => "Type yes or no.\n".clone_into(&mut text),
            }
        }
        false
    }

    fn passphrase(&self, path: &Path) -> Option<Zeroizing<Vec<u8>>> {
        if let Some(given) = &self.given {
            let mut used = self.used.lock().ok()?;
            if used.iter().any(|(p, _)| p == path) {
                return None;
            }
            used.push((path.to_owned(), given.clone()));
            return Some(given.clone());
        }
        let prompt = format!("Passphrase for {}: ", shown(path.as_os_str().as_bytes()));
        let word = secret_input::ask(&prompt).ok()?;
        Some(Zeroizing::new(word.as_bytes().to_vec()))
    }

    fn answer(&self, prompt: &[u8], echo: bool) -> Option<Zeroizing<Vec<u8>>> {
        let prompt = shown(prompt).to_string();
        if echo {
            return ask_openly(&prompt).map(Zeroizing::new);
        }
        let word = secret_input::ask(&prompt).ok()?;
        Some(Zeroizing::new(word.as_bytes().to_vec()))
    }

    fn tell(&self, notice: &Notice) {
        let mut err = std::io::stderr();
        // Who cannot be reached is not told.
        let _ = match notice {
            Notice::Banner(text) | Notice::Instructions(text) => text
                .split(|b| *b == b'\n')
                .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
                .try_for_each(|line| writeln!(err, "{}", shown(line))),
            Notice::HostKeyWritten(file) => {
                writeln!(err, "sshwhy: the host key was written to {}", shown(file))
            }
            Notice::HostKeyNotWritten(file, why) => writeln!(
                err,
                "sshwhy: the host key could not be written to {}: {}",
                shown(file),
                shown(why.as_bytes())
            ),
            Notice::NoTerminal => writeln!(err, "sshwhy: the server gives no terminal"),
            Notice::TryAgain => writeln!(err, "Not taken, try again."),
            Notice::Escapes => write!(
                err,
                "At the beginning of a line:\r\n ~.   end the connection\r\n \
                 ~^Z  suspend this program\r\n ~~   the sign itself\r\n"
            ),
        };
        output::progress(&self.common, || format!("{notice:?}"));
    }
}
