//! The lab's command: scenarios on real servers. See `USAGE`.

#[cfg(not(target_os = "linux"))]
fn main() {}

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    linux::main()
}

#[cfg(target_os = "linux")]
mod linux {
    use std::io::Write as _;
    use std::path::{Path, PathBuf};
    use std::process::ExitCode;
    use std::time::Instant;

    use sshwhy_lab::compare::{Tally, both_sides};
    use sshwhy_lab::ranking::Seen;
    use sshwhy_lab::scenarios::{Found, walk};
    use sshwhy_lab::table::Table;
    use sshwhy_lab::targets::Target;
    use sshwhy_lab::worlds::{self, Plan};
    use sshwhy_lab::{Engine, Judged, Lab, LabConfig, Prediction, RootSource, setup};
    use sshwhy_world::{Build, Software};

    const USAGE: &str = "\
usage: sshwhy-lab setup [--upstream] [--refresh]
       sshwhy-lab --scenarios [DIR] [--filter TEXT] [--on NAME] [--root DIR] [--build NAME]
                  [--workers N] [--repeat N] [--info] [--show]
       sshwhy-lab --check [--fit] [--filter TEXT] [--on NAME] [--workers N] [--show]
       sshwhy-lab --worlds N [--seed S] [--first NUMBER] [--shrink N] [--out DIR]
                  [--all-builds | --on NAME] [--root DIR] [--build NAME] [--workers N] [--show]

setup fetches the servers of other Debian suites into the cache ($SSHWHY_LAB_CACHE, or
sshwhy/lab in the user's cache directory); with --upstream it also builds OpenSSH without
Debian's patches. What a run needs and the cache lacks is fetched by the run itself.

--scenarios judges every scenario with the engine and tries it on every server there is; the
table goes to docs/agreement.md. --worlds does the same with N worlds that a seed makes, spread
over the OpenSSH builds that decide (--all-builds: all N on each of all), and prints each that
differs as a scenario, made as small as it can be (--out: into files too).

--check looks at each refused world as its client does: at which step it stopped, what the wire
proves, how likely each cause is, without and with three questions answered; the figures go to
docs/ranking.md. With --fit the numbers are first fitted on one half of the worlds, and written to
crates/rank/data/fitted.txt.

--on asks one server: host (the installed one), bullseye, bookworm, trixie, sid, upstream, or
bullseye-dropbear and so on. With $SSHWHY_LAB_SSHD=PATH that sshd takes the installed one's place,
and is the only one that is asked. --build says which build a server is, if it does not itself.

The last line is `worlds N agreements N disagreements N accepted N refused N causes N builds N`.
Exit status: 0 all agree, 1 something differs, 2 the run was not possible.
";

    struct Arguments {
        dir: PathBuf,
        filter: Option<String>,
        build: Option<String>,
        on: Option<String>,
        all_builds: bool,
        repeat: usize,
        show: bool,
        config: LabConfig,
        worlds: Option<Plan>,
        check: bool,
        fit: bool,
    }

    fn arguments(words: impl Iterator<Item = String>) -> Result<Arguments, String> {
        let mut out = Arguments {
            dir: PathBuf::from("scenarios"),
            filter: None,
            build: None,
            on: None,
            all_builds: false,
            repeat: 1,
            show: false,
            config: LabConfig::default(),
            worlds: None,
            check: false,
            fit: false,
        };
        let mut plan = Plan {
            seed: 1,
            first: 0,
            step: 1,
            count: 0,
            out: None,
            shrink: 20,
        };
        let mut words = words.peekable();
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
            match word.as_str() {
                "--scenarios" => {
                    if let Some(dir) = words.next_if(|w| !w.starts_with("--")) {
                        out.dir = dir.into();
                    }
                }
                "--check" => out.check = true,
                "--fit" => out.fit = true,
                "--filter" => out.filter = Some(value()?),
                "--root" => out.config.root = RootSource::Dir(value()?.into()),
                "--build" => out.build = Some(value()?),
                "--on" => out.on = Some(value()?),
                "--all-builds" => out.all_builds = true,
                "--workers" => out.config.workers = value()?.parse().map_err(|_| USAGE)?,
                "--repeat" => out.repeat = value()?.parse().map_err(|_| USAGE)?,
                "--info" => out.config.info = true,
                "--show" => out.show = true,
                "--worlds" => plan.count = value()?.parse().map_err(|_| USAGE)?,
                "--seed" => plan.seed = value()?.parse().map_err(|_| USAGE)?,
                "--first" => plan.first = value()?.parse().map_err(|_| USAGE)?,
                "--shrink" => plan.shrink = value()?.parse().map_err(|_| USAGE)?,
                "--out" => plan.out = Some(value()?.into()),
                _ => return Err(USAGE.into()),
            }
        }
        out.worlds = (plan.count > 0).then_some(plan);
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
        let words: Vec<String> = std::env::args().skip(1).collect();
        match words.split_first() {
            Some((first, rest)) if first == "setup" => {
                let known = |w: &String| w == "--upstream" || w == "--refresh";
                if !rest.iter().all(known) {
                    return Err(USAGE.into());
                }
                let has = |flag: &str| rest.iter().any(|w| w == flag);
                let line = |text: &str| say(&format!("{text}\n"));
                setup::run(has("--refresh"), has("--upstream"), &line).map(|()| true)
            }
            Some(_) => scenarios(&arguments(words.into_iter())?),
            None => Err(USAGE.into()),
        }
    }

