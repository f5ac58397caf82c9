//! Any cause that a scenario file shows: its world in memory behind the embedded server, from the
//! refusal to the login.

use super::files;
use super::machine::Machine;
use super::show::{Said, Shown, short};
use super::written::{CONFIG, Written};
use crate::fix::{self, Planned};
use sshwhy_causes::{Seen, template};
use sshwhy_mend::guard::{Answer, Asked, Runner, guard};
use sshwhy_mend::logins::{More, Side, compare};
use sshwhy_mend::{After, Ask, Plan, plan};
use sshwhy_report::{Document, Entry, Subject, SubjectKey, text};
use sshwhy_scenario::{AttemptSpec, Case, Embedded, Ending, KeyMaterial, Scenario, Sign};
use sshwhy_verdict::{Judgement, Server, Verdict, judge};
use sshwhy_world::{Attempt, MemWorld, Software, World};
use std::collections::BTreeMap;
use std::io;

/// A cause with the case that shows it.
pub(super) struct Story {
    id: &'static str,
    /// What happened, in one line.
    title: String,
    case: Case,
    world: MemWorld,
    attempt: Attempt,
}

/// The key of an attempt: files that this program has. They are test keys, and no secret.
struct Files {
    private: Vec<u8>,
    public: Vec<u8>,
}

fn files_of(attempt: &AttemptSpec) -> Option<Files> {
    let name = attempt.key.as_deref()?;
    let file = |name: &str| Embedded.file(name).map(<[u8]>::to_vec);
    // Certificates are named for their holder, whose key is the usual one.
    let plain = match name.strip_suffix("-cert") {
        Some(base) if Embedded.file(base).is_none() => "ed25519",
        Some(base) => base,
        None => name,
    };
    Some(Files {
        private: file(plain).unwrap_or_default(),
        public: file(&format!("{name}.pub"))?,
    })
}

/// The causes that can be shown so.
pub(super) fn all() -> impl Iterator<Item = Story> {
    sshwhy_causes::all().filter_map(|cause| Story::of(cause.id))
}

impl Story {
    /// The first case of the cause's scenario that ends the login for that cause.
    pub(super) fn of(id: &str) -> Option<Story> {
        let id = sshwhy_causes::by_id(id)?.id;
        let scenario = Scenario::parse(files::of(id)?.as_bytes()).ok()?;
        let title = scenario.title.clone();
        scenario.cases.into_iter().find_map(|case| {
            let ends = matches!(case.ending, Ending::Refused | Ending::Ended);
            let dropbear = case.spec.dropbear.is_some();
            if !ends || dropbear || files_of(&case.spec.attempt).is_none() {
                return None;
            }
            let world = case.spec.world(&Embedded).ok()?;
            let attempt = case.spec.attempt.attempt(&Embedded).ok()?;
            let story = Story {
                id,
                title: title.clone(),
                case,
                world,
                attempt,
            };
            let found = story.judgement(&story.world);
            let first = found.causes.first().or(found.after_login.first());
            let named = first.is_some_and(|f| f.cause.id == id);
            (named && story.world.build.software == Software::OpenSsh).then_some(story)
        })
    }

