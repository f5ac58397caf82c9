//! The terminal of this process: raw while a remote shell has it, given back whatever happens.

use rustix::stdio::stdin;
use rustix::termios::{OptionalActions, Termios, isatty, tcgetattr, tcgetwinsize, tcsetattr};
use std::sync::{Mutex, PoisonError};

/// The terminal's modes before they were changed.
static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

/// Gives the terminal its modes back, if they are changed. For a hook that runs when nothing else
/// does any more.
pub fn restore() {
    let mut before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(modes) = before.take() {
        // Nothing is left to do where this fails.
        let _ = tcsetattr(stdin(), OptionalActions::Drain, &modes);
    }
}

/// Whether standard input is a terminal.
#[must_use]
pub fn is_here() -> bool {
    isatty(stdin())
}

/// Its size in columns, rows and pixels each way; 80 by 24 where it has none.
#[must_use]
pub fn size() -> (u32, u32, u32, u32) {
    let at = |fd: rustix::fd::BorrowedFd<'_>| tcgetwinsize(fd).ok().filter(|s| s.ws_col > 0);
    let found = at(stdin()).or_else(|| at(rustix::stdio::stdout()));
    found.map_or((80, 24, 0, 0), |s| {
        (
            u32::from(s.ws_col),
            u32::from(s.ws_row),
            u32::from(s.ws_xpixel),
            u32::from(s.ws_ypixel),
        )
    })
}

/// The modes now, for the server's terminal.
#[must_use]
pub fn modes() -> Option<Termios> {
    tcgetattr(stdin()).ok()
}

/// The terminal, raw until this is dropped.
pub struct Raw(());

impl Raw {
    /// Raw mode. `None`: there is no terminal, or it does not take it.
    #[must_use]
    pub fn enter() -> Option<Raw> {
        let before = modes()?;
        let mut raw = before.clone();
        raw.make_raw();
        {
            let mut kept = BEFORE.lock().unwrap_or_else(PoisonError::into_inner);
            *kept = Some(before);
        }
        if tcsetattr(stdin(), OptionalActions::Drain, &raw).is_err() {
            restore();
            return None;
        }
        Some(Raw(()))
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        restore();
    }
}