    /// The servers that the words ask for. What is not in the cache yet is fetched.
    fn targets(arguments: &Arguments) -> Result<Vec<Target>, String> {
        let config = &arguments.config;
        if let Some(name) = &arguments.build {
            let build =
                Build::profile(name).ok_or_else(|| format!("there is no build '{name}'"))?;
            let config = LabConfig {
                software: build.software,
                ..config.clone()
            };
            return Ok(vec![Target {
                name: name.clone(),
                build,
                config,
                gate: true,
            }]);
        }
        let placed = config.sshd.is_some() || config.root != RootSource::Host;
        let alone = placed && arguments.on.is_none() && !arguments.all_builds;
        if alone || arguments.on.as_deref() == Some("host") {
            return Target::host(config).map(|t| vec![t]);
        }
        if !setup::is_whole() {
            say("the cache lacks a server: it is fetched\n");
            // What cannot be had is said, and the others are asked.
            if let Err(why) = setup::run(false, true, &|text| say(&format!("{text}\n"))) {
                say(&format!("SKIPPED: {why}\n"));
            }
        }
        let (mut all, missing) = Target::all(config);
        for why in &missing {
            say(&format!("SKIPPED: {why}\n"));
        }
        if let Some(name) = &arguments.on {
            all.retain(|t| t.name == *name);
            if all.is_empty() {
                return Err(format!("there is no server '{name}'"));
            }
        } else if arguments.worlds.is_some() && !arguments.all_builds {
            all = Target::deciding(all);
        }
        Ok(all)
    }

    fn scenarios(arguments: &Arguments) -> Result<bool, String> {
        if let Some(plan) = &arguments.worlds {
            return generated(arguments, plan);
        }
        let all = walk(&arguments.dir, arguments.filter.as_deref()).map_err(|e| e.to_string())?;
        if arguments.check {
            return check(arguments, &all);
        }
        let (mut gates, mut reported) = (Tally::default(), Tally::default());
        let mut table = Table::default();
        for target in targets(arguments)? {
            let lab = match Lab::new(target.config.clone()) {
                Ok(lab) => lab,
                Err(why) => {
                    say(&format!("SKIPPED: {}: {why}\n", target.name));
                    continue;
                }
            };
            table.column(&target);
            let tally = one_build(arguments, &all, &target, &lab, &mut table);
            if target.gate {
                gates.add(tally);
            } else {
                reported.add(tally);
            }
        }
        let path = Path::new("docs/agreement.md");
        let whole = table.builds() > 1 && arguments.on.is_none() && arguments.filter.is_none();
        if whole {
            say(&table.summary());
        }
        // Beside the scenarios that are the project's own; those of another directory are not.
        if whole && path.is_file() && arguments.dir == Path::new("scenarios") {
            let old = std::fs::read_to_string(path).unwrap_or_default();
            std::fs::write(path, table.text(&old))
                .map_err(|e| format!("{}: {e}", path.display()))?;
        }
        if !reported.builds.is_empty() {
            say(&format!("reported only: {}\n", reported.line()));
        }
        say(&format!("{}\n", gates.line()));
        Ok(gates.disagreements == 0)
    }

    fn one_build(
        arguments: &Arguments,
        all: &[Found],
        target: &Target,
        lab: &Lab,
        table: &mut Table,
    ) -> Tally {
        let build = &target.build;
        let (mut fit, mut skipped) = (Vec::new(), 0);
        for found in all {
            match found.runs_on(build) {
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
                let wrong = tally.count(&judged, build, |prediction, outcome| {
                    found.wrong(prediction, outcome, build)
                });
                table.count(found, wrong.is_empty());
                say(&report(
                    found,
                    &judged,
                    &wrong,
                    &target.name,
                    arguments.show,
                ));
            }
        }
        say(&format!(
            "on {}: {} ({}): {} of {} agree, {skipped} skipped, {:.1} s\n",
            target.name,
            build.title(),
            build.name,
            tally.agreements,
            tally.agreements + tally.disagreements,
            began.elapsed().as_secs_f64(),
        ));
        tally
    }