    pub(super) fn id(&self) -> &'static str {
        self.id
    }

    pub(super) fn title(&self) -> &str {
        &self.title
    }

    fn judgement(&self, world: &dyn World) -> Judgement {
        judge(&Server::read(world, CONFIG), world, &self.attempt)
    }

    /// Whether our client can play the login, and the embedded server answers it as sshd does.
    fn is_live(&self, judgement: &Judgement) -> bool {
        let spec = &self.case.spec.attempt;
        let key = spec.key.as_deref().unwrap_or_default();
        let plays = spec.sign == Sign::Good
            && spec.algorithms.is_empty()
            // On a query a certificate looks like its plain key to russh; tokens are not here.
            && !key.ends_with("-cert")
            && !key.starts_with("sk-")
            && !key.starts_with("dsa");
        let answers = judgement.first().is_none_or(|f| {
            matches!(
                f.cause.seen,
                Seen::QueryRefused | Seen::SignatureRefused | Seen::SessionEnds
            )
        });
        plays && answers
    }

    /// Plays it, with the client's files in the folder of `machine`.
    pub(super) fn play(&self, machine: &Machine) -> io::Result<Shown> {
        let ends = (self.attempt.from.clone(), self.attempt.to);
        let host = Written::start(self.world.clone(), ends)?;
        let judgement = self.judgement(&self.world);
        let live = self.is_live(&judgement) && self.hand_out_keys(machine)?;
        let user = String::from_utf8_lossy(&self.attempt.user).into_owned();
        let target = format!("{user}@{}", host.address()?);
        let before = match live {
            true => machine.check(&target, "id")?,
            false => Said::of("(no client here can play this login; the engine's answer follows)"),
        };
        let judged = host.seen().map_or(judgement, |seen| seen.judgement);
        let diagnosis = self.audit(&user, &judged)?;
        let mended = self.mend(&host, &user, &judged)?;
        let after = match live {
            true => machine.check(&target, "id")?,
            false => {
                let now = host.with(|world| self.judgement(world));
                match now {
                    Some(now) => self.audit(&user, &now)?,
                    None => Said::of("(the same again)"),
                }
            }
        };
        let seen = judged.first().or(judged.after_login.first());
        let (openssh, putty) = words(seen.map_or(Seen::Nothing, |f| f.cause.seen));
        Ok(Shown {
            id: self.id,
            kind: "from its scenario",
            story: self.title.clone(),
            openssh,
            putty,
            before,
            diagnosis,
            mended,
            after,
        })
    }

    /// The client's files. `false`: a private half is not there.
    fn hand_out_keys(&self, machine: &Machine) -> io::Result<bool> {
        let Some(files) = files_of(&self.case.spec.attempt) else {
            return Ok(false);
        };
        if files.private.is_empty() {
            return Ok(false);
        }
        machine.secret("id", &files.private)?;
        std::fs::write(machine.client("id.pub"), &files.public)?;
        Ok(true)
    }

    /// What the administrator sees.
    fn audit(&self, user: &str, judgement: &Judgement) -> io::Result<Said> {
        let key = self.attempt.key.as_ref();
        let entry = Entry {
            subject: Subject {
                user: Some(self.attempt.user.clone()),
                key: key.map(|key| SubjectKey {
                    key_type: key.type_name().to_vec(),
                    fingerprint: match &key.key {
                        Ok(k) => k.fingerprint(),
                        Err(_) => sshwhy_keys::fingerprint::sha256(&key.blob),
                    },
                    source: b"id.pub".to_vec(),
                    comment: Vec::new(),
                }),
                from: Some(self.attempt.from.addr),
                ..Subject::default()
            },
            judgement: judgement.clone(),
            observed: false,
            count: 1,
        };
        let document = Document {
            command: "audit",
            server: None,
            results: vec![entry],
        };
        let code = document.exit_code();
        let mut out = Vec::new();
        text::render(&document, text::Detail { verbose: false }, &mut out)?;
        let from = self.attempt.from.addr;
        let command = format!("sshwhy audit --user {user} --key id.pub --from {from}");
        Ok(said(command, code, &out))
    }

    /// Plans, shows the plan and makes the changes; where people have to decide, they do.
    fn mend(&self, host: &Written, user: &str, judgement: &Judgement) -> io::Result<Said> {
        let world = host.base();
        let attempts = [self.attempt.clone()];
        let ask = |allow_weakening| {
            plan(&Ask {
                world: &world,
                config: CONFIG,
                attempts: &attempts,
                key_named: true,
                allow_weakening,
            })
        };
        let mut command = format!("sshwhy fix --user {user} --key id.pub");
        let (mut made, mut weakening) = (ask(false), false);
        if !made.accepts && !made.ask.is_empty() {
            let leave = ask(true);
            if leave.accepts {
                (made, weakening) = (leave, true);
                command.push_str(" --allow-weakening");
            }
        }
        let planned = planned(&world, &made, &attempts, judgement, weakening);
        let mut out = Vec::new();
        fix::text::render(&planned, &world, &mut out)?;
        let mut shown = said(command, u8::from(!made.accepts), &out);
        if made.accepts && judgement.verdict == Verdict::Refuse {
            host.change(&made.changes);
            return Ok(shown);
        }
        let causes = judgement.causes.iter().chain(&judgement.after_login);
        let mends: Vec<_> = causes.flat_map(|f| f.mend.iter().cloned()).collect();
        if !mends.is_empty() {
            host.mend(mends);
            let line = "(people do what the first help says)";
            shown.lines.push(line.to_owned());
        }
        Ok(shown)
    }
}

