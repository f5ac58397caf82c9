//! How good the client's view is: what it calls proven, where it places a refusal, and how well its
//! probabilities hold, measured on what real servers did.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::client;
use crate::lab::{Lab, Predictor};
use crate::outcome::{Answer, Outcome, Step, Truth};
use crate::own_side::FAULTS;
use crate::predict::{Engine, Said};
use crate::probe::Checked;
use crate::scenarios::Found;
use crate::targets::Target;
use sshwhy_causes::Seen as View;
use sshwhy_rank::{Choice, Model, Place, Question, Ranked, Signs, proven};
use sshwhy_scenario::{Scene, Spec, Verdict as Expected};

/// By which the halves for fitting and for reporting are drawn.
pub const SEED: u64 = 20_261_207;

/// Most questions that are asked.
pub const QUESTIONS: usize = 3;

/// A world as its client saw it, and what is true of it.
#[derive(Clone, Debug)]
pub struct Seen {
    /// `FILE:LINE: cause: heading`.
    pub name: String,
    /// The server's name.
    pub on: String,
    /// The true cause.
    pub truth: String,
    /// What the client saw.
    pub signs: Signs,
    /// Where the login stopped, by the server's own monitor and the wire together.
    pub place: Place,
    /// What `check`'s own probe makes of it, where it would offer such a key.
    pub checked: Option<Checked>,
    /// The true answers.
    pub answers: Vec<(Question, Choice)>,
    /// The fault is on the client's own side: what `check` itself says counts.
    pub own_side: bool,
    /// In which half it is: that of fitting, or that of reporting.
    pub fits: bool,
}

impl Seen {
    /// What is said for certain.
    #[must_use]
    pub fn certain(&self) -> Vec<&'static str> {
        match &self.checked {
            Some(checked) if self.own_side => checked.certain.clone(),
            _ => proven(&self.signs),
        }
    }

    /// What is said first and for certain, then what is ranked.
    #[must_use]
    pub fn list(&self, model: &Model, ask: bool) -> Vec<Ranked> {
        let mut signs = self.signs.clone();
        // Who is let in is asked nothing, as `check --ask` does it.
        if ask && !matches!(signs.place, Place::Accepted | Place::Session) {
            let mut passed = Vec::new();
            for _ in 0..QUESTIONS {
                let Some((question, _)) = model.best(&signs, &passed) else {
                    break;
                };
                match self.answers.iter().find(|(q, _)| *q == question) {
                    Some(answer) => signs.answers.push(*answer),
                    None => passed.push(question),
                }
            }
        }
        let certain = self.certain();
        let ranked = model.rank(&signs);
        let mut out: Vec<Ranked> = certain
            .iter()
            .map(|id| Ranked {
                id,
                probability: 1.0,
                group: "",
            })
            .collect();
        // What `check` names as likely stands before what is ranked, with the rank's own number.
        let likely = self.checked.iter().filter(|_| self.own_side);
        let likely: Vec<_> = likely.flat_map(|c| c.likely.iter().copied()).collect();
        let of = |id: &str| ranked.iter().find(|r| r.id == id).copied();
        out.extend(likely.iter().filter_map(|id| of(id)));
        let said = |r: &Ranked| certain.contains(&r.id) || likely.contains(&r.id);
        out.extend(ranked.iter().filter(|r| !said(r)).copied());
        out
    }

    /// Whether the wire proves the cause here. Whether another account than root has uid 0 no
    /// client sees, nor that `false` is a shell.
    #[must_use]
    pub fn provable(&self) -> bool {
        if self.own_side {
            // Empty agents and locked ones answer alike, and so do the queries of any two keys.
            return !matches!(self.place, Place::Accepted | Place::Query)
                && self.truth != "agent-locked";
        }
        let said = |s: &sshwhy_rank::Session| !s.said.is_empty();
        PROVEN.contains(&self.truth.as_str())
            && match self.truth.as_str() {
                "root-login-off" => self.signs.user == b"root" && self.place == Place::Signature,
                "cert-expired" | "cert-not-yet-valid" | "cert-is-host" => {
                    self.place == Place::Query
                }
                "kex-no-common" => self.signs.no_common,
                "shell-nologin" | "root-cloud-image-banner" => {
                    self.signs.session.as_ref().is_some_and(said)
                }
                "authentication-methods-need-more" => self.place == Place::Partial,
                _ => true,
            }
    }

    /// What the wire is said to prove, and does not.
    #[must_use]
    pub fn wrongly_certain(&self) -> Vec<&'static str> {
        self.not_so(self.certain())
    }

    /// Of causes that are called certain, those that are not so.
    fn not_so(&self, mut certain: Vec<&'static str>) -> Vec<&'static str> {
        let stands_for = |id: &str| {
            id == self.truth
                || (id == "publickey-not-offered" && METHOD.contains(&self.truth.as_str()))
        };
        certain.retain(|id| !stands_for(id));
        certain
    }
}

