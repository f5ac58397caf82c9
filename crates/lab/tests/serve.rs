//! Every scenario once more, with `sshwhy serve` in the place of sshd: what its operator reads is
//! what the real sshd did.

#![cfg(target_os = "linux")]

use std::io::Write as _;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustix::net::{AddressFamily, SocketType};
use sshwhy_lab::scenarios::{build_of, walk};
use sshwhy_lab::{Answer, Lab, LabConfig, Predictor, Truth, Wire, login};
use sshwhy_scenario::{Embedded, Scene, Spec};
use sshwhy_server::{Config, Event, HostKey, Limits, Mode, Source, What, serve};
use sshwhy_verdict::Verdict;
use sshwhy_world::Build;

/// The same world, served by us.
struct Served(Build);

/// What came of one world.
struct Heard {
    /// What the operator read of the last attempt; the words say why there was none.
    log: Result<Verdict, String>,
    /// With logins, up to the session: whether the client was let in.
    wire: Result<bool, String>,
}

fn connect(from: SocketAddr, to: SocketAddr) -> std::io::Result<TcpStream> {
    let family = if to.is_ipv4() {
        AddressFamily::INET
    } else {
        AddressFamily::INET6
    };
    let socket = rustix::net::socket(family, SocketType::STREAM, None)?;
    rustix::net::bind(&socket, &from)?;
    rustix::net::connect(&socket, &to)?;
    Ok(TcpStream::from(socket))
}

impl Served {
    /// Serves one login: what the operator heard, and what the client saw.
    fn serve(&self, mode: Mode, spec: &Spec, scene: &Scene) -> Result<(Vec<Event>, Wire), String> {
        let words = |what: &str| {
            let what = what.to_owned();
            move |e: std::io::Error| format!("{what}: {e}")
        };
        let listener = TcpListener::bind((scene.attempt.to.addr, 0)).map_err(words("bind"))?;
        let to = listener.local_addr().map_err(words("address"))?;
        let events = Arc::new(Mutex::new(Vec::new()));
        let log = events.clone();
        let source = Source::Machine {
            root: None,
            config: b"/etc/ssh/sshd_config".to_vec(),
            build: Some(self.0.clone()),
            run_commands: true,
            indexes: sshwhy_server::Cache::default(),
        };
        let key = HostKey::generate().map_err(words("host key"))?;
        let mut config = Config::new(mode, source, vec![key]);
        config.limits = Limits {
            penalty: Duration::ZERO,
            ..Limits::default()
        };
        let sink = move |event: &Event| {
            if let Ok(mut log) = log.lock() {
                log.push(event.clone());
            }
        };
        let running = serve(config, listener, Arc::new(sink)).map_err(words("serve"))?;
        let from = SocketAddr::new(scene.attempt.from.addr, 0);
        let mut stream = connect(from, to).map_err(words("bind: the client"))?;
        let wire = login(&mut stream, spec, scene, &Embedded);
        drop(stream);
        running.stop(Duration::from_secs(5));
        let events = events.lock().map_err(|_| "the log is gone")?.clone();
        Ok((events, wire))
    }
}

impl Predictor for Served {
    type Output = Heard;

    fn predict(&self, spec: &Spec, scene: &Scene) -> Heard {
        let log = self
            .serve(Mode::ExplainOnly, spec, scene)
            .and_then(|(events, wire)| {
                let attempt = events.iter().rev().find_map(|e| match &e.what {
                    What::Attempt(seen) => Some(Ok(seen.judgement.verdict)),
                    What::Broken(why) => Some(Err(why.clone())),
                    _ => None,
                });
                let none = || Err(format!("no attempt: {:?} {:?}", wire.query, wire.sign));
                attempt.unwrap_or_else(none)
            });
        let wire = self
            .serve(Mode::Doorstep, spec, scene)
            .map(|(_, wire)| wire.sign == Some(Answer::Success));
        Heard { log, wire }
    }
}

#[test]
fn the_operator_reads_what_the_real_sshd_did() {
    let config = LabConfig::default();
    let skipped = |why: &str| {
        // Written past the test harness, which would keep it to itself.
        let _ = writeln!(std::io::stderr(), "SKIPPED: {why}");
    };
    let lab = match Lab::new(config.clone()) {
        Ok(lab) => lab,
        Err(why) => return skipped(&why.to_string()),
    };
    let Some(build) = build_of(&config.program()) else {
        return skipped("the installed sshd is of no known build");
    };
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let filter = std::env::var("SSHWHY_SCENARIOS").ok();
    let found = walk(&dir, filter.as_deref()).unwrap();
    let specs: Vec<Spec> = found
        .into_iter()
        .filter(|f| f.runs_on(&build).is_ok())
        .map(|f| f.case.spec)
        .collect();
    let all = specs.len();
    let (mut same, mut unheard, mut unsure) = (0usize, Vec::new(), Vec::new());
    let mut wrong = Vec::new();
    let mut on_the_wire = 0usize;
    for judged in lab.run_with(specs, &Served(build)) {
        let name = judged.spec.name.clone();
        let (Ok(outcome), Some(heard)) = (judged.outcome, judged.prediction) else {
            unheard.push(format!("{name}: the world could not be built"));
            continue;
        };
        let accepted = !matches!(outcome.truth, Truth::Refused(_));
        match &heard.wire {
            Ok(inside) if *inside == accepted => on_the_wire += 1,
            seen => wrong.push(format!(
                "{name}: on the wire {seen:?}, sshd {}",
                outcome.truth
            )),
        }
        match heard.log {
            Ok(Verdict::Undetermined) => unsure.push(name),
            Ok(verdict) if (verdict == Verdict::Accept) == accepted => same += 1,
            Ok(verdict) => wrong.push(format!("{name}: {verdict:?}, sshd {}", outcome.truth)),
            // No attempt reached the operator: nobody was let in either.
            Err(why) if accepted => wrong.push(format!("{name}: {why}, sshd accepted")),
            Err(why) => unheard.push(format!("{name}: {why}")),
        }
    }
    let _ = writeln!(
        std::io::stderr(),
        "{all} scenarios: {same} the same verdict, {} undetermined, \
         {} refused unheard; on the wire {on_the_wire}; {} wrong",
        unsure.len(),
        unheard.len(),
        wrong.len()
    );
    if std::env::var_os("SSHWHY_SHOW").is_some() {
        for line in unheard.iter().chain(&unsure) {
            let _ = writeln!(std::io::stderr(), "{line}");
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(unheard.is_empty(), "{unheard:#?}");
    assert!(filter.is_some() || same > 800, "{same} of {all}");
    assert!(unsure.is_empty(), "{unsure:#?}");
}