    /// What a client sees of each world.
    fn check(arguments: &Arguments, all: &[Found]) -> Result<bool, String> {
        let mut seen = Vec::new();
        for target in targets(arguments)? {
            let config = LabConfig {
                check: true,
                ..target.config.clone()
            };
            let lab = match Lab::new(config) {
                Ok(lab) => lab,
                Err(why) => {
                    say(&format!("SKIPPED: {}: {why}\n", target.name));
                    continue;
                }
            };
            let began = Instant::now();
            let found = sshwhy_lab::ranking::look(all, &target, &lab);
            say(&format!(
                "on {}: {} worlds that a client meets, {:.1} s\n",
                target.name,
                found.len(),
                began.elapsed().as_secs_f64()
            ));
            if target.name == "host" && target.build.software == Software::OpenSsh {
                seen.extend(own_server(all, &target, &found)?);
            }
            seen.extend(found);
        }
        let report = sshwhy_lab::ranking::Report::of(seen, arguments.fit);
        say(&report.faults(arguments.show));
        if arguments.fit {
            let path = "crates/rank/data/fitted.txt";
            std::fs::write(path, report.fitted()).map_err(|e| format!("{path}: {e}"))?;
        }
        say(&report.summary());
        if arguments.show {
            say(&report.page(""));
        }
        let whole = arguments.on.is_none() && arguments.filter.is_none();
        let path = Path::new("docs/ranking.md");
        if whole && path.is_file() {
            let old = std::fs::read_to_string(path).unwrap_or_default();
            std::fs::write(path, report.page(&old)).map_err(|e| format!("docs/ranking.md: {e}"))?;
        }
        Ok(report.holds())
    }

    /// What a client sees of each world where our own server stands in the installed sshd's place.
    fn own_server(all: &[Found], target: &Target, sshd: &[Seen]) -> Result<Vec<Seen>, String> {
        let target = target.own();
        let config = LabConfig {
            check: true,
            ..target.config.clone()
        };
        let began = Instant::now();
        let lab = Lab::new(config).map_err(|why| why.to_string())?;
        let found = sshwhy_lab::ranking::look_own(all, &target, &lab, sshd);
        say(&format!(
            "on {}: {} worlds that a client meets, {:.1} s\n",
            target.name,
            found.len(),
            began.elapsed().as_secs_f64()
        ));
        Ok(found)
    }

    /// Generated worlds, on one server after another: all of them on each, or each on one.
    fn generated(arguments: &Arguments, plan: &Plan) -> Result<bool, String> {
        let (mut gates, mut reported) = (Tally::default(), Tally::default());
        let mut targets = targets(arguments)?;
        targets.retain(|t| t.build.software == Software::OpenSsh);
        let plans: Vec<Plan> = if arguments.all_builds {
            targets.iter().map(|_| plan.clone()).collect()
        } else {
            plan.spread(targets.len())
        };
        for (target, plan) in targets.iter().zip(&plans) {
            let build = &target.build;
            let lab = match Lab::new(target.config.clone()) {
                Ok(lab) => lab,
                // Worlds that nobody was asked about agree with nothing.
                Err(why) => return Err(format!("{}: {why}", target.name)),
            };
            let began = Instant::now();
            let (tally, reports) = worlds::run(&lab, build, plan);
            let seconds = began.elapsed().as_secs_f64();
            for report in &reports {
                let sides = if arguments.show { &report.sides } else { "" };
                let (name, number) = (&target.name, report.number);
                say(&format!(
                    "DIFFERS  on {name}, world {number}\n{}{sides}\n",
                    report.scenario
                ));
            }
            say(&format!(
                "on {}: {} ({}): seed {} from {}: {seconds:.1} s, {:.1} a second\n  {}\n",
                target.name,
                build.title(),
                build.name,
                plan.seed,
                plan.first,
                plan.count as f64 / seconds,
                tally.line(),
            ));
            if target.gate {
                gates.add(tally);
            } else {
                reported.add(tally);
            }
        }
        if !reported.builds.is_empty() {
            say(&format!("reported only: {}\n", reported.line()));
        }
        say(&format!("{}\n", gates.line()));
        Ok(gates.disagreements == 0)
    }

    /// What is to be said of one case.
    fn report(
        found: &Found,
        judged: &Judged<Prediction>,
        wrong: &[String],
        on: &str,
        show: bool,
    ) -> String {
        let place = found.place();
        match &judged.outcome {
            Ok(outcome) if wrong.is_empty() && show => {
                format!("agrees   {place} [{}]\n", outcome.truth)
            }
            _ if wrong.is_empty() => String::new(),
            Ok(outcome) => {
                let sides = both_sides(judged.prediction.as_ref(), outcome, show);
                format!(
                    "DIFFERS  on {on}: {place}\n  {}\n{sides}",
                    wrong.join("\n  ")
                )
            }
            Err(_) => format!("BROKEN   on {on}: {place}\n  {}\n", wrong.join("\n  ")),
        }
    }
}
