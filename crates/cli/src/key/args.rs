//! `sshwhy key`: its arguments, and its help.

use crate::args::Common;
use clap::{Args, Subcommand, ValueEnum, ValueHint};
use std::ffi::OsString;
use std::path::PathBuf;

pub(crate) const KEY: &str = "Key files of every format: say what they are and what is wrong with \
        them, make them, write them in another format.\n\nThis machine's files are read; only \
        --output is written. A passphrase is read from the terminal, a file or a descriptor, never \
        from the command line.";

const SHOW: &str = "Say everything about a key file: what it is, for whom, how well it is protected, \
        whether its halves belong together, which clients can use it, and what is damaged in it.\n\n\
        Every format is read: PuTTY's PPK 1, 2 and 3, OpenSSH, PEM, PKCS#8, ssh.com, RFC 4716, \
        authorized_keys lines and certificates. Without the passphrase it tells all that can be told \
        without it. A file of many public keys is listed key by key, and what sshd would skip in it \
        is named.\n\nNo private part is ever printed.";

const SHOW_EXIT: &str = "Exit status:
  0  the file is whole
  1  it is damaged, or its parts do not belong together: the output says where
  2  this program could not work: no such file, no terminal to ask on";

const GENERATE: &str = "Make a new key pair.\n\n\
        The private half goes to --output with mode 0600, the public line to the same name with \
        .pub behind it. The passphrase is asked twice on the terminal, or read from \
        --new-passphrase-file; an empty file means no passphrase.";

const CONVERT: &str = "Write a key in another format.\n\n\
        The file that is read stays as it is. Formats for private keys: openssh (OpenSSH 6.5 and \
        later), pem (PKCS#1 and SEC1, for old programs), pkcs8, ppk (PuTTY 0.75 and later), ppk2 \
        (PuTTY 0.52 and later); for the public half alone: rfc4716 and line (authorized_keys).\n\n\
        The new file gets a passphrase of its own, asked twice on the terminal or read from \
        --new-passphrase-file; an empty file means no passphrase.";

const PASSPHRASE: &str = "Change, set or take away the passphrase of a private key.\n\n\
        The key, its format and its comment stay the same. With --output a new file is written; \
        with --force the file itself is replaced, and the old one stays beside it as NAME.bak, \
        with its old passphrase: remove it when the new one is proven.";

const LINE: &str = "Print the one line that belongs into authorized_keys on the server.\n\n\
        The line goes to standard output. On standard error follows one command for the server \
        that appends it safely: run as the account that is to log in, it makes ~/.ssh when it is \
        missing, ends a last line that was left open, and adds the line unless it is there.";

const REPAIR: &str = "Restore a damaged key file, as far as that needs no guess.\n\n\
        What programs put around a key is taken away (byte order mark, UTF-16, CR LF, mail quotes, \
        HTML, a terminal's prompt), wrapped lines are joined, counts and upper-case MACs are put \
        right, an RFC 4716 block becomes the line that sshd reads. The result is checked before it \
        is written; the damaged file stays as it is. What is lost is not invented: then the exit \
        status is 1, and the output says why.";

const DONE_EXIT: &str = "Exit status:
  0  done
  1  the answer is no: wrong passphrase, a damaged file, a format this key cannot have
  2  this program could not work: arguments, no such file, a file that is already there";

/// `sshwhy key`
#[derive(Args, Debug)]
pub struct Key {
    /// What to do.
    #[command(subcommand)]
    pub action: Action,
}

/// What to do with key files.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Say everything about a key file, and what is damaged in it
    #[command(long_about = SHOW, after_help = SHOW_EXIT)]
    Show(Show),
    /// Make a new key pair
    #[command(long_about = GENERATE, after_help = DONE_EXIT)]
    Generate(Generate),
    /// Write a key in another format
    #[command(long_about = CONVERT, after_help = DONE_EXIT)]
    Convert(Convert),
    /// Change, set or take away a passphrase
    #[command(long_about = PASSPHRASE, after_help = DONE_EXIT)]
    Passphrase(Passphrase),
    /// Print the line for authorized_keys, and the command that appends it on the server
    #[command(long_about = LINE, after_help = DONE_EXIT)]
    Line(Line),
    /// Restore a damaged key file to a new one, without guessing
    #[command(long_about = REPAIR, after_help = DONE_EXIT)]
    Repair(Repair),
}

impl Action {
    /// Options all commands share.
    #[must_use]
    pub fn common(&self) -> &Common {
        match self {
            Action::Show(a) => &a.common,
            Action::Generate(a) => &a.common,
            Action::Convert(a) => &a.common,
            Action::Passphrase(a) => &a.common,
            Action::Line(a) => &a.common,
            Action::Repair(a) => &a.common,
        }
    }
}

/// Where the passphrase of the file that is read comes from. There is no option for the
/// passphrase itself: everybody on the machine can read a command line.
#[derive(Args, Clone, Debug)]
pub struct Unlock {
    /// Read the passphrase from the first line of this file; `-` is standard input, /dev/fd/N a
    /// descriptor
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Passphrase")]
    pub passphrase_file: Option<PathBuf>,
}