/// What `publickey-not-offered` is seen of.
const METHOD: [&str; 5] = [
    "pubkey-authentication-off",
    "authentication-methods-exclude-publickey",
    "authentication-methods-order",
    "max-auth-tries-zero",
    "keyword-shadowed",
];

/// Causes that the wire proves wherever a client meets them.
pub const PROVEN: [&str; 13] = [
    "kex-no-common",
    "pubkey-authentication-off",
    "authentication-methods-exclude-publickey",
    "authentication-methods-order",
    "authentication-methods-need-more",
    "authentication-methods-unsatisfiable",
    "cert-is-host",
    "cert-expired",
    "cert-not-yet-valid",
    "root-login-off",
    "root-login-forced-commands-only",
    "shell-nologin",
    "root-cloud-image-banner",
];

/// How the numbers came out, over some worlds, each weighted by how often its cause happens.
#[derive(Clone, Debug, Default)]
pub struct Score {
    /// Worlds.
    pub worlds: usize,
    /// Placed at the right step.
    pub placed: usize,
    /// Of a cause that the wire proves, and how many of these came first and certain.
    pub provable: (usize, usize),
    /// Worlds where something else was called certain.
    pub wrongly_certain: usize,
    /// The true cause was listed with 2 % or more: share of the weight, and of the worlds.
    pub listed: (f64, f64),
    /// The true cause was among the first three: share of the weight, and of the worlds.
    pub first_three: (f64, f64),
    /// Mean of -ln of the true cause's probability.
    pub log_loss: f64,
    /// By tenths of the probability given: the weight of what was said, its mean, and of what was
    /// true.
    pub curve: [(f64, f64, f64); 10],
    /// By cause: worlds, in the first three, mean probability.
    pub causes: BTreeMap<String, (usize, usize, f64)>,
}

impl Score {
    /// Measures.
    #[must_use]
    pub fn of(model: &Model, seen: &[&Seen], ask: bool) -> Score {
        let mut out = Score::default();
        let mut count: BTreeMap<&str, f64> = BTreeMap::new();
        for s in seen {
            *count.entry(&s.truth).or_default() += 1.0;
        }
        let mut all = 0.0;
        for s in seen {
            let often = model.cases(&s.truth).unwrap_or(0.0);
            let weight = often / count.get(s.truth.as_str()).copied().unwrap_or(1.0);
            let list = s.list(model, ask);
            let certain = s.certain();
            out.worlds += 1;
            out.placed += usize::from(s.signs.place == s.place);
            out.wrongly_certain += usize::from(!s.wrongly_certain().is_empty());
            if s.provable() {
                out.provable.0 += 1;
                out.provable.1 +=
                    usize::from(!certain.is_empty() && s.wrongly_certain().is_empty());
            }
            let at = list.iter().position(|c| c.id == s.truth);
            let p = at.and_then(|n| list.get(n)).map_or(0.0, |c| c.probability);
            let three = at.is_some_and(|n| n < 3);
            all += weight;
            if p >= 0.02 {
                out.listed.0 += weight;
                out.listed.1 += 1.0;
            }
            if three {
                out.first_three.0 += weight;
                out.first_three.1 += 1.0;
            }
            out.log_loss -= weight * p.max(0.0002).ln();
            // What stands behind a proven one is no probability of this kind, and who is let in is
            // shown none.
            let shown = s.signs.place != Place::Accepted;
            let guesses = list.iter().filter(|_| certain.is_empty() && shown);
            for c in guesses {
                let tenth = ((c.probability * 10.0) as usize).min(9);
                if let Some(bin) = out.curve.get_mut(tenth) {
                    bin.0 += weight;
                    bin.1 += weight * c.probability;
                    bin.2 += if c.id == s.truth { weight } else { 0.0 };
                }
            }
            let row = out.causes.entry(s.truth.clone()).or_default();
            row.0 += 1;
            row.1 += usize::from(three);
            row.2 += p;
        }
        let n = out.worlds.max(1) as f64;
        for share in [&mut out.listed, &mut out.first_three] {
            share.0 /= all.max(f64::MIN_POSITIVE);
            share.1 /= n;
        }
        out.log_loss /= all.max(f64::MIN_POSITIVE);
        for bin in &mut out.curve {
            if bin.0 > 0.0 {
                bin.1 /= bin.0;
                bin.2 /= bin.0;
            }
        }
        for row in out.causes.values_mut() {
            row.2 /= row.0.max(1) as f64;
        }
        out
    }
}

