//! Which server a bundle is about, and how its listener was started.

use super::parse::Bundle;
use crate::{daemon, detect};
use sshwhy_world::build::Version;
use sshwhy_world::{Build, Daemon, Fact, Gap};

impl Bundle {
    /// The build, by the server's own identification (`OpenSSH_9.2p1 Debian-2`), or by what `sshd -V`
    /// printed, and the system's name. `None`: neither names an OpenSSH.
    #[must_use]
    pub fn build(&self, identification: Option<&[u8]>) -> Option<Build> {
        let packaged = self.packaged();
        let said = identification
            .or(packaged.as_deref())
            .unwrap_or(&self.version);
        let said = String::from_utf8_lossy(said);
        let banner = said.strip_prefix("SSH-2.0-").unwrap_or(&said);
        let text = banner.strip_prefix("OpenSSH_")?;
        let number = text.split(' ').next()?;
        let mut version = Version::parse(number)?;
        // Without a patch level it is the portable release all the same.
        version.2 = version.2.max(1);
        let mut words = self.os.split(|b| *b == b' ');
        let mut next = || String::from_utf8_lossy(words.next().unwrap_or_default()).into_owned();
        let os = detect::Os::parse(
            format!("ID={}\nVERSION_ID={}\nID_LIKE={}\n", next(), next(), next()).as_bytes(),
        );
        Some(detect::named(&os, version, os.vendor(), banner))
    }

    /// `OpenSSH_9.2p1 Debian-2+deb12u10`, out of `1:9.2p1-2+deb12u10`.
    fn packaged(&self) -> Option<Vec<u8>> {
        let text = std::str::from_utf8(&self.package).ok()?;
        let text = text.split_once(':').map_or(text, |(_, rest)| rest);
        let (version, revision) = text.rsplit_once('-')?;
        let version = version.split(['+', '~']).next()?;
        let ubuntu = self.os.starts_with(b"ubuntu");
        let who = if ubuntu { "Ubuntu" } else { "Debian" };
        Some(format!("OpenSSH_{version} {who}-{revision}").into_bytes())
    }

    pub(super) fn daemon(&self) -> Fact<Option<Daemon>> {
        let mut boot = self.boot.split(|b| *b == b' ');
        let mut number = || -> Option<i64> { std::str::from_utf8(boot.next()?).ok()?.parse().ok() };
        let (booted, ticks_a_second) = (number(), number().filter(|n| *n > 0));
        let (reloaded, reloaded_pid) = (number(), number());
        let mut found: Option<Daemon> = None;
        for process in &self.processes {
            let Some((_, _, ticks)) = daemon::parse_stat(&process.stat) else {
                continue;
            };
            let pid: Option<u32> = process
                .stat
                .split(|b| *b == b' ')
                .next()
                .and_then(|w| std::str::from_utf8(w).ok()?.parse().ok());
            let title = process.words.join(&0u8);
            let Some((words, titled)) = daemon::listener_words(&title) else {
                continue;
            };
            let Some((config, options)) = daemon::arguments(&words, titled) else {
                continue;
            };
            let started = booted
                .zip(ticks_a_second)
                .map(|(b, hz)| b + i64::try_from(ticks).unwrap_or(0) / hz);
            let read_again = reloaded.filter(|_| reloaded_pid == pid.map(i64::from));
            let daemon = Daemon {
                listening: true,
                config_read_at: started.max(read_again),
                pid,
                binary_replaced: false,
                config,
                options,
                per_connection: false,
            };
            match &found {
                None => found = Some(daemon),
                // A session's own comes first, and alone; at a console there may be several.
                Some(other)
                    if (&other.config, &other.options) != (&daemon.config, &daemon.options) =>
                {
                    return Fact::Unknown(Gap::could_not(
                        "how sshd was started",
                        "several of them run, each with arguments of its own",
                        "name its configuration: sudo sshwhy audit --sshd-config FILE",
                    ));
                }
                Some(_) => {}
            }
        }
        if found.is_some() {
            return Fact::Known(found);
        }
        Fact::Unknown(Gap::could_not(
            "how sshd was started",
            "no process of it was shown",
            "run it as root, or: ps -eo args | grep '[s]shd'",
        ))
    }
}
