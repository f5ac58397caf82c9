//! `sshwhy-lab --scenarios [DIR] [--filter TEXT]`: the scenario files on the installed sshd.

#[cfg(not(target_os = "linux"))]
fn main() {}

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    linux::main()
}

#[cfg(target_os = "linux")]
mod linux {
    use std::io::Write as _;
    use std::path::PathBuf;
    use std::process::ExitCode;
    use std::time::Instant;

    use sshwhy_lab::compare::{Tally, both_sides};
    use sshwhy_lab::scenarios::{Found, build_of, walk};
    use sshwhy_lab::{Engine, Judged, Lab, LabConfig, Prediction, RootSource};
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
        let engine = Engine {
            build: build.clone(),
        };
        let mut tally = Tally::default();
        for _ in 0..arguments.repeat {
            let specs: Vec<_> = fit.iter().map(|f| f.case.spec.clone()).collect();
            for (found, judged) in fit.iter().zip(lab.run_with(specs, &engine)) {
                let wrong = tally.count(&judged, &build, |prediction, outcome| {
                    found.wrong(prediction, outcome, &build)
                });
                say(&report(found, &judged, &wrong, arguments.show));
            }
        }
        let seconds = began.elapsed().as_secs_f64();
        say(&format!(
            "build {} skipped {skipped} seconds {seconds:.1}\n{}\n",
            build.name,
            tally.line()
        ));
        Ok(tally.disagreements == 0)
    }

    /// What is to be said of one case.
    fn report(found: &Found, judged: &Judged<Prediction>, wrong: &[String], show: bool) -> String {
        let place = found.place();
        match &judged.outcome {
            Ok(outcome) if wrong.is_empty() && show => {
                format!("agrees   {place} [{}]\n", outcome.truth)
            }
            _ if wrong.is_empty() => String::new(),
            Ok(outcome) => {
                let sides = both_sides(judged.prediction.as_ref(), outcome, show);
                format!("DIFFERS  {place}\n  {}\n{sides}", wrong.join("\n  "))
            }
            Err(_) => format!("BROKEN   {place}\n  {}\n", wrong.join("\n  ")),
        }
    }
}