/// The most that any ranking could reach without a question: worlds that look alike to the client
/// have one list, and of that 49 causes at most can have 2 % or more. Share of the weight that is
/// among the first three, and that is listed. Worlds that differ by chance alone count as told
/// apart, so that what can be reached is less.
#[must_use]
pub fn bound(model: &Model, seen: &[&Seen]) -> (f64, f64) {
    let mut count: BTreeMap<&str, f64> = BTreeMap::new();
    for s in seen {
        *count.entry(&s.truth).or_default() += 1.0;
    }
    let mut alike: BTreeMap<String, BTreeMap<&str, f64>> = BTreeMap::new();
    for s in seen {
        let often = model.cases(&s.truth).unwrap_or(0.0);
        let weight = often / count.get(s.truth.as_str()).copied().unwrap_or(1.0);
        let g = &s.signs;
        let said = s.checked.iter().filter(|_| s.own_side);
        let said: Vec<_> = said.map(|c| (&c.certain, &c.likely)).collect();
        let looks = format!(
            "{:?}",
            (
                (g.place, g.server, g.debian, g.user == b"root", g.key),
                (g.certificate, g.listed, g.sha1_only, s.certain(), said),
            )
        );
        *alike.entry(looks).or_default().entry(&s.truth).or_default() += weight;
    }
    let (mut all, mut three, mut listed) = (0.0, 0.0, 0.0);
    for causes in alike.values() {
        let mut weights: Vec<f64> = causes.values().copied().collect();
        weights.sort_by(|a, b| b.total_cmp(a));
        all += weights.iter().sum::<f64>();
        three += weights.iter().take(3).sum::<f64>();
        listed += weights.iter().take(49).sum::<f64>();
    }
    let all = all.max(f64::MIN_POSITIVE);
    (three / all, listed / all)
}

/// What the floor may cost in log-loss, in nats.
const MOST_LOST: f64 = 0.05;

/// What was counted of worlds: where each cause was seen, and how each question was answered.
fn counted(seen: &[&Seen]) -> Model {
    let mut model = Model::unfitted();
    for s in seen {
        model.saw(&s.truth, s.signs.place, 1.0);
        for (question, choice) in &s.answers {
            model.heard(&s.truth, *question, *choice, 1.0);
        }
    }
    model
}

