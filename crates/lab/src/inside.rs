//! What `check --via` and `check --collect` gather, gathered in the lab's root by the same scripts, and
//! judged.

use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};

use sshwhy_collect::bundle::{Bundle, BundleWorld, script};
use sshwhy_scenario::{Scene, Spec};
use sshwhy_verdict::{Server, Verdict, judge};
use sshwhy_world::{Gap, World as _};

use crate::lab::Predictor;
use crate::predict::{CONFIG, Engine, OnDisk, Said};

/// Rounds of questions over a session, as `check --via` has at most.
const ROUNDS: usize = 24;
/// Somebody whom no world knows, where the refused user has no account.
const NOBODY: (u32, u32) = (65_534, 65_534);

/// Runs the scripts as root and as an ordinary user.
pub struct Inside {
    /// Who judges.
    pub engine: Engine,
    /// In which worlds an ordinary user looks, too.
    pub users: fn(&Spec) -> bool,
}

/// What one account's look came to.
#[derive(Clone, Debug)]
pub struct Looked {
    /// The judgement.
    pub said: Said,
    /// What is missing.
    pub gaps: Vec<Gap>,
    /// The build that the bundle itself tells.
    pub build: Option<String>,
}

/// What one account sees.
#[derive(Clone, Debug)]
pub struct Sight {
    /// What a console printed, once.
    pub console: Looked,
    /// Over a session, asked until nothing is missing that can be had.
    pub session: Looked,
}

/// The answers about one world.
#[derive(Clone, Debug)]
pub struct Views {
    /// Of the world in memory: what is right.
    pub memory: Said,
    /// As root.
    pub root: Result<Sight, String>,
    /// As the refused user, or as nobody; where that was asked for.
    pub user: Option<Result<Sight, String>>,
}

impl Inside {
    fn judge(&self, scene: &Scene, bundle: Bundle) -> (Looked, BundleWorld) {
        let told = bundle.build(None).map(|b| b.name);
        let world = OnDisk {
            live: BundleWorld::new(bundle, self.engine.build.clone(), &scene.attempt.user),
            daemon: scene.daemon.clone(),
        };
        let server = Server::read(&world, CONFIG);
        let unread = world.live.unknown();
        let judgement = judge(&server, &world, &scene.attempt);
        let mut said = Said::from(&judgement);
        let mut gaps = judgement.gaps;
        // As the command does: a configuration that was not read whole decides nothing.
        if !unread.is_empty() {
            said.verdict = Verdict::Undetermined;
            said.causes.clear();
            gaps = unread;
        }
        let looked = Looked {
            said,
            gaps,
            build: told,
        };
        (looked, world.live)
    }

    fn look(&self, scene: &Scene, who: Option<(u32, u32)>) -> Result<Sight, String> {
        let user = &scene.attempt.user;
        let none = "the name does not fit a script";
        let text = script::console(user, "").ok_or(none)?;
        let bundle = Bundle::read(&run(&text, who)?);
        if !bundle.whole || bundle.damaged > 0 {
            return Err("the script did not come to its end".into());
        }
        let (console, mut world) = self.judge(scene, bundle);
        let mut session = console.clone();
        for _ in 0..ROUNDS {
            let wants = world.wanted();
            let more = script::more(user, wants.iter()).filter(|_| !wants.is_empty());
            let Some(more) = more else { break };
            let mut bundle = world.into_bundle();
            bundle.add(&run(&more, who)?);
            (session, world) = self.judge(scene, bundle);
        }
        Ok(Sight { console, session })
    }
}

impl Predictor for Inside {
    type Output = Views;

    fn predict(&self, spec: &Spec, scene: &Scene) -> Views {
        let scene = &self.engine.as_it_is_run(scene);
        let account = scene.world().account(&scene.attempt.user).ok().flatten();
        let who = account
            .map(|a| (a.uid, a.gid))
            .filter(|(uid, _)| *uid != 0)
            .unwrap_or(NOBODY);
        Views {
            memory: Said::from(&self.engine.in_memory(scene)),
            root: self.look(scene, None),
            user: (self.users)(spec).then(|| self.look(scene, Some(who))),
        }
    }
}

/// What the shell prints for a script on its standard input.
fn run(script: &str, who: Option<(u32, u32)>) -> Result<Vec<u8>, String> {
    let io = |e: std::io::Error| format!("/bin/sh: {e}");
    let mut command = Command::new("/bin/sh");
    command
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    if let Some((uid, gid)) = who {
        command.uid(uid).gid(gid);
    }
    let mut child = command.spawn().map_err(io)?;
    let stdin = child.stdin.take();
    let text = script.as_bytes().to_vec();
    // The shell reads as it runs, and prints meanwhile.
    let writer = std::thread::spawn(move || stdin.map(|mut s| s.write_all(&text)));
    let out = child.wait_with_output().map_err(io)?;
    let _ = writer.join();
    Ok(out.stdout)
}
