//! The command line of `sshwhy demo`.

use crate::args::Common;
use clap::Args;

/// `--help`, at length.
pub const DEMO: &str = "The whole story on an embedded server: refused, explained, mended, in.\n\n\
    A machine of files is made in a scratch folder, with one account and one thing broken. An SSH \
    server on a free port of 127.0.0.1 decides by these files as OpenSSH would. No root is needed, \
    nothing of this machine is changed, and nothing is left behind.\n\n\
    Causes that would need root, or more than a folder, are shown on the machine that their scenario \
    file describes: it is held in memory, and the server decides by it in the same way.\n\n\
    Without a cause: five of them, one of each kind, and an account's own.";

/// `sshwhy demo`
#[derive(Args, Debug)]
pub struct Demo {
    /// The cause to show
    #[arg(value_name = "CAUSE-ID")]
    pub cause: Option<String>,
    /// Which causes can be shown
    #[arg(long)]
    pub list: bool,
    /// Options all commands share.
    #[command(flatten)]
    pub common: Common,
}