/// Fits a model on worlds: where each cause was seen, then how far to trust counts and answers.
/// What is chosen is chosen by worlds that were not counted: one half of these is measured by what
/// was counted on the other, and the other way.
#[must_use]
pub fn fit(seen: &[&Seen]) -> Model {
    let mut parted: Vec<Seen> = seen.iter().map(|s| (*s).clone()).collect();
    split(&mut parted, SEED.rotate_left(7));
    let (one, other): (Vec<&Seen>, Vec<&Seen>) = parted.iter().partition(|s| s.fits);
    let folds = [(counted(&one), &other), (counted(&other), &one)];
    let measured = |change: &dyn Fn(&mut Model), ask: bool| {
        let (mut loss, mut listed) = (0.0, 0.0);
        for (model, seen) in &folds {
            let mut model = model.clone();
            change(&mut model);
            let score = Score::of(&model, seen, ask);
            loss += score.log_loss / 2.0;
            listed += score.listed.0 / 2.0;
        }
        (loss, listed)
    };
    let trusts = [0.0, 0.05, 0.1, 0.2].map(|spread| [0.85, 0.93, 0.97].map(|a| (spread, a)));
    let losses: Vec<(f64, (f64, f64))> = std::thread::scope(|scope| {
        let tried = trusts.map(|row| {
            scope.spawn(move || {
                row.map(|(spread, answer)| {
                    let change = |m: &mut Model| (m.spread, m.answer) = (spread, answer);
                    let loss = measured(&change, false).0 + measured(&change, true).0;
                    (loss, (spread, answer))
                })
            })
        });
        tried
            .into_iter()
            .flat_map(|t| t.join().into_iter().flatten())
            .collect()
    });
    let mut model = counted(seen);
    if let Some((_, (spread, answer))) = losses.into_iter().min_by(|a, b| a.0.total_cmp(&b.0)) {
        (model.spread, model.answer) = (spread, answer);
    }
    let (spread, answer) = (model.spread, model.answer);
    // The more is lifted to where it is listed the better, as long as it costs the probabilities
    // little. Without questions, where it costs most; questions do not go by it.
    let with = |room: f64, least: f64| {
        measured(
            &|m: &mut Model| {
                (m.spread, m.answer, m.room, m.least) = (spread, answer, room, least);
            },
            false,
        )
    };
    let (before, mut best) = (with(0.0, 1.0), (0.0, 1.0));
    let mut most = before.1;
    for room in [0.2, 0.4, 0.6, 0.8] {
        for least in [0.002, 0.004, 0.008] {
            let (loss, listed) = with(room, least);
            if loss - before.0 <= MOST_LOST && listed > most {
                most = listed;
                best = (room, least);
            }
        }
    }
    (model.room, model.least) = best;
    model
}

/// The file `crates/rank/data/fitted.txt` for a model.
#[must_use]
pub fn fitted(model: &Model) -> String {
    let mut out = String::from(
        "# Fitted on one half of the scenarios by `sshwhy-lab --check --fit`: how far counts are\n\
         # spread over all causes, how often an answer is what the table says, and where each cause\n\
         # was seen, and what was answered of it.\n",
    );
    out.push_str(&model.fitted());
    out
}

/// Every refused or ended login of the scenarios on one server, as its client saw it.
#[must_use]
pub fn look(all: &[Found], target: &Target, lab: &Lab) -> Vec<Seen> {
    let build = &target.build;
    let let_in = |f: &Found| {
        let expected = f.case.spec.expectation(build);
        expected.is_some_and(|e| e.verdict == Expected::Accept && !e.names_an_end())
    };
    let fit: Vec<&Found> = all
        .iter()
        .filter(|f| f.runs_on(build).is_ok() && !let_in(f))
        .collect();
    let engine = InMemory(Engine {
        build: build.clone(),
    });
    let specs: Vec<_> = fit.iter().map(|f| f.case.spec.clone()).collect();
    let judged = lab.run_with(specs, &engine);
    let mut out = Vec::new();
    for (found, judged) in fit.iter().zip(judged) {
        let (Ok(outcome), Some(said)) = (judged.outcome, judged.prediction) else {
            continue;
        };
        let refused = matches!(outcome.truth, Truth::Refused(_));
        // What the lab's agreement holds already: the engine knows what is true here.
        let truth = if refused {
            said.first()
        } else {
            said.after_login.first().copied()
        };
        let Ok(scene) = judged.spec.scene(&sshwhy_scenario::Embedded) else {
            continue;
        };
        let ends = refused || matches!(outcome.truth, Truth::Ended(_)) || !outcome.wire.own_session;
        let (Some(truth), true) = (truth, ends) else {
            continue;
        };
        let signs = client::signs(&judged.spec, &scene, &outcome);
        let log = judged.checked.as_ref().map(|c| c.log.as_slice());
        let answers = Question::ALL
            .into_iter()
            .filter_map(|q| Some((q, client::answer(q, &judged.spec, &scene, log)?)))
            .collect();
        out.push(Seen {
            name: found.place(),
            on: target.name.clone(),
            truth: truth.to_owned(),
            place: true_place(truth, &outcome, signs.place),
            signs,
            checked: judged.checked,
            answers,
            own_side: false,
            fits: false,
        });
    }
    out.extend(own_side(target, lab));
    out
}

