//! A look from the inside (`check --via`, `check --collect`) at every scenario that the installed sshd
//! can be put into: root's names the scenario's own cause, and so does that of an account with sudo; an
//! ordinary user's never another one, and what it names as missing is missing and decides.

#![cfg(target_os = "linux")]

use std::io::Write as _;
use std::path::Path;

use sshwhy_lab::inside::{BySudo, Inside, Looked, Named, Sight, Views};
use sshwhy_lab::scenarios::{Found, walk};
use sshwhy_lab::targets::Target;
use sshwhy_lab::{Engine, Lab, LabConfig, Said};
use sshwhy_scenario::Spec;
use sshwhy_verdict::Verdict;
use sshwhy_world::Gap;

fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// All worlds, each by all accounts, in place of a few of each: minutes.
const ALL: &str = "SSHWHY_LAB_ALL";

/// What an ordinary user once named a cause for that was none: the line with the command is root's to
/// read.
const ONCE_WRONG: &str = "the line has a command, which runs in place of the session";

fn all() -> bool {
    std::env::var_os(ALL).is_some()
}

/// One case of four; with [`ALL`], each.
fn one_of_four(spec: &Spec, which: usize) -> bool {
    let sum: usize = spec.name.bytes().take(12).map(usize::from).sum();
    all() || sum % 4 == which
}

/// Where an ordinary user looks.
fn users(spec: &Spec) -> bool {
    spec.name.contains(ONCE_WRONG) || one_of_four(spec, 0)
}

/// Where one looks who becomes root by sudo.
fn sudo(spec: &Spec) -> bool {
    one_of_four(spec, 1)
}

/// What no look from the inside can have: nothing of the server's own is run, and its resolver is not
/// asked.
fn is_beyond(gap: &Gap) -> bool {
    gap.why.contains("nothing of the server's own is run") || gap.why.contains("resolver")
}

fn undetermined(v: &Looked) -> bool {
    v.said.verdict == Verdict::Undetermined && v.said.first().is_none() && !v.gaps.is_empty()
}

fn same(a: &Said, b: &Said) -> bool {
    (a.verdict, a.first()) == (b.verdict, b.first())
}

/// Whoever may not see the other homes, and a console that prints one account's alone, says what is
/// wrong in this one: true, enough to mend it by, and not where the key is instead.
fn part(said: &Said, right: &Said) -> bool {
    let here = ["key-not-listed", "keys-file-missing"];
    right.first() == Some("key-in-other-home") && said.first().is_some_and(|id| here.contains(&id))
}

/// What came of all worlds.
#[derive(Default)]
struct Tally {
    wrong: Vec<String>,
    root: usize,
    unsure: usize,
    once: usize,
    user: usize,
    open: usize,
    denied: usize,
    elsewhere: usize,
    settled: usize,
    later: usize,
    never: usize,
    sudo: usize,
    /// Where sudo does not let the account become root, and what it says.
    shut: Vec<String>,
}

impl Tally {
    fn fault(&mut self, text: String) {
        say(&text);
        self.wrong.push(text);
    }

    fn views(&mut self, place: &str, views: &Views) {
        match &views.root {
            Err(why) => self.fault(format!("{place}: root: {why}")),
            Ok(sight) => self.by_root(place, sight, &views.memory),
        }
        match &views.user {
            None => {}
            Some(Err(why)) => self.fault(format!("{place}: a user: {why}")),
            Some(Ok(sight)) => self.by_user(place, sight, &views.memory),
        }
        if let (Some(named), Ok(root)) = (&views.named, &views.root) {
            self.named(place, named, &root.session.said);
        }
        match (&views.sudo, &views.root) {
            (None, _) | (_, Err(_)) => {}
            (Some(Err(why)), _) => self.fault(format!("{place}: by sudo: {why}")),
            (Some(Ok(BySudo::Shut(why))), _) => self.shut.push(format!("{place}: {why}")),
            (Some(Ok(BySudo::Saw(sight))), Ok(root)) => self.by_sudo(place, sight, root),
        }
    }

    fn by_root(&mut self, place: &str, sight: &Sight, right: &Said) {
        let v = &sight.session;
        let beyond = undetermined(v) && v.gaps.iter().all(is_beyond);
        let is_right = same(&v.said, right);
        if !is_right && !beyond {
            self.fault(format!(
                "{place}: root: {} is {right}: {:?}",
                v.said, v.gaps
            ));
        }
        self.root += 1;
        self.unsure += usize::from(!is_right);
        let v = &sight.console;
        let is_right = same(&v.said, right);
        if !is_right && !part(&v.said, right) && !undetermined(v) {
            self.fault(format!("{place}: a console: {} is {right}", v.said));
        }
        self.once += usize::from(is_right);
    }

