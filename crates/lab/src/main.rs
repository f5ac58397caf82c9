//! `sshwhy-lab --scenarios [DIR] [--filter TEXT]`: the scenario files on the installed sshd.

#[cfg(not(target_os = "linux"))]
fn main() {}

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    linux::main()
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fmt::Write as _;
    use std::io::Write as _;
    use std::path::PathBuf;
    use std::process::ExitCode;
    use std::time::Instant;

    use sshwhy_lab::scenarios::{Found, build_of, walk};
    use sshwhy_lab::{Judged, Lab, LabConfig, RootSource};
    use sshwhy_world::Build;

    const USAGE: &str = "usage: sshwhy-lab --scenarios [DIR] [--filter TEXT] [--root DIR] [--build NAME] \
        [--workers N] [--repeat N] [--info] [--show]";

    struct Arguments {
        dir: PathBuf,
        filter: Option<String>,
        build: Option<String>,
        repeat: usize,
        show: bool,
        config: LabConfig,
    }

    fn arguments() -> Result<Arguments, String> {
        let mut out = Arguments {
            dir: PathBuf::from("scenarios"),
            filter: None,
            build: None,
            repeat: 1,
            show: false,
            config: LabConfig::default(),
        };
        let mut words = std::env::args().skip(1).peekable();
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
            match word.as_str() {
                "--scenarios" => {
                    if let Some(dir) = words.next_if(|w| !w.starts_with("--")) {
                        out.dir = dir.into();
                    }
                }
                "--filter" => out.filter = Some(value()?),
                "--root" => out.config.root = RootSource::Dir(value()?.into()),
                "--build" => out.build = Some(value()?),
                "--workers" => out.config.workers = value()?.parse().map_err(|_| USAGE)?,
                "--repeat" => out.repeat = value()?.parse().map_err(|_| USAGE)?,
                "--info" => out.config.info = true,
                "--show" => out.show = true,
                _ => return Err(USAGE.into()),
            }
        }
        Ok(out)
    }

    pub(super) fn main() -> ExitCode {
        match run() {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::from(1),
            Err(why) => {
                say(&format!("{why}\n"));
                ExitCode::from(2)
            }
        }
    }

    fn say(text: &str) {
        let _ = std::io::stdout().write_all(text.as_bytes());
    }

    fn run() -> Result<bool, String> {
        let arguments = arguments()?;
        let build = match &arguments.build {
            Some(name) => {
                Build::profile(name).ok_or_else(|| format!("there is no build '{name}'"))?
            }
            None => {
                let sshd = arguments.config.program();
                build_of(&sshd).ok_or_else(|| {
                    format!(
                        "{} is of no build that is known: say --build NAME",
                        sshd.display()
                    )
                })?
            }
        };
        let all = walk(&arguments.dir, arguments.filter.as_deref()).map_err(|e| e.to_string())?;
        let lab = match Lab::new(arguments.config.clone()) {
            Ok(lab) => lab,
            Err(why) => {
                say(&format!("SKIPPED: {why}\n"));
                return Ok(true);
            }
        };
        let (mut fit, mut skipped) = (Vec::new(), 0);
        for found in all {
            match found.runs_on(&build) {
                Err(why) => {
                    skipped += 1;
                    if arguments.show {
                        say(&format!("skipped  {} ({why})\n", found.place()));
                    }
                }
                Ok(()) => fit.push(found),
            }
        }
        let began = Instant::now();
        let mut tally = Tally::default();
        for _ in 0..arguments.repeat {
            let specs: Vec<_> = fit.iter().map(|f| f.case.spec.clone()).collect();
            for (found, judged) in fit.iter().zip(lab.run(specs)) {
                let text = tally.count(found, &judged, &build, arguments.show);
                say(&text);
            }
        }
        let seconds = began.elapsed().as_secs_f64();
        let worlds = tally.agreements + tally.disagreements;
        say(&format!(
            "worlds {worlds} agreements {} disagreements {} accepted {} refused {} skipped {skipped} \
             seconds {seconds:.1} build {}\n",
            tally.agreements, tally.disagreements, tally.accepted, tally.refused, build.name,
        ));
        Ok(tally.disagreements == 0)
    }

    #[derive(Default)]
    struct Tally {
        agreements: usize,
        disagreements: usize,
        accepted: usize,
        refused: usize,
    }

    impl Tally {
        /// Compares one case with the truth; what is to be said of it.
        fn count(&mut self, found: &Found, judged: &Judged, build: &Build, show: bool) -> String {
            let mut out = String::new();
            let outcome = match &judged.outcome {
                Ok(outcome) => outcome,
                Err(e) => {
                    self.disagreements += 1;
                    return format!("BROKEN   {}\n  {e}\n", found.place());
                }
            };
            match outcome.truth {
                sshwhy_lab::Truth::Refused(_) => self.refused += 1,
                _ => self.accepted += 1,
            }
            let wrong = found.differences(outcome, build);
            if wrong.is_empty() {
                self.agreements += 1;
                if show {
                    let _ = writeln!(out, "agrees   {} [{}]", found.place(), outcome.truth);
                }
            } else {
                self.disagreements += 1;
                let _ = writeln!(
                    out,
                    "DIFFERS  {}\n  {}\n  wire: {:?}",
                    found.place(),
                    wrong.join("\n  "),
                    outcome.wire
                );
                for line in outcome.log.iter().filter(|l| show || tells(l)) {
                    let _ = writeln!(out, "  sshd: {line}");
                }
            }
            out
        }
    }

    /// Whether a line of a DEBUG3 log may say why: not the key exchange, nor the monitor's talk.
    fn tells(line: &str) -> bool {
        let noise = [
            "mm_",
            "monitor_read",
            "packet",
            "kex",
            "KEX",
            "MACs",
            "ciphers",
            "compression",
            "languages",
            "host key",
            "hostkey",
            "setting ",
            "server_config",
            "channel",
            "ensure_minimum",
            "user_specific_delay",
            "ssh_sandbox",
            "NEWKEYS",
            "newkeys",
            "rekey",
        ];
        !noise.iter().any(|n| line.contains(n))
    }
}
