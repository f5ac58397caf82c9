//! Passphrases: from the terminal without echo, from a file, from a descriptor. Never from an
//! argument or the environment, which other people can read.

use crate::failure::Failure;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use sshwhy_keyfile::Passphrase;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use zeroize::Zeroizing;

/// Longest passphrase in bytes.
const LONGEST: usize = 4096;

/// The first line of a file, without its end. `-` is standard input, of which one line is taken:
/// two passphrases may follow each other there.
pub(crate) fn from_file(path: &Path) -> Result<Passphrase, Failure> {
    let fail = |why: String| {
        Failure::new(
            format!("cannot read the passphrase from {}", path.display()),
            why,
            "name a file whose first line is the passphrase; `-` is standard input, /dev/fd/N a \
             descriptor",
        )
    };
    let mut source: Box<dyn Read> = if path == Path::new("-") {
        // Not through the buffer of `io::stdin`, which takes more than a line and keeps it.
        Box::new(File::from(
            rustix::io::dup(rustix::stdio::stdin())
                .map_err(|e| fail(io::Error::from(e).to_string()))?,
        ))
    } else {
        Box::new(File::open(path).map_err(|e| fail(e.to_string()))?)
    };
    let mut line = Zeroizing::new(Vec::with_capacity(LONGEST + 1));
    let mut byte = Zeroizing::new([0u8; 1]);
    loop {
        match source.read(byte.as_mut_slice()) {
            Ok(0) => break,
            Ok(_) if byte.first() == Some(&b'\n') => break,
            Ok(_) if line.len() > LONGEST => {
                return Err(fail(format!(
                    "expected at most {LONGEST} bytes, found more"
                )));
            }
            Ok(_) => line.extend_from_slice(byte.as_slice()),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(fail(e.to_string())),
        }
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    Ok(Passphrase::new(std::mem::take(&mut *line)))
}

/// Asks on the terminal, without echo.
pub(crate) fn ask(prompt: &str) -> Result<Passphrase, Failure> {
    let mut terminal = Terminal::open()?;
    terminal.line(prompt)
}

/// Asks twice on the terminal, without echo, until both are alike.
pub(crate) fn ask_twice(prompt: &str) -> Result<Passphrase, Failure> {
    let mut terminal = Terminal::open()?;
    for _ in 0..3 {
        let first = terminal.line(prompt)?;
        let again = terminal.line("The same again: ")?;
        if first.as_bytes() == again.as_bytes() {
            return Ok(first);
        }
        terminal.say("The two are not alike. ")?;
    }
    Err(Failure::new(
        "no passphrase",
        "the two passphrases were not alike, three times",
        "read it from a file: --new-passphrase-file FILE",
    ))
}

/// The terminal of this process, its echo switched off until this is dropped.
struct Terminal {
    tty: File,
    before: Termios,
    signal: Arc<AtomicUsize>,
    done: Arc<AtomicBool>,
}

fn no_terminal(why: String) -> Failure {
    Failure::new(
        "cannot ask for a passphrase",
        why,
        "read it from a file: --passphrase-file FILE, --new-passphrase-file FILE (an empty file: \
         no passphrase)",
    )
}

impl Terminal {
    fn open() -> Result<Terminal, Failure> {
        let tty = OpenOptions::new()
            .read(true)
            .write(true)
            .open("/dev/tty")
            .map_err(|e| no_terminal(format!("there is no terminal (/dev/tty: {e})")))?;
        let fail = |e: rustix::io::Errno| no_terminal(io::Error::from(e).to_string());
        let before = tcgetattr(&tty).map_err(fail)?;
        // Signals from outside may come at any time: they are noted, the terminal is set right,
        // and then they have their effect.
        let signal = Arc::new(AtomicUsize::new(0));
        let done = Arc::new(AtomicBool::new(false));
        for s in [SIGTERM, SIGHUP, SIGINT, SIGQUIT] {
            // Where this is refused, a signal ends the program at once, as ever.
            let _ = signal_hook::flag::register_conditional_default(s, Arc::clone(&done));
            if let Ok(number) = usize::try_from(s) {
                let _ = signal_hook::flag::register_usize(s, Arc::clone(&signal), number);
            }
        }
        let mut quiet = before.clone();
        // Byte by byte, and the keys that make signals are read as what they are: so the terminal
        // is set right before anything ends.
        quiet.local_modes &= !(LocalModes::ECHO
            | LocalModes::ECHONL
            | LocalModes::ICANON
            | LocalModes::ISIG
            | LocalModes::IEXTEN);
        quiet.special_codes[SpecialCodeIndex::VMIN] = 1;
        quiet.special_codes[SpecialCodeIndex::VTIME] = 0;
        let terminal = Terminal {
            tty,
            before,
            signal,
            done,
        };
        tcsetattr(&terminal.tty, OptionalActions::Flush, &quiet).map_err(fail)?;
        Ok(terminal)
    }

    fn say(&mut self, text: &str) -> Result<(), Failure> {
        self.tty
            .write_all(text.as_bytes())
            .and_then(|()| self.tty.flush())
            .map_err(|e| no_terminal(e.to_string()))
    }

    fn line(&mut self, prompt: &str) -> Result<Passphrase, Failure> {
        self.say(prompt)?;
        let mut line = Zeroizing::new(Vec::with_capacity(LONGEST));
        let ended = loop {
            match self.byte()? {
                b'\r' | b'\n' => break true,
                // ^C, ^\ and ^Z
                0x03 | 0x1a | 0x1c => break false,
                // ^D
                0x04 if line.is_empty() => break false,
                0x04 => break true,
                // ^U
                0x15 => line.clear(),
                0x08 | 0x7f => {
                    // A whole character, where it has several bytes.
                    while line.pop().is_some_and(|b: u8| b & 0xc0 == 0x80) {}
                }
                _ if line.len() >= LONGEST => break false,
                b => line.push(b),
            }
        };
        self.say("\n")?;
        if ended {
            Ok(Passphrase::new(std::mem::take(&mut *line)))
        } else {
            Err(Failure::new(
                "no passphrase",
                "the question was broken off",
                "ask again, or read it from a file: --passphrase-file FILE",
            ))
        }
    }

    fn byte(&mut self) -> Result<u8, Failure> {
        let fail = |e: io::Error| no_terminal(e.to_string());
        let tick = Timespec {
            tv_sec: 0,
            tv_nsec: 200_000_000,
        };
        loop {
            let signal = self.signal.load(Ordering::Relaxed);
            if signal != 0 {
                self.restore();
                if let Ok(signal) = i32::try_from(signal) {
                    let _ = signal_hook::low_level::emulate_default_handler(signal);
                }
                std::process::exit(2);
            }
            let mut wait = [PollFd::new(&self.tty, PollFlags::IN)];
            match poll(&mut wait, Some(&tick)) {
                Ok(0) | Err(rustix::io::Errno::INTR) => continue,
                Ok(_) => {}
                Err(e) => return Err(fail(e.into())),
            }
            let mut byte = Zeroizing::new([0u8; 1]);
            match self.tty.read(byte.as_mut_slice()) {
                Ok(0) => return Err(no_terminal("the terminal was closed".into())),
                Ok(_) => return Ok(byte[0]),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(fail(e)),
            }
        }
    }

    fn restore(&mut self) {
        // Nothing is left to do if this fails.
        let _ = tcsetattr(&self.tty, OptionalActions::Flush, &self.before);
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.restore();
        // From now on signals have their usual effect.
        self.done.store(true, Ordering::Relaxed);
    }
}