    fn by_user(&mut self, place: &str, sight: &Sight, right: &Said) {
        for v in [&sight.session, &sight.console] {
            if !same(&v.said, right) && !part(&v.said, right) && !undetermined(v) {
                self.fault(format!("{place}: a user: {} is {right}", v.said));
            }
        }
        self.user += 1;
        let v = &sight.session;
        self.open += usize::from(undetermined(v));
    }

    /// What is named as missing is, and with it the answer is root's.
    fn named(&mut self, place: &str, named: &Named, root: &Said) {
        for wrong in &named.wrong {
            self.fault(format!("{place}: a user: this is not missing: {wrong}"));
        }
        let said = &named.said;
        if !same(said, root) && !part(said, root) {
            self.fault(format!(
                "{place}: a user: told what was named it is {said}, and to root {root}"
            ));
        }
        self.denied += named.denied;
        self.elsewhere += named.elsewhere;
        match (said.verdict, named.rounds) {
            (Verdict::Undetermined, _) => self.never += 1,
            (_, 1) => self.settled += 1,
            _ => self.later += 1,
        }
    }

    /// By sudo all is as root has it.
    fn by_sudo(&mut self, place: &str, sight: &Sight, root: &Sight) {
        let of = |s: &Sight| [s.session.clone(), s.console.clone()];
        for (v, r) in of(sight).iter().zip(of(root)) {
            if *v != r {
                self.fault(format!("{place}: by sudo: {v:?}, and to root {r:?}"));
            }
        }
        self.sudo += 1;
    }

    fn say(&self) {
        let Tally {
            root, unsure, once, ..
        } = self;
        say(&format!(
            "by root over a session {root} worlds, {unsure} of them beyond what can be asked, {once} by \
             one script at a console; by a user {}, of them {} with a fact missing; {} wrong",
            self.user,
            self.open,
            self.wrong.len()
        ));
        say(&format!(
            "named as missing: {} facts that the account may not have there, {} that no file holds; told \
             by root they settle {} worlds at once, {} with what is named after them, {} not, which root \
             cannot either",
            self.denied, self.elsewhere, self.settled, self.later, self.never
        ));
        say(&format!(
            "by sudo {} worlds as root has them, {} where sudo lets nobody in:",
            self.sudo,
            self.shut.len()
        ));
        for place in &self.shut {
            say(&format!("  {place}"));
        }
    }
}

#[test]
fn from_the_inside_root_names_the_cause_and_nobody_names_another() {
    let target = Target::host(&LabConfig::default());
    let lab = Lab::new(LabConfig::default()).map_err(|e| e.to_string());
    let (lab, target) = match (lab, target) {
        (Ok(lab), Ok(target)) => (lab, target),
        (Err(why), _) | (_, Err(why)) => return say(&format!("SKIPPED: {why}")),
    };
    let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let mut found = walk(&scenarios, None).unwrap();
    found.retain(|f| f.runs_on(&target.build).is_ok());
    if !all() {
        found.dedup_by(|b, a| a.file == b.file && !b.case.spec.name.contains(ONCE_WRONG));
    }
    let has_sudo = Path::new("/usr/bin/sudo").exists();
    if !has_sudo {
        say("SKIPPED: the way by sudo: sudo is not installed");
    }
    let inside = Inside {
        engine: Engine {
            build: target.build.clone(),
        },
        users,
        sudo: if has_sudo { sudo } else { |_| false },
    };
    let places: Vec<String> = found.iter().map(Found::place).collect();
    let specs: Vec<Spec> = found.into_iter().map(|f| f.case.spec).collect();
    let mut tally = Tally::default();
    lab.each(specs, &inside, |i, judged| {
        let place = places.get(i).map(String::as_str).unwrap_or_default();
        match &judged.prediction {
            Some(views) => tally.views(place, views),
            None => tally.fault(format!("{place}: not run: {:?}", judged.outcome.err())),
        }
    });
    tally.say();
    let t = &tally;
    assert!(t.wrong.is_empty(), "{}", t.wrong.join("\n"));
    assert!(t.root > 100 && t.user > 20, "{}, {}", t.root, t.user);
    assert!(t.once * 10 > t.root * 8, "{} of {}", t.once, t.root);
    assert!(t.settled + t.later > 3, "{}, {}", t.settled, t.later);
    if has_sudo {
        assert!(t.sudo > 20, "{}", t.sudo);
        // Where PAM has no service for anybody, sudo has none either.
        let by_pam = |place: &String| place.contains("/pam-");
        let known = t.shut.len() <= 6 && t.shut.iter().all(by_pam);
        assert!(known, "{}", t.shut.join("\n"));
    }
}