fn said(command: String, status: u8, out: &[u8]) -> Said {
    let plain = anstream::adapter::strip_bytes(out).into_vec();
    let text = String::from_utf8_lossy(&plain).into_owned();
    Said {
        command,
        status: i32::from(status),
        lines: text.lines().filter(|l| !l.is_empty()).map(short).collect(),
    }
}

/// What the two clients say (OpenSSH 9.2, PuTTY 0.78).
fn words(seen: Seen) -> (&'static str, &'static str) {
    match seen {
        Seen::NoConnection => (
            "no connection, or it is closed at once",
            "Network error, or: Remote side unexpectedly closed network connection",
        ),
        Seen::Disconnected | Seen::ClosedAfterSignature => (
            "Connection closed by 192.0.2.1 port 22",
            "Remote side unexpectedly closed network connection",
        ),
        Seen::MethodMissing => (
            "Permission denied (password).",
            "No supported authentication methods available (server sent: password)",
        ),
        Seen::QueryRefused => ("Permission denied (publickey).", "Server refused our key"),
        Seen::SignatureRefused => (
            "Permission denied (publickey).",
            "Server refused public-key signature despite accepting key!",
        ),
        Seen::PartialSuccess => (
            "Authenticated using \"publickey\" with partial success.",
            "Further authentication required",
        ),
        Seen::SessionEnds => (
            "(let in, and the session is not what was asked for)",
            "(let in, and the session is not what was asked for)",
        ),
        Seen::NotOnTheWire | Seen::Nothing => ("(nothing)", "(nothing)"),
    }
}

/// The plan with what is said about it.
fn planned(
    world: &MemWorld,
    plan: &Plan,
    attempts: &[Attempt],
    judgement: &Judgement,
    allow_weakening: bool,
) -> Planned {
    let (answer, logins) = guarded(world, plan, attempts, allow_weakening);
    let mut titles = BTreeMap::new();
    for finding in &judgement.causes {
        if let Some(title) = template::sentence(finding.cause.title, &finding.args) {
            titles.entry(finding.cause.id).or_insert(title);
        }
    }
    Planned {
        plan: plan.clone(),
        answer,
        subjects: fix::subjects(attempts),
        titles,
        attempts: attempts.to_vec(),
        build: world.build.clone(),
        config: CONFIG.to_vec(),
        logins,
        silent: false,
    }
}

fn guarded(
    world: &MemWorld,
    plan: &Plan,
    attempts: &[Attempt],
    allow_weakening: bool,
) -> (Answer, usize) {
    if plan.is_empty() {
        return (Answer::default(), 0);
    }
    let server = Server::read(world, CONFIG);
    let mut after = After::of(world, &plan.changes);
    after.reload();
    let new = Server::read(&after, CONFIG);
    let more = More {
        users: attempts.iter().map(|a| a.user.clone()).collect(),
        keys: attempts
            .iter()
            .filter_map(|a| Some((a.user.clone(), a.key.clone()?)))
            .collect(),
        peers: attempts.iter().map(|a| a.from.clone()).collect(),
        ..More::default()
    };
    let before = Side {
        world,
        server: &server,
    };
    let behind = Side {
        world: &after,
        server: &new,
    };
    let changes = compare(before, behind, &more);
    let asked = Asked {
        logins: attempts,
        from_anywhere: true,
    };
    (
        guard(&changes, asked, &Runner::default(), allow_weakening),
        changes.logins,
    )
}