/// Where the passphrase of the file that is written comes from.
#[derive(Args, Clone, Debug)]
pub struct Lock {
    /// Read the passphrase of the new file from the first line of this file; an empty file means
    /// none. Without it: asked twice on the terminal
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Passphrase")]
    pub new_passphrase_file: Option<PathBuf>,
    /// Rounds of OpenSSH's key derivation; each costs an attacker and you the same
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000), help_heading = "Passphrase")]
    pub rounds: Option<u32>,
    /// Argon2 variant of a PPK
    #[arg(long, value_enum, value_name = "KDF", help_heading = "Passphrase")]
    pub ppk_kdf: Option<PpkKdf>,
    /// Argon2 memory of a PPK in KiB; PuTTY's default is 8192
    #[arg(long, value_name = "KIB", value_parser = clap::value_parser!(u32).range(8..=1_048_576), help_heading = "Passphrase")]
    pub ppk_memory: Option<u32>,
    /// Argon2 passes of a PPK; PuTTY's are as many as fit in 0.1 s
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000), help_heading = "Passphrase")]
    pub ppk_passes: Option<u32>,
    /// Argon2 lanes of a PPK; PuTTY's default is 1
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=64), help_heading = "Passphrase")]
    pub ppk_parallelism: Option<u32>,
}

/// The variants of Argon2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PpkKdf {
    /// PuTTY's default
    Argon2id,
    /// Safe from side channels
    Argon2i,
    /// Hardest for graphics cards
    Argon2d,
}

/// Where a file is written.
#[derive(Args, Clone, Debug)]
pub struct Place {
    /// The file to write; private keys get mode 0600
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: PathBuf,
    /// Write over a file that is there; the old one is kept as NAME.bak
    #[arg(long)]
    pub force: bool,
}

/// `sshwhy key show`
#[derive(Args, Debug)]
pub struct Show {
    /// The key file, or `-` for standard input; several may be named
    #[arg(value_name = "FILE", required = true, value_hint = ValueHint::FilePath)]
    pub file: Vec<OsString>,
    /// Where the passphrase comes from.
    #[command(flatten)]
    pub unlock: Unlock,
    /// Ask for the passphrase on the terminal, and check the private half too
    #[arg(long, conflicts_with = "passphrase_file", help_heading = "Passphrase")]
    pub ask: bool,
    /// Options all commands share.
    #[command(flatten)]
    pub common: Common,
}

/// What kind of key to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum NewType {
    /// Short, fast, and known to OpenSSH since 6.5 and PuTTY since 0.68
    Ed25519,
    /// For servers that know nothing newer
    Rsa,
    /// NIST curves: --bits 256, 384 or 521
    Ecdsa,
    /// Known to PuTTY since 0.75, not to OpenSSH
    Ed448,
}

/// A format to write a key in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum To {
    /// OpenSSH's own format (6.5 and later)
    Openssh,
    /// PKCS#1 for RSA, SEC1 for ECDSA: what old programs read
    Pem,
    /// PKCS#8
    Pkcs8,
    /// PuTTY's format, version 3 (PuTTY 0.75 and later)
    Ppk,
    /// PuTTY's format, version 2 (PuTTY 0.52 and later)
    Ppk2,
    /// The public half as "Save public key" of PuTTYgen writes it
    Rfc4716,
    /// The public half as authorized_keys has it
    Line,
}

/// `sshwhy key generate`
#[derive(Args, Debug)]
pub struct Generate {
    /// The kind of key
    #[arg(long = "type", value_enum, default_value_t = NewType::Ed25519, value_name = "TYPE")]
    pub kind: NewType,
    /// Size: RSA 2048 to 16384 (3072 without it), ECDSA 256, 384 or 521
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(256..=16_384))]
    pub bits: Option<u32>,
    /// Comment, for people: whose key it is, and where it lies. Without it: user@host
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub comment: Option<OsString>,
    /// Format of the private half. Without it: ppk where the output's name ends so, else openssh
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub to: Option<To>,
    /// Where it is written.
    #[command(flatten)]
    pub place: Place,
    /// The passphrase.
    #[command(flatten)]
    pub lock: Lock,
    /// Options all commands share.
    #[command(flatten)]
    pub common: Common,
}

/// `sshwhy key convert`
#[derive(Args, Debug)]
pub struct Convert {
    /// The key file, or `-` for standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: OsString,
    /// The format to write
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub to: To,
    /// Another comment for the new file
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub comment: Option<OsString>,
    /// Where it is written.
    #[command(flatten)]
    pub place: Place,
    /// The passphrase of the file that is read.
    #[command(flatten)]
    pub unlock: Unlock,
    /// The passphrase of the file that is written.
    #[command(flatten)]
    pub lock: Lock,
    /// Options all commands share.
    #[command(flatten)]
    pub common: Common,
}

/// `sshwhy key passphrase`
#[derive(Args, Debug)]
pub struct Passphrase {
    /// The private key file
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// Write to this file instead
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
    /// Replace the file itself, or a file that is there; the old one is kept as NAME.bak
    #[arg(long)]
    pub force: bool,
    /// The old passphrase.
    #[command(flatten)]
    pub unlock: Unlock,
    /// The new passphrase.
    #[command(flatten)]
    pub lock: Lock,
    /// Options all commands share.
    #[command(flatten)]
    pub common: Common,
}

/// `sshwhy key line`
#[derive(Args, Debug)]
pub struct Line {
    /// The key file, or `-` for standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: OsString,
    /// Print the command for the server on standard output instead of the line
    #[arg(long)]
    pub command: bool,
    /// The passphrase, where the public half is behind it.
    #[command(flatten)]
    pub unlock: Unlock,
    /// Options all commands share.
    #[command(flatten)]
    pub common: Common,
}

/// `sshwhy key repair`
#[derive(Args, Debug)]
pub struct Repair {
    /// The damaged file, or `-` for standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: OsString,
    /// Where it is written.
    #[command(flatten)]
    pub place: Place,
    /// The passphrase, to prove the result.
    #[command(flatten)]
    pub unlock: Unlock,
    /// Options all commands share.
    #[command(flatten)]
    pub common: Common,
}
