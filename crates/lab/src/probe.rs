//! A world as `sshwhy check` sees it: its own probe, on a connection of the lab's.

use std::net::TcpStream;
use std::time::{SystemTime, UNIX_EPOCH};

use sshwhy_causes::{Certainty, Finding};
use sshwhy_check::identity::{AgentState, From, Identity, Offers, Secret};
use sshwhy_check::probe::{Known, Limits, Question, probe_over};
use sshwhy_check::proven::Case;
use sshwhy_check::reach::Link;
use sshwhy_check::signs;
use sshwhy_check::target::{Asked, Target};
use sshwhy_rank::{Place, Signs};
use sshwhy_scenario::{KeyMaterial, Scene, Sign, Spec};

use crate::keys;

/// What `check` makes of a world.
#[derive(Clone, Debug)]
pub struct Checked {
    /// Where it puts the end of the login.
    pub place: Place,
    /// What it calls certain.
    pub certain: Vec<&'static str>,
    /// What it says first, and does not call certain.
    pub likely: Vec<&'static str>,
    /// By what it ranks.
    pub signs: Signs,
    /// What the server's log had of it at the default LogLevel.
    pub log: Vec<String>,
}

/// Whether a world's attempt is one that `check` would make: with a whole key, as a client of today
/// signs. `check` offers nothing that no honest client would.
pub(crate) fn would(spec: &Spec) -> bool {
    let a = &spec.attempt;
    a.sign == Sign::Good && a.algorithms.is_empty() && a.key.is_some()
}

/// Looks at a world.
pub(crate) fn check(
    stream: TcpStream,
    spec: &Spec,
    scene: &Scene,
    keys: &dyn KeyMaterial,
) -> Option<Checked> {
    let key = scene.attempt.key.as_ref()?;
    let signer = keys::signer(&spec.attempt, keys);
    let asked = Asked {
        target: b"lab".to_vec(),
        port: Some(scene.attempt.to.port),
        user: Some(scene.attempt.user.clone()),
        config: Some(b"none".to_vec()),
        options: Vec::new(),
        session: None,
    };
    let target = Target::openssh(&asked).ok()?;
    let identity = Identity {
        from: From::File {
            path: "/lab/key".into(),
            named: true,
        },
        blob: key.blob.clone(),
        public: key.key.as_ref().ok().cloned(),
        comment: Vec::new(),
        secret: signer.map_or(Secret::Missing, Secret::Ready),
        troubles: Vec::new(),
        age_days: None,
        format: None,
    };
    let offers = Offers {
        identities: vec![identity],
        agent: AgentState::NotAsked,
    };
    let known = Known::default();
    let question = Question {
        others: &[],
        identities: &offers.identities,
        order: &[0],
        known: &known,
        limits: Limits {
            session: true,
            ..Limits::default()
        },
        passphrase: &|_| None,
    };
    let report = probe_over(Link::Tcp(stream), &target, &question);
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let case = Case {
        others: &[],
        target: &target,
        offers: &offers,
        report: &report,
        subject: Some(0),
        now: now.map_or(0, |d| d.as_secs()),
    };
    let found = case.causes().into_iter().chain(case.after_login());
    let (certain, likely): (Vec<_>, Vec<_>) =
        found.partition(|f| f.certainty == Certainty::Certain);
    let ids = |f: &[Finding]| f.iter().map(|f| f.cause.id).collect();
    Some(Checked {
        place: case.place(),
        certain: ids(&certain),
        likely: ids(&likely),
        signs: signs::of(&case),
        log: Vec::new(),
    })
}
