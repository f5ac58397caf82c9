//! A pseudo-terminal (pty(7)), its modes as the client asked for them (RFC 4254 §8).

use russh::Pty;
use rustix::fs::{Mode, OFlags};
use rustix::pty::OpenptFlags;
use rustix::termios::{
    ControlModes, InputModes, LocalModes, OptionalActions, OutputModes, SpecialCodeIndex, Winsize,
};
use std::io;
use std::os::fd::OwnedFd;
use tokio::net::unix::pipe;

/// Columns, rows, and both in pixels.
pub(crate) type Size = (u32, u32, u32, u32);

/// A terminal.
pub(crate) struct Terminal {
    master: OwnedFd,
    /// Until the program has it: the end of output is seen when nobody else holds it.
    slave: Option<OwnedFd>,
    /// `/dev/pts/N`
    pub(crate) name: String,
    /// TERM
    pub(crate) term: String,
}

impl Terminal {
    pub(crate) fn open(term: &str, size: Size, modes: &[(Pty, u32)]) -> io::Result<Terminal> {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let master = rustix::pty::openpt(flags)?;
        rustix::pty::grantpt(&master)?;
        rustix::pty::unlockpt(&master)?;
        let name = rustix::pty::ptsname(&master, Vec::new())?;
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let slave = rustix::fs::open(name.as_c_str(), flags, Mode::empty())?;
        let all = rustix::fs::fcntl_getfl(&master)?;
        rustix::fs::fcntl_setfl(&master, all | OFlags::NONBLOCK)?;
        let terminal = Terminal {
            master,
            slave: Some(slave),
            name: name.to_string_lossy().into_owned(),
            term: term.to_owned(),
        };
        terminal.resize(size);
        terminal.set(modes)?;
        Ok(terminal)
    }

    /// The end for the program.
    pub(crate) fn end(&self) -> io::Result<OwnedFd> {
        match &self.slave {
            Some(slave) => slave.try_clone(),
            None => Err(io::ErrorKind::NotConnected.into()),
        }
    }

    /// The program has its end.
    pub(crate) fn release(&mut self) {
        self.slave = None;
    }

    /// The end for the network, to read from and to write to. Reading fails with EIO once the last
    /// program that held the other end is gone (pty(7)).
    pub(crate) fn ends(&self) -> io::Result<(pipe::Receiver, pipe::Sender)> {
        // Not pipes, but read, written and waited for as they are.
        let read = pipe::Receiver::from_owned_fd_unchecked(self.master.try_clone()?)?;
        let write = pipe::Sender::from_owned_fd_unchecked(self.master.try_clone()?)?;
        Ok((read, write))
    }

    pub(crate) fn resize(&self, (columns, rows, width, height): Size) {
        let short = |n: u32| u16::try_from(n).unwrap_or(u16::MAX);
        let size = Winsize {
            ws_row: short(rows),
            ws_col: short(columns),
            ws_xpixel: short(width),
            ws_ypixel: short(height),
        };
        // A terminal without a size is a terminal still.
        let _ = rustix::termios::tcsetwinsize(&self.master, size);
    }

    fn set(&self, modes: &[(Pty, u32)]) -> io::Result<()> {
        let Some(slave) = &self.slave else {
            return Ok(());
        };
        let mut t = rustix::termios::tcgetattr(slave)?;
        for &(mode, value) in modes {
            let on = value != 0;
            let code = u8::try_from(value & 0xff).unwrap_or(0);
            match mode {
                Pty::VINTR => t.special_codes[SpecialCodeIndex::VINTR] = code,
                Pty::VQUIT => t.special_codes[SpecialCodeIndex::VQUIT] = code,
                Pty::VERASE => t.special_codes[SpecialCodeIndex::VERASE] = code,
                Pty::VKILL => t.special_codes[SpecialCodeIndex::VKILL] = code,
                Pty::VEOF => t.special_codes[SpecialCodeIndex::VEOF] = code,
                Pty::VSUSP => t.special_codes[SpecialCodeIndex::VSUSP] = code,
                Pty::ICRNL => t.input_modes.set(InputModes::ICRNL, on),
                Pty::INLCR => t.input_modes.set(InputModes::INLCR, on),
                Pty::IGNCR => t.input_modes.set(InputModes::IGNCR, on),
                Pty::IXON => t.input_modes.set(InputModes::IXON, on),
                Pty::IXOFF => t.input_modes.set(InputModes::IXOFF, on),
                Pty::IUTF8 => t.input_modes.set(InputModes::IUTF8, on),
                Pty::ISIG => t.local_modes.set(LocalModes::ISIG, on),
                Pty::ICANON => t.local_modes.set(LocalModes::ICANON, on),
                Pty::ECHO => t.local_modes.set(LocalModes::ECHO, on),
                Pty::ECHOE => t.local_modes.set(LocalModes::ECHOE, on),
                Pty::ECHOK => t.local_modes.set(LocalModes::ECHOK, on),
                Pty::ECHONL => t.local_modes.set(LocalModes::ECHONL, on),
                Pty::IEXTEN => t.local_modes.set(LocalModes::IEXTEN, on),
                Pty::OPOST => t.output_modes.set(OutputModes::OPOST, on),
                Pty::ONLCR => t.output_modes.set(OutputModes::ONLCR, on),
                Pty::CS7 if on => {
                    t.control_modes.remove(ControlModes::CSIZE);
                    t.control_modes.insert(ControlModes::CS7);
                }
                Pty::CS8 if on => {
                    t.control_modes.remove(ControlModes::CSIZE);
                    t.control_modes.insert(ControlModes::CS8);
                }
                _ => {}
            }
        }
        rustix::termios::tcsetattr(slave, OptionalActions::Now, &t)?;
        Ok(())
    }
}
