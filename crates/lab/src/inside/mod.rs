//! What `check --via` and `check --collect` gather, gathered in the lab's root by the same scripts, and
//! judged.

mod named;
mod who;

use std::collections::BTreeSet;

use sshwhy_collect::bundle::{Bundle, BundleWorld, script};
use sshwhy_scenario::{Scene, Spec};
use sshwhy_verdict::{Server, Verdict, judge};
use sshwhy_world::{Gap, World};

use crate::lab::Predictor;
use crate::predict::{CONFIG, Engine, OnDisk, Said};

pub use named::Named;
use named::Told;
use who::{Ids, Sudo, Who};

/// Rounds of questions over a session, as `check --via` has at most.
const ROUNDS: usize = 24;

/// Runs the scripts as root, as an ordinary user, and as one who becomes root by sudo.
pub struct Inside {
    /// Who judges.
    pub engine: Engine,
    /// In which worlds an ordinary user looks, too.
    pub users: fn(&Spec) -> bool,
    /// In which worlds an account with sudo looks, too.
    pub sudo: fn(&Spec) -> bool,
}

/// What one account's look came to.
#[derive(Clone, Debug, PartialEq, Eq)]
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

/// What an account sees that becomes root by sudo.
#[derive(Clone, Debug)]
pub enum BySudo {
    /// That way does not let in: what sudo says.
    Shut(String),
    /// It does.
    Saw(Box<Sight>),
}

/// The answers about one world.
#[derive(Clone, Debug)]
pub struct Views {
    /// Of the world in memory: what is right.
    pub memory: Said,
    /// As root.
    pub root: Result<Sight, String>,
    /// As the refused user, or as nobody where there is no such account; where that was asked for.
    pub user: Option<Result<Sight, String>>,
    /// What the facts are worth that the user's answer names as missing; where it does.
    pub named: Option<Named>,
    /// As another account, by sudo; where that was asked for.
    pub sudo: Option<Result<BySudo, String>>,
}

/// A sight, and the facts it rests on.
type Seen = (Sight, BundleWorld);

impl Inside {
    /// Judges what a world of facts tells; `unread` says what of the configuration is missing, once
    /// that was read.
    fn judge<W: World>(
        &self,
        scene: &Scene,
        facts: W,
        unread: impl Fn(&W) -> Vec<Gap>,
    ) -> (Said, Vec<Gap>, W) {
        let world = OnDisk {
            live: facts,
            daemon: scene.daemon.clone(),
        };
        let server = Server::read(&world, CONFIG);
        let unread = unread(&world.live);
        let judgement = judge(&server, &world, &scene.attempt);
        let mut said = Said::from(&judgement);
        let mut gaps = judgement.gaps;
        // As the command does: a configuration that was not read whole decides nothing, and where a fact
        // is missing no cause is named.
        if !unread.is_empty() {
            said.verdict = Verdict::Undetermined;
            gaps = unread;
        }
        if said.verdict == Verdict::Undetermined {
            said.causes.clear();
        }
        (said, gaps, world.live)
    }

    fn judge_bundle(&self, scene: &Scene, bundle: Bundle) -> (Looked, BundleWorld) {
        let build = bundle.build(None).map(|b| b.name);
        let facts = BundleWorld::new(bundle, self.engine.build.clone(), &scene.attempt.user);
        let (said, gaps, facts) = self.judge(scene, facts, BundleWorld::unknown);
        (Looked { said, gaps, build }, facts)
    }

    fn look(&self, scene: &Scene, who: &Who) -> Result<Seen, String> {
        let user = &scene.attempt.user;
        let none = "the name does not fit a script";
        let text = script::console(user, "").ok_or(none)?;
        let bundle = Bundle::read(&who.run(&text)?.stdout);
        if !bundle.whole || bundle.damaged > 0 {
            return Err("the script did not come to its end".into());
        }
        let (console, mut world) = self.judge_bundle(scene, bundle);
        let mut session = console.clone();
        for _ in 0..ROUNDS {
            let wants = world.wanted();
            let more = script::more(user, wants.iter()).filter(|_| !wants.is_empty());
            let Some(more) = more else { break };
            let mut bundle = world.into_bundle();
            bundle.add(&who.run(&more)?.stdout);
            (session, world) = self.judge_bundle(scene, bundle);
        }
        Ok((Sight { console, session }, world))
    }

    /// As another account that becomes root by sudo.
    fn by_sudo(&self, scene: &Scene) -> Result<BySudo, String> {
        let sudo = match Sudo::grant(scene).map_err(|e| format!("sudo: {e}"))? {
            Ok(sudo) => sudo,
            Err(shut) => return Ok(BySudo::Shut(shut)),
        };
        let (sight, _) = self.look(scene, &sudo.who())?;
        Ok(BySudo::Saw(Box::new(sight)))
    }

    /// What the facts are worth that an answer names as missing: told by root, do they decide?
    fn named(&self, scene: &Scene, user: &Seen, root: &BundleWorld, who: &Who) -> Named {
        let (sight, seen) = user;
        // What one script at a console did not ask for is not missing for want of rights.
        let refused = sight.console.gaps.iter().filter(|g| g.tried);
        let mut named = Named::of(sight.session.gaps.iter().chain(refused), who);
        let mut given = BTreeSet::new();
        let mut gaps = sight.session.gaps.clone();
        named.said = sight.session.said.clone();
        while named.said.verdict == Verdict::Undetermined && named.rounds < ROUNDS {
            let before = given.len();
            given.extend(gaps.iter().map(|g| g.what.clone()));
            if given.len() == before {
                break;
            }
            named.rounds += 1;
            let told = Told::new(seen, root, &given);
            (named.said, gaps, _) = self.judge(scene, told, Told::unknown);
        }
        named
    }
}

impl Predictor for Inside {
    type Output = Views;

    fn predict(&self, spec: &Spec, scene: &Scene) -> Views {
        let scene = &self.engine.as_it_is_run(scene);
        let who = Who::User(Ids::of(scene, &scene.attempt.user).unwrap_or(Ids::NOBODY));
        let root = self.look(scene, &Who::Root);
        let user = (self.users)(spec).then(|| self.look(scene, &who));
        let named = match (&root, &user) {
            (Ok((_, root)), Some(Ok(user)))
                if user.0.session.said.verdict == Verdict::Undetermined =>
            {
                Some(self.named(scene, user, root, &who))
            }
            _ => None,
        };
        Views {
            memory: Said::from(&self.engine.in_memory(scene)),
            root: root.map(|(sight, _)| sight),
            user: user.map(|seen| seen.map(|(sight, _)| sight)),
            named,
            sudo: (self.sudo)(spec).then(|| self.by_sudo(scene)),
        }
    }
}
