//! A pseudo-terminal (pty(7)), its modes as the client asked for them (RFC 4254 §8).

use rustix::fs::{Mode, OFlags};
use rustix::pty::OpenptFlags;
use rustix::termios::{
    ControlModes, InputModes, LocalModes, OptionalActions, OutputModes, SpecialCodeIndex, Winsize,
};
use sshwhy_wire::connection::Size;
use std::io;
use std::os::fd::OwnedFd;
use tokio::net::unix::pipe;

/// A terminal.
pub(crate) struct Terminal {
    master: OwnedFd,
    /// Until the program has it: the end of output is seen when nobody else holds it.
    slave: Option<OwnedFd>,
    /// `/dev/pts/N`
    pub(crate) name: String,
    /// TERM
    pub(crate) term: Vec<u8>,
}

impl Terminal {
    pub(crate) fn open(term: &[u8], size: Size, modes: &[(u8, u32)]) -> io::Result<Terminal> {
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
            term: term.to_vec(),
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

    pub(crate) fn resize(&self, wanted: Size) -> bool {
        let short = |n: u32| u16::try_from(n).unwrap_or(u16::MAX);
        let size = Winsize {
            ws_row: short(wanted.rows),
            ws_col: short(wanted.columns),
            ws_xpixel: short(wanted.width),
            ws_ypixel: short(wanted.height),
        };
        // A terminal without a size is a terminal still.
        rustix::termios::tcsetwinsize(&self.master, size).is_ok()
    }

    fn set(&self, modes: &[(u8, u32)]) -> io::Result<()> {
        let Some(slave) = &self.slave else {
            return Ok(());
        };
        let mut t = rustix::termios::tcgetattr(slave)?;
        for &(mode, value) in modes {
            let on = value != 0;
            let characters = SPECIAL_CODES.iter().find(|(m, _)| *m == mode);
            if let Some((_, index)) = characters {
                // 255 is none (RFC 4254 §8), which termios(3) says by 0.
                let code = u8::try_from(value).ok().filter(|c| *c != u8::MAX);
                t.special_codes[*index] = code.unwrap_or(0);
            }
            let flag = FLAGS.iter().find(|(m, _)| *m == mode);
            match flag {
                Some((_, Flag::Input(flag))) => t.input_modes.set(*flag, on),
                Some((_, Flag::Output(flag))) => t.output_modes.set(*flag, on),
                Some((_, Flag::Local(flag))) => t.local_modes.set(*flag, on),
                Some((_, Flag::Control(flag))) => t.control_modes.set(*flag, on),
                Some((_, Flag::Width(width))) if on => {
                    t.control_modes.remove(ControlModes::CSIZE);
                    t.control_modes.insert(*width);
                }
                _ => {}
            }
        }
        rustix::termios::tcsetattr(slave, OptionalActions::Now, &t)?;
        Ok(())
    }
}

/// Where a mode lies in termios(3).
enum Flag {
    Input(InputModes),
    Output(OutputModes),
    Local(LocalModes),
    Control(ControlModes),
    /// The size of a character: where it is set, the others are not.
    Width(ControlModes),
}

/// Opcodes of characters (RFC 4254 §8).
const SPECIAL_CODES: [(u8, SpecialCodeIndex); 14] = [
    (1, SpecialCodeIndex::VINTR),
    (2, SpecialCodeIndex::VQUIT),
    (3, SpecialCodeIndex::VERASE),
    (4, SpecialCodeIndex::VKILL),
    (5, SpecialCodeIndex::VEOF),
    (6, SpecialCodeIndex::VEOL),
    (7, SpecialCodeIndex::VEOL2),
    (8, SpecialCodeIndex::VSTART),
    (9, SpecialCodeIndex::VSTOP),
    (10, SpecialCodeIndex::VSUSP),
    (12, SpecialCodeIndex::VREPRINT),
    (13, SpecialCodeIndex::VWERASE),
    (14, SpecialCodeIndex::VLNEXT),
    (18, SpecialCodeIndex::VDISCARD),
];

/// Opcodes of what is on or off (RFC 4254 §8; IUTF8 is RFC 8160's).
const FLAGS: [(u8, Flag); 34] = [
    (30, Flag::Input(InputModes::IGNPAR)),
    (31, Flag::Input(InputModes::PARMRK)),
    (32, Flag::Input(InputModes::INPCK)),
    (33, Flag::Input(InputModes::ISTRIP)),
    (34, Flag::Input(InputModes::INLCR)),
    (35, Flag::Input(InputModes::IGNCR)),
    (36, Flag::Input(InputModes::ICRNL)),
    (38, Flag::Input(InputModes::IXON)),
    (39, Flag::Input(InputModes::IXANY)),
    (40, Flag::Input(InputModes::IXOFF)),
    (41, Flag::Input(InputModes::IMAXBEL)),
    (42, Flag::Input(InputModes::IUTF8)),
    (50, Flag::Local(LocalModes::ISIG)),
    (51, Flag::Local(LocalModes::ICANON)),
    (53, Flag::Local(LocalModes::ECHO)),
    (54, Flag::Local(LocalModes::ECHOE)),
    (55, Flag::Local(LocalModes::ECHOK)),
    (56, Flag::Local(LocalModes::ECHONL)),
    (57, Flag::Local(LocalModes::NOFLSH)),
    (58, Flag::Local(LocalModes::TOSTOP)),
    (59, Flag::Local(LocalModes::IEXTEN)),
    (60, Flag::Local(LocalModes::ECHOCTL)),
    (61, Flag::Local(LocalModes::ECHOKE)),
    (62, Flag::Local(LocalModes::PENDIN)),
    (70, Flag::Output(OutputModes::OPOST)),
    (71, Flag::Output(OutputModes::OLCUC)),
    (72, Flag::Output(OutputModes::ONLCR)),
    (73, Flag::Output(OutputModes::OCRNL)),
    (74, Flag::Output(OutputModes::ONOCR)),
    (75, Flag::Output(OutputModes::ONLRET)),
    (90, Flag::Width(ControlModes::CS7)),
    (91, Flag::Width(ControlModes::CS8)),
    (92, Flag::Control(ControlModes::PARENB)),
    (93, Flag::Control(ControlModes::PARODD)),
];