/// The worlds whose fault is on the client's own side, on one server. One that cannot be made is
/// said, and left out.
fn own_side(target: &Target, lab: &Lab) -> Vec<Seen> {
    let faults = FAULTS.iter().filter(|f| f.runs_on(&target.build));
    let faults: Vec<_> = faults.collect();
    let looked = match lab.own_side(&faults) {
        Ok(looked) => looked,
        Err(why) => {
            skipped(&format!("the client's own side on {}: {why}", target.name));
            return Vec::new();
        }
    };
    let mut out = Vec::new();
    for (fault, spec, checked) in looked {
        let (checked, scene) = match (checked, spec.scene(&sshwhy_scenario::Embedded)) {
            (Ok(checked), Ok(scene)) => (checked, scene),
            (Err(why), _) => {
                skipped(&format!("{} on {}: {why}", fault.name(), target.name));
                continue;
            }
            _ => continue,
        };
        let answers = Question::ALL
            .into_iter()
            .filter_map(|q| Some((q, client::answer(q, &spec, &scene, Some(&checked.log))?)))
            .collect();
        out.push(Seen {
            name: fault.name(),
            on: target.name.clone(),
            truth: fault.cause.to_owned(),
            place: fault.place,
            signs: checked.signs.clone(),
            answers,
            checked: Some(checked),
            own_side: true,
            fits: false,
        });
    }
    out
}

fn skipped(what: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stdout(), "SKIPPED: {what}");
}

/// Parts the worlds in two halves, within each cause by its scenarios: those of one scenario stay
/// together, whatever server they are on. Where a cause has one scenario alone, its servers are
/// parted.
pub fn split(seen: &mut [Seen], seed: u64) {
    let hash = |text: &str| {
        let start = 0xcbf2_9ce4_8422_2325_u64 ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut h = text.bytes().fold(start, |h, b| {
            (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)
        });
        h ^= h >> 31;
        h.wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 7
    };
    let mut names: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for s in seen.iter() {
        names
            .entry(s.truth.clone())
            .or_default()
            .insert(s.name.clone());
    }
    let alone = |s: &Seen| names.get(&s.truth).is_some_and(|n| n.len() == 1);
    let unit = |s: &Seen| {
        if alone(s) {
            format!("{} on {}", s.name, s.on)
        } else {
            s.name.clone()
        }
    };
    let mut units: BTreeMap<String, BTreeSet<(u64, String)>> = BTreeMap::new();
    for s in seen.iter() {
        let unit = unit(s);
        units
            .entry(s.truth.clone())
            .or_default()
            .insert((hash(&unit), unit));
    }
    for s in seen.iter_mut() {
        let unit = unit(s);
        let order = units.get(&s.truth).into_iter().flatten();
        let at = order.map(|(_, u)| u).position(|u| *u == unit).unwrap_or(0);
        // Of an odd number now this half has one more, now that.
        s.fits = (at as u64).wrapping_add(hash(&s.truth)) & 1 == 0;
    }
}

/// The engine's answer from memory alone: what is true is held elsewhere.
struct InMemory(Engine);

impl Predictor for InMemory {
    type Output = Said;
    fn predict(&self, _: &Spec, scene: &Scene) -> Said {
        Said::from(&self.0.in_memory(scene))
    }
}

/// Where a login really stopped: as the catalogue has it of its cause, or, where a cause has other
/// looks in some worlds, as far as the server's log says that it came.
fn true_place(id: &str, outcome: &Outcome, seen: Place) -> Place {
    let Some(expected) = catalogued(id, outcome) else {
        return seen;
    };
    let wire = &outcome.wire;
    if wire
        .identification
        .as_ref()
        .is_some_and(|i| i.contains("dropbear"))
    {
        // The catalogue speaks of sshd; of Dropbear the lab's own word stands.
        let same = match outcome.truth {
            Truth::Refused(Step::Query) => matches!(seen, Place::Query | Place::Disconnected),
            Truth::Refused(Step::Signature) => {
                matches!(seen, Place::Signature | Place::Closed | Place::Unsigned)
            }
            Truth::Refused(Step::Method) => matches!(seen, Place::Method | Place::Disconnected),
            _ => seen == expected,
        };
        return if same { seen } else { expected };
    }
    let logged = |words: &str| outcome.log.iter().any(|l| l.contains(words));
    let came = if logged("Accepted publickey for ") || logged("Partial publickey for ") {
        4
    } else if logged("Postponed publickey for ") {
        3
    } else if logged("method publickey") {
        2
    } else if logged("userauth-request for user ") {
        1
    } else {
        0
    };
    let step = |place| match place {
        Place::Session | Place::Accepted | Place::Partial => 4,
        Place::Signature | Place::Closed | Place::Unsigned => 3,
        Place::Query => 2,
        // Where PAM cannot start, sshd 9.8 and later end while the query is under way.
        Place::Disconnected if matches!(wire.query.last(), Some((_, Answer::Ended(_)))) => 2,
        Place::Method | Place::Disconnected => 1,
        _ => 0,
    };
    // A server that ends may not have read the query that was under way.
    let early = seen == Place::Disconnected && came <= 1 && wire.keys_agreed;
    if seen != expected && (step(seen) == came || early) {
        seen
    } else {
        expected
    }
}

/// Where the catalogue has a cause stop a login. `None`: at one of several places.
fn catalogued(id: &str, outcome: &Outcome) -> Option<Place> {
    let cause = sshwhy_causes::by_id(id)?;
    Some(match cause.seen {
        View::NoConnection => Place::Identification,
        View::Disconnected if outcome.wire.keys_agreed => Place::Disconnected,
        View::Disconnected => Place::KeyExchange,
        View::MethodMissing => Place::Method,
        View::QueryRefused => Place::Query,
        View::SignatureRefused => Place::Signature,
        View::ClosedAfterSignature => Place::Closed,
        View::PartialSuccess => Place::Partial,
        View::SessionEnds => Place::Session,
        View::NotOnTheWire | View::Nothing => return None,
    })
}

/// All that one run measured.
#[derive(Debug)]
pub struct Report {
    seen: Vec<Seen>,
    model: Model,
}

impl Report {
    /// Of these worlds; with `fits` by a model fitted on one half, otherwise by the built-in one.
    #[must_use]
    pub fn of(seen: Vec<Seen>, fits: bool) -> Report {
        let mut seen = seen;
        split(&mut seen, SEED);
        let half: Vec<&Seen> = seen.iter().filter(|s| s.fits).collect();
        let model = if fits {
            fit(&half)
        } else {
            Model::built_in().clone()
        };
        Report { seen, model }
    }

    /// The half that nothing was fitted on.
    fn reported(&self) -> Vec<&Seen> {
        self.seen.iter().filter(|s| !s.fits).collect()
    }

    /// The figures of the half for reporting, without questions and with three.
    #[must_use]
    pub fn scores(&self) -> (Score, Score) {
        let seen = self.reported();
        (
            Score::of(&self.model, &seen, false),
            Score::of(&self.model, &seen, true),
        )
    }

    /// The model as a file.
    #[must_use]
    pub fn fitted(&self) -> String {
        fitted(&self.model)
    }

    /// Worlds that are placed wrong, or of which something wrong is called certain, or nothing is
    /// that could be; with `all` each world with its likeliest causes.
    #[must_use]
    pub fn faults(&self, all: bool) -> String {
        let mut out = String::new();
        for s in &self.seen {
            let certain = s.certain();
            let mut why = Vec::new();
            if s.signs.place != s.place {
                why.push(format!(
                    "placed at {}, not {}",
                    s.signs.place.word(),
                    s.place.word()
                ));
            }
            for id in s.wrongly_certain() {
                why.push(format!("{id} is called certain"));
            }
            if let Some(checked) = &s.checked {
                let same = match checked.place {
                    // Whether a session is as it was asked for hangs on what was asked.
                    Place::Accepted | Place::Session => {
                        matches!(s.place, Place::Accepted | Place::Session)
                    }
                    place => place == s.place,
                };
                if !same {
                    why.push(format!(
                        "check places it at {}, not {}",
                        checked.place.word(),
                        s.place.word()
                    ));
                }
                for id in s.not_so(checked.certain.clone()) {
                    why.push(format!("check calls {id} certain"));
                }
                if s.provable() && s.place != Place::Session && checked.certain.is_empty() {
                    why.push("check calls nothing certain, and could".into());
                }
            }
            if s.provable() && certain.is_empty() {
                why.push("nothing is certain, and could be".into());
            }
            if !why.is_empty() {
                let _ = writeln!(
                    out,
                    "FAULT    {} on {}: {} ({})",
                    s.name,
                    s.on,
                    why.join("; "),
                    s.truth
                );
            } else if all {
                let list = s.list(&self.model, true);
                let at = list.iter().position(|c| c.id == s.truth);
                let top: Vec<_> = list
                    .iter()
                    .take(3)
                    .map(|c| format!("{} {:.2}", c.id, c.probability))
                    .collect();
                let answers: Vec<_> = s
                    .answers
                    .iter()
                    .filter_map(|(q, c)| Some(q.choices().get(c.0)?.word))
                    .collect();
                let log: &[String] = s.checked.as_ref().map_or(&[], |c| &c.log);
                let _ = writeln!(
                    out,
                    "{} at {at:?} of {}: {} | {} | {log:?}",
                    s.name,
                    s.truth,
                    top.join(", "),
                    answers.join(" ")
                );
            }
        }
        out
    }

    /// Every refusal is at its step, what is certain is true, and what can be certain is.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.faults(false).is_empty()
    }

    /// The figures, in a few lines.
    #[must_use]
    pub fn summary(&self) -> String {
        let mut out = String::new();
        let checked = self.seen.iter().filter(|s| s.checked.is_some()).count();
        let _ = writeln!(out, "{checked} worlds were seen by check's own probe, too");
        let whole: Vec<&Seen> = self.seen.iter().collect();
        for (name, seen) in [
            ("all worlds", &whole),
            ("the half for reporting", &self.reported()),
        ] {
            let (three, listed) = bound(&self.model, seen);
            let _ = writeln!(
                out,
                "{name}, at most without a question: first three {:.1} %, at 2 % or more {:.1} %",
                100.0 * three,
                100.0 * listed
            );
            for ask in [false, true] {
                let s = Score::of(&self.model, seen, ask);
                let asked = if ask {
                    "three questions"
                } else {
                    "no question"
                };
                let _ = writeln!(
                    out,
                    "{name}, {asked}: {} worlds, placed {}, proven {} of {}, wrongly certain {}; by how often: \
                     first three {:.1} %, at 2 % or more {:.1} %, log-loss {:.2}; each world alike: first three \
                     {:.1} %, at 2 % or more {:.1} %",
                    s.worlds,
                    s.placed,
                    s.provable.1,
                    s.provable.0,
                    s.wrongly_certain,
                    100.0 * s.first_three.0,
                    100.0 * s.listed.0,
                    s.log_loss,
                    100.0 * s.first_three.1,
                    100.0 * s.listed.1,
                );
            }
        }
        out
    }

    /// docs/ranking.md: what stands before the mark stays.
    #[must_use]
    pub fn page(&self, old: &str) -> String {
        const MARK: &str = "<!-- measured -->";
        let head = old.split(MARK).next().unwrap_or_default();
        let mut out = format!("{head}{MARK}\n");
        let (bare, asked) = self.scores();
        let _ = writeln!(out, "\n```\n{}```\n", self.summary());
        out.push_str("## Calibration\n\n| given | without a question: mean | true | with three: mean | true |\n|---|---|---|---|---|\n");
        for (n, (a, b)) in bare.curve.iter().zip(&asked.curve).enumerate() {
            let cell = |bin: &(f64, f64, f64)| {
                if bin.0 > 0.0 {
                    format!("{:.1} % | {:.1} %", bin.1 * 100.0, bin.2 * 100.0)
                } else {
                    "- | -".into()
                }
            };
            let _ = writeln!(
                out,
                "| {} to {} % | {} | {} |",
                n * 10,
                n * 10 + 10,
                cell(a),
                cell(b)
            );
        }
        out.push_str("\n## By cause\n\n| cause | cases | worlds | first three | mean probability | with three questions: first three | mean probability |\n|---|---|---|---|---|---|---|\n");
        for (id, row) in &bare.causes {
            let with = asked.causes.get(id).copied().unwrap_or_default();
            let cases = self.model.cases(id).unwrap_or(0.0);
            let _ = writeln!(
                out,
                "| {id} | {cases} | {} | {} | {:.3} | {} | {:.3} |",
                row.0, row.1, row.2, with.1, with.2
            );
        }
        out
    }
}
